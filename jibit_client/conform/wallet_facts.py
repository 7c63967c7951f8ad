"""State what the client and the sandbox assume about the wallet gateway without being sure."""

from __future__ import annotations

from typing import Final

from .facts import Fact, Judge, Observations, tells_nothing
from .judging import (
    NEEDS_PAYMENT,
    NEEDS_TIME,
    in_both_languages,
    not_with_status,
    refused,
    unseen,
    with_status,
)
from .wire import Answer

BLOCKING: Final = frozenset[str]()


def _order_in(answer: Answer) -> dict[str, object]:
    """Return the fields of an inquiry, flat or in its envelope."""
    result = answer.body.get("result")
    return {**answer.body, **(result if isinstance(result, dict) else {})}


def _inquiry_has_both_shapes(seen: Observations) -> str | None:
    body = seen.success("inquiry").body
    flat, enveloped = "statusV" in body, isinstance(body.get("result"), dict)
    if flat and enveloped:
        return None
    return "flat alone" if flat else "enveloped alone" if enveloped else "neither"


def _status_is(name: str, *statuses: str) -> Judge:
    def judge(seen: Observations) -> str | None:
        status = _order_in(seen.success(name)).get("statusV")
        return None if status in statuses else f"statusV is {seen.shown(repr(status))}"

    return judge


def _merchant_is_known(seen: Observations) -> str | None:
    answer = seen.answer("create")
    return None if answer.ok else answer.said


def _a_known_merchant_is(judge: Judge) -> Judge:
    """Judge only if our merchant is known: an unknown one is refused before any field is read."""

    def judge_if_known(seen: Observations) -> str | None:
        seen.success("create")
        return judge(seen)

    return judge_if_known


def _reference_may_be_used_again(seen: Observations) -> str | None:
    answer = seen.answer("same_reference")
    if answer.status == 401:
        raise tells_nothing(answer)
    return None if answer.ok else answer.said


# fmt: off
FACTS: Final = (
    Fact("Token", "two_pairs", "M", "A new pair leaves an earlier one alive", not_with_status("first_pair", 401)),
    Fact("Token", "old_access", "M", "After a refresh the old access token is dead", with_status("old_access", 401)),
    Fact("Token", "used_refresh", "M", "A used refresh token is refused, HTTP 401", with_status("used_refresh", 401)),
    Fact("Errors", "wrong_keys", "M", "A wrong password is errorCode 401, HTTP 401", refused("wrong_keys", 401, "401")),
    Fact("Errors", "no_token", "M", "A call without a token is errorCode 401, HTTP 401", refused("no_token", 401, "401")),
    Fact("Errors", "dead_token", "M", "A dead token is errorCode 401, HTTP 401", refused("dead_token", 401, "401")),
    Fact("Errors", "wrong_field", "L", "A wrong field is errorCode 400, HTTP 400", _a_known_merchant_is(refused("no_amount_in_english", 400, "400"))),
    Fact("Errors", "unknown_path", "L", "An unknown address is errorCode 404, HTTP 404", refused("unknown_path", 404, "404")),
    Fact("Errors", "message_language", "L", "Messages follow Accept-Language", in_both_languages("no_amount_in_english", "no_amount_in_persian")),
    Fact("Order Initiate", "merchant", "M", "The merchant is known and active", _merchant_is_known),
    Fact("Order Initiate", "reused_reference", "L", "A merchantOrderId may be used again", _reference_may_be_used_again),
    Fact("Callback", "callback", "L", "The browser comes back with GET, orderId and status", unseen(NEEDS_PAYMENT)),
    Fact("Verify", "verify_unpaid", "L", "Verifying what nobody paid is errorCode 409, HTTP 409", refused("verify", 409, "409")),
    Fact("Verify", "verify_changes_nothing", "L", "Verifying what nobody paid changes nothing", _status_is("inquiry_after_verify", "INITIAL", "PGENTRY")),
    Fact("Verify", "verify_again", "L", "Verifying a second time succeeds again", unseen(NEEDS_PAYMENT)),
    Fact("Verify", "expiry", "L", "An order is cancelled when its minutes are over, not later", unseen(NEEDS_TIME)),
    Fact("Verify", "minutes", "M", "An order is cancelled after 15 minutes, not 30", unseen(NEEDS_TIME)),
    Fact("Inquiry", "inquiry_shape", "M", "The inquiry is flat and enveloped at once", _inquiry_has_both_shapes),
    Fact("Inquiry", "unknown_order", "L", "An unknown order is errorCode 404, HTTP 404", refused("unknown_id", 404, "404")),
    Fact("Inquiry", "new_order", "M", "A new order is INITIAL", _status_is("inquiry", "INITIAL")),
)
# fmt: on
