"""Say in words what the payment engine names: why no answer came, what differs, which discrepancy.

A gateway's own words and codes are not translated: its support asks for them as they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from payment_engine.discrepancies import Kind

_NOT_REACHED = _("it was not reached")
_TOO_LATE = _("no answer came")
_UNREADABLE = _("its answer could not be read")
_REFUSED = _("it refused")

ANSWERS: Mapping[str, Any] = {
    "NotConnected": _NOT_REACHED,
    "NotSent": _NOT_REACHED,
    "NoTurn": _("too many others were asking it"),
    "TimedOut": _TOO_LATE,
    "NoAnswer": _TOO_LATE,
    "ConnectionLost": _("the connection was lost"),
    "Unintelligible": _UNREADABLE,
    "Unreadable": _UNREADABLE,
    "ServerFailed": _("it had an error of its own"),
    "InvalidRequest": _REFUSED,
    "Refused": _REFUSED,
    "NotAuthenticated": _("it did not accept the login"),
    "NotExecuted": _("it did not accept the login"),
    "CredentialsRefused": _("it did not accept the shop's keys"),
    "NotFound": _("it does not know the payment"),
    "TooManyRequests": _("it was asked too often"),
    "CannotBeKnown": _("it has no way to tell"),
}
FACTS: Mapping[str, Any] = {
    "gateway_payment_id": _("the gateway's number of the payment"),
    "reference": _("our reference"),
    "currency": _("the currency"),
    "amount_rials": _("the amount"),
    "payer_card": _("the card"),
}
DISCREPANCY_KINDS: Mapping[str, Any] = {
    Kind.PAID_THERE_NOT_HERE: _("Paid at the gateway, not here"),
    Kind.PAID_HERE_NOT_THERE: _("Paid here, not at the gateway"),
    Kind.OVER_THERE_OPEN_HERE: _("Over at the gateway, open here"),
    Kind.AMOUNT_DIFFERS: _("The amounts differ"),
    Kind.CURRENCY_DIFFERS: _("The currencies differ"),
    Kind.REFERENCE_DIFFERS: _("The references differ"),
    Kind.UNKNOWN_HERE: _("The gateway has it, this shop does not"),
    Kind.MISSING_THERE: _("This shop has it, the gateway does not"),
    Kind.DUPLICATED_REFERENCE: _("The gateway has it twice"),
    Kind.UNREADABLE_ROW: _("The gateway's entry cannot be read"),
    Kind.CONTRADICTED_THERE: _("The gateway contradicts itself"),
}


def of_error(error: Mapping[str, Any]) -> str:
    """Return why no good answer came, with what the gateway's support will ask for."""
    facts = (error.get("http_status"), *error.get("codes", ()), error.get("fingerprint"))
    known = ", ".join(str(fact) for fact in facts if fact)
    said = str(ANSWERS.get(error["answer"]) or error.get("reason") or error["answer"])
    return f"{said} ({known})" if known else said


def of_fact(name: str) -> str:
    """Return what a fact is called in which the gateway's answer differs from ours."""
    return str(FACTS.get(name, name.replace("_", " ")))
