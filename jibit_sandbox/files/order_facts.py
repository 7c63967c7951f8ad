"""What an order is when nothing is said: the defaults of an order that is made by hand."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from jibit_sandbox.bank.cards import PAYING_CARD
from jibit_sandbox.bank.orders import State
from jibit_sandbox.bank.wallets import is_mobile
from jibit_sandbox.core.context import Work, sandbox, wire_named
from jibit_sandbox.core.errors import Conflict
from jibit_sandbox.core.worlds import expiry_delay
from jibit_sandbox.files.fields import Fields
from jibit_sandbox.gateways.wallet.api import seconds_until_cancelled
from jibit_sandbox.i18n.translations import gettext_noop as _
from jibit_sandbox.web.json_requests import LARGEST_AMOUNT
from jibit_sandbox.web.redaction import mask_card

AMOUNT = 250_000
MOBILE = "09121234567"
CALLBACK = "https://shop.example/callback"
CURRENCIES = {"ppg": ("RIALS", "TOMAN"), "ppg_v3": ("IRR",), "wallet": ("RIALS",)}
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
NUMBER = re.compile(r"[1-9][0-9]{0,17}")
WHOLE = re.compile(r"-?[0-9]{1,19}")
IDENTIFIERS = {"ppg": re.compile(r"[A-Za-z0-9]{1,32}"), "ppg_v3": NUMBER}
SAYS = {"ppg": "1 to 32 letters and digits", "ppg_v3": "a text of 1 to 18 digits"}
BY_CARD = ("ppg", "ppg_v3")
WITH_MONEY = {State.PAID, State.CAPTURED, State.UNKNOWN, State.MANUALLY_CAPTURED, State.REVERSED}
CREATED, PAID = _("created by the merchant"), _("paid at the bank's page")
CAPTURED, FAILED = _("verified by the merchant"), _("declined by the bank")
BY_HAND = _("settled by hand at the gateway")
WAYS = {  # how an order comes to a state, with the reason of each step
    State.AWAITING: ((State.AWAITING, CREATED),),
    State.PAID: ((State.AWAITING, CREATED), (State.PAID, PAID)),
    State.CAPTURED: ((State.AWAITING, CREATED), (State.PAID, PAID), (State.CAPTURED, CAPTURED)),
    State.FAILED: ((State.AWAITING, CREATED), (State.FAILED, FAILED)),
    State.EXPIRED: ((State.AWAITING, CREATED), (State.EXPIRED, _("nobody paid in time"))),
    State.UNKNOWN: (
        *((State.AWAITING, CREATED), (State.PAID, PAID)),
        (State.UNKNOWN, _("the PSP does not say whether this was paid")),
    ),
    State.MANUALLY_CAPTURED: (
        *((State.AWAITING, CREATED), (State.FAILED, FAILED)),
        (State.MANUALLY_CAPTURED, BY_HAND),
    ),
    State.REVERSED: (
        *((State.AWAITING, CREATED), (State.PAID, PAID), (State.CAPTURED, CAPTURED)),
        (State.REVERSED, _("reversed by the merchant")),
    ),
}


def defaults(work: Work, gateway: str, state: State, given: dict[str, Any], at: datetime) -> Any:
    """Return every column of the order; ``at`` is when it came to its state."""
    lives = timedelta(seconds=lifetime(work, gateway))
    created_at = given.get("created_at", at - lives if state == State.EXPIRED else at)
    currency = given.get("currency", CURRENCIES[gateway][0])
    amount = given.get("amount", AMOUNT)
    is_card = gateway in BY_CARD and state in WITH_MONEY
    identifier = given.get("identifier") or wire_named(gateway).new_identifier(work.world)
    return {
        "identifier": identifier,
        "amount": amount,
        "currency": currency,
        "amount_rials": amount * 10 if currency == "TOMAN" else amount,
        "reference_number": f"MADE-{identifier}",
        "user_identifier": MOBILE,
        "callback_url": CALLBACK,
        "payer_card": mask_card(PAYING_CARD.number) if is_card else None,
        "created_at": created_at,
        "modified_at": max(at, created_at),
        "expires_at": created_at + lives,
    } | given


def lifetime(work: Work, gateway: str) -> int:
    """Return for how many seconds a new order can be paid and verified."""
    return (
        seconds_until_cancelled(work) if gateway == "wallet" else sandbox().settings.order_seconds
    )


def check(work: Work, fields: Fields, facts: dict[str, Any]) -> None:
    """Raise ControlError for a value that this gateway's orders cannot have."""
    gateway, kind = facts["gateway"], "ppg_v3" if facts["gateway"] == "ppg_v3" else "ppg"
    wrong = {
        ("identifier", SAYS[kind]): not IDENTIFIERS[kind].fullmatch(facts["identifier"]),
        ("amount", f"at most {LARGEST_AMOUNT}"): facts["amount"] > LARGEST_AMOUNT,
        ("currency", " or ".join(CURRENCIES[gateway])): facts["currency"]
        not in CURRENCIES[gateway],
        ("callback_url", "an address like https://shop.example/callback"): not is_address(
            facts["callback_url"]
        ),
        ("user_identifier", f"a mobile number like {MOBILE}"): gateway == "wallet"
        and not is_mobile(facts["user_identifier"]),
        ("reference_number", "digits, as reference_is_number is true"): bool(
            facts.get("reference_is_number") and not WHOLE.fullmatch(facts["reference_number"])
        ),
    }
    for (name, says), is_wrong in wrong.items():
        if is_wrong:
            raise fields.wrong(name, says)
    check_time(work, fields, facts)


def check_time(work: Work, fields: Fields, facts: dict[str, Any]) -> None:
    """Raise Conflict for an order that the gateway would let expire at once."""
    ends = facts["expires_at"] + expiry_delay(work.world)
    if facts["state"] in (State.AWAITING, State.PAID) and ends <= work.now:
        raise Conflict(
            f"{fields.place('state')}: an order that is {facts['state']} cannot be so old: it would"
            f" have expired at {ends:%Y-%m-%dT%H:%M:%SZ}. Make it younger, give it a later"
            " expires_at, or the state expired"
        )


def is_address(url: str) -> bool:
    try:
        return SCHEME.fullmatch(url) is not None and urlsplit(url).scheme != ""
    except ValueError:
        return False
