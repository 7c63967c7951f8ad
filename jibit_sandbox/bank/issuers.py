"""The banks that issue cards, by the first six digits of a card number."""

from __future__ import annotations

from jibit_sandbox.i18n.translations import gettext_noop as _

BANKS = {
    "603799": _("Bank Melli Iran"),
    "589210": _("Bank Sepah"),
    "610433": _("Bank Mellat"),
    "627353": _("Tejarat Bank"),
    "603769": _("Bank Saderat Iran"),
    "622106": _("Parsian Bank"),
    "502229": _("Bank Pasargad"),
    "621986": _("Saman Bank"),
    "628023": _("Bank Maskan"),
    "603770": _("Keshavarzi Bank"),
    "589463": _("Refah Bank"),
    "627412": _("EN Bank"),
    "636214": _("Ayandeh Bank"),
    "627488": _("Karafarin Bank"),
    "639346": _("Sina Bank"),
    "502806": _("City Bank"),
    "502938": _("Day Bank"),
    "627760": _("Post Bank of Iran"),
    "502908": _("Tosee Taavon Bank"),
    "627961": _("Bank of Industry and Mine"),
    "627648": _("Export Development Bank"),
    "505785": _("Iran Zamin Bank"),
    "606373": _("Mehr Iran Bank"),
    # Ansar, Ghavamin, Kosar, Hekmat Iranian and Mehr Eqtesad became branches of Bank Sepah.
    "627381": _("Bank Sepah"),
    "639599": _("Bank Sepah"),
    "505801": _("Bank Sepah"),
    "636949": _("Bank Sepah"),
    "639370": _("Bank Sepah"),
    # second prefixes, and institutions with one card
    "991975": _("Bank Mellat"),
    "585983": _("Tejarat Bank"),
    "627884": _("Parsian Bank"),
    "639194": _("Parsian Bank"),
    "639347": _("Bank Pasargad"),
    "639217": _("Keshavarzi Bank"),
    "504706": _("City Bank"),
    "207177": _("Export Development Bank"),
    "504172": _("Resalat Bank"),
    "639607": _("Sarmayeh Bank"),
    "628157": _("Tosee Credit Institution"),
    "606256": _("Melal Credit Institution"),
    "507677": _("Noor Credit Institution"),
    "636795": _("Central Bank of Iran"),
}


def bank_of(card_number: str) -> str | None:
    """Return the bank's name, to be translated; None if no bank has this prefix."""
    return BANKS.get(card_number[:6])
