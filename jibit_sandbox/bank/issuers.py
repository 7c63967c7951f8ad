"""The banks that issue cards, by the first six digits of a card number."""

from __future__ import annotations

# By prefix, the name in Persian and in English.
BANKS = {
    "603799": ("بانک ملی ایران", "Bank Melli Iran"),
    "589210": ("بانک سپه", "Bank Sepah"),
    "610433": ("بانک ملت", "Bank Mellat"),
    "627353": ("بانک تجارت", "Tejarat Bank"),
    "603769": ("بانک صادرات ایران", "Bank Saderat Iran"),
    "622106": ("بانک پارسیان", "Parsian Bank"),
    "502229": ("بانک پاسارگاد", "Bank Pasargad"),
    "621986": ("بانک سامان", "Saman Bank"),
    "628023": ("بانک مسکن", "Bank Maskan"),
    "603770": ("بانک کشاورزی", "Keshavarzi Bank"),
    "589463": ("بانک رفاه کارگران", "Refah Bank"),
    "627412": ("بانک اقتصاد نوین", "EN Bank"),
    "636214": ("بانک آینده", "Ayandeh Bank"),
    "627488": ("بانک کارآفرین", "Karafarin Bank"),
    "639346": ("بانک سینا", "Sina Bank"),
    "502806": ("بانک شهر", "City Bank"),
    "502938": ("بانک دی", "Day Bank"),
    "627760": ("پست بانک ایران", "Post Bank of Iran"),
    "502908": ("بانک توسعه تعاون", "Tosee Taavon Bank"),
    "627961": ("بانک صنعت و معدن", "Bank of Industry and Mine"),
    "627648": ("بانک توسعه صادرات", "Export Development Bank"),
    "505785": ("بانک ایران زمین", "Iran Zamin Bank"),
    "606373": ("بانک قرض‌الحسنه مهر ایران", "Mehr Iran Bank"),
}


def bank_of(card_number: str, language: str) -> str | None:
    """Return the bank's name in that language; None if no bank has this prefix."""
    names = BANKS.get(card_number[:6])
    return names[0 if language == "fa" else 1] if names else None
