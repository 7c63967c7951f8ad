"""The catalogue of behaviours: name, effect, the calls they apply to, and their parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jibit_sandbox.behaviours import callbacks, effects, odd_contents, purchases
from jibit_sandbox.behaviours import response_edits as edits
from jibit_sandbox.behaviours.effects import (
    After,
    Before,
    Edit,
    editing_fields,
    nothing_after,
    nothing_before,
)
from jibit_sandbox.behaviours.endless_list import endless

TOKEN_CALLS = ("generate", "refresh")
ORDER_CALLS = ("create", "verify", "inquiry", "list")
V3_CALLS = (  # what only PPG v3 has
    *("reverse", "refund", "refund_inquiry", "refund_verify", "refund_retry", "refund_cancel"),
    *("refund_start", "histories", "balances", "terminals", "settlements", "health", "fee"),
)
CALLS_WITH_TOKEN = ORDER_CALLS + V3_CALLS
API_CALLS = TOKEN_CALLS + CALLS_WITH_TOKEN
PAGE_CALLS = ("payment_page", "pay")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One entry of the catalogue.

    ``before`` runs ahead of the call and may answer in its place; ``after`` gets the response.
    ``usual`` are the operations it applies to when none is named; ``fits`` all that may be named.
    Without ``commits`` the call is processed and then rolled back: a response, but no change.
    The type of a parameter's default is the type it takes: text, a number, or any JSON value where
    the default is an object.
    """

    name: str
    description: str
    before: Before = nothing_before
    after: After = nothing_after
    usual: tuple[str, ...] = API_CALLS
    fits: tuple[str, ...] = API_CALLS + PAGE_CALLS
    parameters: Mapping[str, Any] = field(default_factory=dict)
    commits: bool = True


def response_edit(
    name: str,
    description: str,
    edit: Edit,
    calls: tuple[str, ...],
    *,
    commits: bool = True,
    **set_: Any,
) -> Behaviour:
    """Return a behaviour that only changes the content of a successful response."""
    return Behaviour(
        name,
        description,
        after=editing_fields(edit),
        usual=calls,
        fits=calls,
        parameters=set_,
        commits=commits,
    )


SECONDS = {"seconds": 2}
HELD = {"seconds": 60}

BEFORE_COMMIT = (
    Behaviour(
        "delay", "answers late; nothing happens until then", effects.delay, parameters=SECONDS
    ),
    Behaviour("hold", "waits until it is released, then goes on", effects.hold, parameters=HELD),
    Behaviour("hang", "never answers, and nothing happens", effects.hang, parameters=HELD),
    Behaviour("reset", "the connection is reset; nothing has happened", effects.reset),
    Behaviour(
        "error_500", "500 service.internal_error; nothing has happened", effects.failing(500)
    ),
    Behaviour("bad_gateway", "502 with an HTML body; nothing has happened", effects.bad_gateway),
    Behaviour(
        "too_many_requests", "429 with Retry-After", effects.too_many_requests, parameters=SECONDS
    ),
    Behaviour(
        "redirect",
        "302 to somewhere else",
        effects.redirect_elsewhere,
        parameters={"location": "https://elsewhere.example/"},
    ),
)

AFTER_COMMIT = (
    Behaviour(
        "delay_after_commit",
        "everything happens at once, the answer is late",
        after=effects.delayed,
        parameters=SECONDS,
    ),
    Behaviour(
        "hold_after_commit",
        "everything happens, the answer waits until it is released",
        after=effects.held,
        parameters=HELD,
    ),
    Behaviour(
        "hang_after_commit",
        "everything happens, but no answer ever comes",
        after=effects.hang_and_lose_answer,
        parameters=HELD,
    ),
    Behaviour(
        "reset_after_commit",
        "everything happens, then the connection is reset: the answer is lost",
        after=effects.lose_answer,
    ),
    Behaviour(
        "error_500_after_commit",
        "everything happens, the answer says 500",
        after=effects.failing_after(500),
    ),
    Behaviour(
        "bad_gateway_after_commit",
        "everything happens, the answer is 502 with an HTML body",
        after=effects.bad_gateway_after,
    ),
    Behaviour(
        "truncated_body",
        "everything happens, the connection closes in the middle of the body",
        after=effects.truncate_body,
    ),
    Behaviour(
        "truncated_json",
        "everything happens, the JSON stops in the middle",
        after=effects.truncate_json,
    ),
    Behaviour(
        "json_list",
        "everything happens, the answer is a JSON list",
        after=effects.replacing(edits.as_list),
    ),
    response_edit("wrong_types", "every field has another JSON type", edits.wrong_types, API_CALLS),
    response_edit("no_fields", "the answer is an empty JSON object", edits.no_fields, API_CALLS),
    response_edit("extra_fields", "the answer has unknown fields", edits.extra_fields, API_CALLS),
)

