"""Labels of stored values: states, gateways, sources of behaviours, fates of requests."""

from __future__ import annotations

from collections.abc import Mapping

from jibit_sandbox.i18n.translations import gettext_noop as _

state: Mapping[str, str] = {
    "awaiting": _("awaiting"),
    "paid": _("paid"),
    "captured": _("captured"),
    "failed": _("failed"),
    "expired": _("expired"),
    "unknown": _("unknown"),
    "manually_captured": _("captured by hand"),
    "reversed": _("reversed"),
}
order_title: Mapping[str, str] = {
    "awaiting": _("Awaiting payment"),
    "paid": _("Paid"),
    "captured": _("Paid and verified"),
    "failed": _("The payment failed"),
    "expired": _("The time to pay is over"),
    "unknown": _("The bank has not said whether this was paid"),
    "manually_captured": _("Paid, as was found out later"),
    "reversed": _("The money was returned to the payer"),
}
gateway: Mapping[str, str] = {
    "ppg": _("Card"),
    "ppg_v3": _("Card (v3)"),
    "wallet": _("Wallet"),
}
source: Mapping[str, str] = {
    "header": _("by header"),
    "order": _("for this order"),
    "next calls": _("for the next calls"),
    "world": _("for this merchant"),
    "chaos": _("by chaos"),
    "test card": _("by test card"),
}
kill: Mapping[str, str] = {
    "now": _("at any moment"),
    "commit": _("just before a commit"),
    "call": _("just before a call to the gateway"),
    "answer": _("an answer had come and was not stored"),
}
clock: Mapping[str, str] = {
    "real": _("real"),
    "frozen": _("frozen"),
    "accelerated": _("accelerated"),
}
fates: Mapping[str, str] = {
    "answered": _("answered"),
    "being answered": _("being answered"),
    "never answered": _("never answered"),
    "answer lost": _("answer lost"),
    "cut in the body": _("cut in the body"),
    "callback withheld": _("callback withheld"),
}


def fate_of(fate: str) -> str:
    """Return the fate's label; any other one is a callback that was not delivered."""
    return fates.get(fate, _("not delivered"))
