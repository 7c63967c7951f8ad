"""What a shop should have lived through before real money comes: one row for each rehearsal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

USUAL, SHORT_WINDOWS, STEPPED_CLOCK = "usual", "short windows", "stepped clock"
REFUNDING = "refunding"  # the usual shop once more, whose gateway's clock moves by hours
# Seconds, in short windows. A gap of a quarter of SETTLE_AFTER breaks a series of SUCCESS, and on a
# busy machine the worker asks every two seconds.
WINDOW, EXPIRY_LATE, SETTLE_AFTER = 6, 5, 20


@dataclass(frozen=True, slots=True)
class Trouble:
    """A behaviour of the sandbox for the next ``times`` calls; None: until the shopper is done."""

    name: str
    operation: str | None = None
    times: int | None = 1
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A way to buy, with trouble while checking out or from the bank's page on.

    ``ending`` is what the shopper does at the bank; ``here`` and ``there`` are the states that
    the last payment must end in, in our ledger and in the gateway's; ``here_by_wallet`` where the
    wallet's word for it is another one. ``card_alone`` says in a word why the wallet cannot do it.
    ``switches`` are how the gateway reads its document meanwhile; ``place`` is the shop in which it
    is played: with the usual windows, with short ones, or with a worker whose clock is set back.
    """

    name: str
    ending: str = "pay"
    at_checkout: tuple[Trouble, ...] = ()
    at_bank: tuple[Trouble, ...] = ()
    here: str = "paid"
    there: str = "captured"
    here_by_wallet: str | None = None
    card_alone: str = ""
    switches: Mapping[str, object] = field(default_factory=dict)
    place: str = USUAL

    def ends(self, gateway: str) -> tuple[str, str]:
        """Where the last payment must end at this gateway: in our ledger, and in theirs."""
        by_wallet = self.here_by_wallet if gateway == "wallet" else None
        return by_wallet or self.here, self.there


CARD_ALONE = {
    "inquiry_unknown": "no such word",  # the wallet's six statuses know no doubt
    "inquiry_other_currency": "only Rials",
    "callback_other_amount": "no amount told",
    "far_future_date": "no dates",
}


def _checkout(trouble: str) -> Scenario:
    return Scenario(f"create: {trouble}", at_checkout=(Trouble(trouble, "create"),))


def _answer(operation: str, trouble: str) -> Scenario:
    at_bank = (Trouble(trouble, operation),)
    card_alone = CARD_ALONE.get(trouble, "")
    return Scenario(f"{operation}: {trouble}", at_bank=at_bank, card_alone=card_alone)


def _callback(trouble: str) -> Scenario:
    at_bank = (Trouble(trouble, "pay"),)
    card_alone = CARD_ALONE.get(trouble, "")
    return Scenario(trouble.replace("_", " ", 1), at_bank=at_bank, card_alone=card_alone)


ENDINGS = (
    Scenario("pays"),
    Scenario("pays and vanishes", "vanish"),
    Scenario("declined", "decline", here="failed", there="failed", here_by_wallet="expired"),
    Scenario("cancels at the gateway", "cancel", here="failed", there="failed"),
    Scenario("walks away", "walk away", here="expired", there="expired"),
    Scenario("declined, then pays again", "decline, pay"),
    Scenario("forges a success, pays nothing", "forge", here="expired", there="expired"),
    Scenario("pays, callback repeated five times", "pay five times"),
)
CREATE = (
    *("reset", "reset_after_commit", "error_500", "error_500_after_commit", "bad_gateway"),
    *("truncated_json", "wrong_types", "json_list", "redirect", "hang"),
)
INQUIRY = (
    *("reset", "error_500", "bad_gateway", "truncated_body", "json_list", "no_fields"),
    *("unknown_status", "inquiry_unknown", "too_many_requests", "inquiry_other_amount"),
    *("inquiry_other_currency", "inquiry_other_reference"),
)
VERIFY = (
    *("reset", "reset_after_commit", "error_500", "error_500_after_commit", "truncated_json"),
    *("hang_after_commit", "delay", "verify_unknown", "verify_unknown_after_commit"),
    *("verify_failed", "verify_failed_after_commit", "unknown_status"),
)
CALLBACKS = (
    *("callback_missing", "callback_twice", "callback_parallel", "callback_other_order"),
    *("callback_other_amount", "callback_other_state"),
)
LASTING = (
    Scenario(
        "another amount for good: the money is returned",
        at_bank=(Trouble("inquiry_other_amount", "inquiry", None),),
        here="expired",
        there="expired",
    ),
    Scenario("tokens expired", at_bank=(Trouble("token_expired"),)),
    Scenario("tokens revoked", at_bank=(Trouble("token_revoked"),)),
    Scenario("refresh refused", at_bank=(Trouble("refresh_refused"), Trouble("token_expired"))),
    Scenario(
        "tokens refused once, and dead",
        at_bank=(Trouble("generate_refused", "generate"), Trouble("token_revoked")),
    ),
)
ODD = ("far_future_date", "overlong_fields", "odd_fields", "hostile_texts")
OVERLONG_ADDRESS = {"field": "pspSwitchingUrl", "value": "https://pay.example/" + "x" * 5000}
CONTENTS = (
    *(
        Scenario(
            f"inquiry: {odd} for good",
            at_bank=(Trouble(odd, "inquiry", None),),
            card_alone=CARD_ALONE.get(odd, ""),
        )
        for odd in ODD
    ),
    Scenario(
        "create: an address of 5,000 letters",
        at_checkout=(Trouble("set_field", "create", 1, OVERLONG_ADDRESS),),
        card_alone="other field",
    ),
)
LATE: Mapping[str, object] = {"paid_inquiry": "SUCCESS", "expiry_late": EXPIRY_LATE}
TIME = (
    Scenario(
        "late expiry, nobody could verify in time",
        "vanish, wait",
        at_bank=(Trouble("reset", "verify", None),),
        here="expired",
        there="expired",
        switches=LATE,
        place=SHORT_WINDOWS,
    ),
    Scenario(
        "late expiry, the capture's answer was lost",
        "vanish, wait",
        at_bank=(Trouble("reset_after_commit", "verify"),),
        switches={**LATE, "verify_again": "Failed"},
        place=SHORT_WINDOWS,
    ),
    Scenario("worker's clock set back by an hour", "clock back, vanish", place=STEPPED_CLOCK),
)

SCENARIOS = (
    *ENDINGS,
    *map(_checkout, CREATE),
    *(_answer("inquiry", trouble) for trouble in INQUIRY),
    *(_answer("verify", trouble) for trouble in VERIFY),
    *map(_callback, CALLBACKS),
    *LASTING,
    *CONTENTS,
    *TIME,
)