TOKENS = (
    Behaviour(
        "token_expired",
        "the access tokens expire at once; the refresh tokens still work",
        effects.revoking_tokens(refresh_too=False),
        usual=CALLS_WITH_TOKEN,
        fits=CALLS_WITH_TOKEN,
    ),
    Behaviour(
        "token_revoked",
        "access and refresh tokens expire at once",
        effects.revoking_tokens(refresh_too=True),
        usual=CALLS_WITH_TOKEN,
        fits=CALLS_WITH_TOKEN,
    ),
    Behaviour(
        "refresh_refused",
        "the refresh is refused although its tokens are valid",
        effects.failing(401),
        usual=("refresh",),
        fits=TOKEN_CALLS,
    ),
    Behaviour(
        "generate_refused",
        "the credentials are refused although they are valid",
        effects.failing(401),
        usual=("generate",),
        fits=TOKEN_CALLS,
    ),
)

VERIFY, INQUIRY, STATED = ("verify",), ("inquiry", "list"), ("verify", "inquiry", "list")

RESPONSE_EDITS = (
    response_edit(
        "verify_unknown",
        "verify says Unknown and captures nothing",
        edits.other_status,
        VERIFY,
        commits=False,
        status="Unknown",
    ),
    response_edit(
        "verify_unknown_after_commit",
        "verify captures the money, but says Unknown",
        edits.other_status,
        VERIFY,
        status="Unknown",
    ),
    response_edit(
        "verify_failed",
        "verify says Failed and captures nothing, although the order is paid",
        edits.other_status,
        VERIFY,
        commits=False,
        status="Failed",
    ),
    response_edit(
        "verify_failed_after_commit",
        "verify captures the money, but says Failed",
        edits.other_status,
        VERIFY,
        status="Failed",
    ),
    response_edit(
        "unknown_status",
        "the status is a word that is not in the document",
        edits.other_status,
        STATED,
        status="TELEPORTED",
    ),
    response_edit(
        "inquiry_unknown",
        "the status is UNKNOWN",
        edits.other_status,
        INQUIRY,
        status="UNKNOWN",
    ),
    response_edit(
        "inquiry_failed",
        "the status is FAILED",
        edits.other_status,
        INQUIRY,
        status="FAILED",
    ),
    response_edit(
        "inquiry_in_progress",
        "the status is IN_PROGRESS whatever happened",
        edits.other_status,
        INQUIRY,
        status="IN_PROGRESS",
    ),
    response_edit(
        "inquiry_other_amount",
        "the amount is wrong (ten times as much, unless set)",
        edits.other_amount,
        INQUIRY,
        amount=None,
    ),
    response_edit(
        "inquiry_other_currency",
        "TOMAN and RIALS are swapped",
        edits.other_currency,
        INQUIRY,
    ),
    response_edit(
        "inquiry_other_reference",
        "the reference number belongs to another order",
        edits.other_reference,
        INQUIRY,
        reference="SOMEBODY-ELSES",
    ),
    Behaviour(
        "list_gap",
        "a page of the list misses its first element",
        after=effects.replacing(edits.with_gap),
        usual=("list",),
        fits=("list",),
    ),
    Behaviour(
        "list_duplicate",
        "a page of the list has its first element twice",
        after=effects.replacing(edits.with_duplicate),
        usual=("list",),
        fits=("list",),
    ),
)


def callback_behaviour(
    name: str,
    description: str,
    after: After = nothing_after,
    before: Before = nothing_before,
    **parameters: Any,
) -> Behaviour:
    """Return a behaviour that applies when the payer presses a button."""
    return Behaviour(name, description, before, after, ("pay",), ("pay",), parameters)


CALLBACKS = (
    callback_behaviour(
        "callback_missing", "the browser never returns to the shop", callbacks.missing
    ),
    callback_behaviour("callback_twice", "the callback comes twice", callbacks.repeated),
    callback_behaviour(
        "callback_parallel", "many callbacks come at once", callbacks.parallel, times=5
    ),
    callback_behaviour("callback_late", "the browser returns late", callbacks.late, seconds=10),
    callback_behaviour(
        "callback_before_money",
        "the callback says SUCCESSFUL before the order is paid",
        before=callbacks.before_the_money,
    ),
    callback_behaviour("callback_other_order", "refnum is another order's", callbacks.other_order),
    callback_behaviour(
        "callback_other_amount",
        "the amount in the callback is wrong (ten times as much, unless set)",
        callbacks.other_amount,
        amount=None,
    ),
    callback_behaviour(
        "callback_other_state",
        "the state is a different one",
        callbacks.other_state,
        state="FAILED",
    ),
)

CONTENTS = (  # a magic amount is a place in the catalogue: new groups come behind this one
    response_edit(
        "far_future_date",
        "every date is 9999-12-31T23:59:59.999999Z",
        odd_contents.far_future,
        INQUIRY,
    ),
    response_edit(
        "overlong_fields",
        "every descriptive text has 10,000 characters",
        odd_contents.overlong,
        STATED,
    ),
    response_edit(
        "odd_fields",
        "dates and descriptive texts have other JSON types or forms",
        odd_contents.other_types,
        STATED,
    ),
    Behaviour(
        "set_field",
        "one field has another value, wherever the answer has that field",
        after=effects.rewriting(odd_contents.one_field),
        usual=API_CALLS,
        fits=API_CALLS,
        parameters={"field": "additionalData", "value": {}},
    ),
    Behaviour(
        "endless_list",
        "every page of the list is filled up with invented orders and announces another page",
        after=effects.rewriting(endless),
        usual=("list",),
        fits=("list",),
    ),
    response_edit(
        "hostile_texts",
        "every descriptive text has control characters, line breaks, a national code and a card",
        odd_contents.hostile,
        STATED,
    ),
)

PURCHASES = (
    callback_behaviour(
        "contradiction",
        "a payment fails at PPG v3, and some seconds later it turns out to be MANUALLY_SUCCESS or"
        " REVERSED",
        purchases.contradicted,
        state="MANUALLY_SUCCESS",
        seconds=3600,
    ),
    response_edit(
        "reverse_unknown",
        "reverse says UNKNOWN and reverses nothing",
        edits.other_status,
        ("reverse",),
        commits=False,
        status="UNKNOWN",
    ),
    response_edit(
        "reverse_unknown_after_commit",
        "reverse returns the money, but says UNKNOWN",
        edits.other_status,
        ("reverse",),
        status="UNKNOWN",
    ),
    response_edit(
        "reverse_failed",
        "reverse says FAILED and reverses nothing",
        edits.other_status,
        ("reverse",),
        commits=False,
        status="FAILED",
    ),
    Behaviour(
        "refused_with_code",
        "an error of PPG with any code; nothing has happened",
        effects.refuse_with_code,
        usual=CALLS_WITH_TOKEN,
        fits=API_CALLS,
        parameters={"code": "daily_limitation.reached", "status": 400, "arguments": {}},
    ),
    callback_behaviour(
        "contradiction_after_expiry",
        "a payment at PPG v3 gets lost and the purchase expires; some seconds after the payment it"
        " turns out to be MANUALLY_SUCCESS or REVERSED",
        before=purchases.contradicted_after_expiry,
        state="MANUALLY_SUCCESS",
        seconds=3600,
    ),
    Behaviour(
        "capture_refused",
        "verify says FAILED at PPG v3 and the purchase fails: the money is returned to the payer",
        after=purchases.refuse_capture,
        usual=VERIFY,
        fits=VERIFY,
        commits=False,
    ),
)

BEHAVIOURS: Mapping[str, Behaviour] = {
    behaviour.name: behaviour
    for group in (
        BEFORE_COMMIT,
        AFTER_COMMIT,
        TOKENS,
        RESPONSE_EDITS,
        CALLBACKS,
        CONTENTS,
        PURCHASES,
    )
    for behaviour in group
}
