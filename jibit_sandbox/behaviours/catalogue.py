"""Every behaviour by name: what it rehearses, which calls it fits, and what can be set about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jibit_sandbox.behaviours import callbacks, effects, odd_contents
from jibit_sandbox.behaviours import response_edits as edits
from jibit_sandbox.behaviours.effects import (
    After,
    Before,
    Edit,
    editing,
    nothing_after,
    nothing_before,
)
from jibit_sandbox.behaviours.endless_list import endless

TOKEN_CALLS = ("generate", "refresh")
ORDER_CALLS = ("create", "verify", "inquiry", "list")
API_CALLS = TOKEN_CALLS + ORDER_CALLS
PAGE_CALLS = ("payment_page", "pay")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """``before`` runs ahead of the call and may answer in its place; ``after`` sees the answer.

    ``usual`` are the operations it meets when none is named; ``fits`` all that may be named.
    Without ``commits`` the call is worked out and then undone: an answer, but nothing happened.
    The default of a parameter says what it takes: text, a number, or where the default is an
    object any JSON value.
    """

    name: str
    rehearses: str
    before: Before = nothing_before
    after: After = nothing_after
    usual: tuple[str, ...] = API_CALLS
    fits: tuple[str, ...] = API_CALLS + PAGE_CALLS
    parameters: Mapping[str, Any] = field(default_factory=dict)
    commits: bool = True


def lie(
    name: str,
    rehearses: str,
    edit: Edit,
    calls: tuple[str, ...],
    *,
    commits: bool = True,
    **set_: Any,
) -> Behaviour:
    """A behaviour that only changes what a good answer says."""
    return Behaviour(
        name,
        rehearses,
        after=editing(edit),
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
    Behaviour("too_many_requests", "429 with Retry-After", effects.too_many, parameters=SECONDS),
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
        "everything happens at once, the answer comes late",
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
        after=effects.hang_and_lose,
        parameters=HELD,
    ),
    Behaviour(
        "reset_after_commit",
        "everything happens, then the connection is reset: the answer is lost",
        after=effects.lose,
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
        after=effects.cut_in_body,
    ),
    Behaviour(
        "truncated_json",
        "everything happens, the JSON stops in the middle",
        after=effects.half_json,
    ),
    Behaviour(
        "json_list",
        "everything happens, the answer is a JSON list",
        after=effects.saying(edits.as_list),
    ),
    lie("wrong_types", "every field has another JSON type", edits.wrong_types, API_CALLS),
    lie("no_fields", "the answer is an empty JSON object", edits.no_fields, API_CALLS),
    lie("extra_fields", "the answer has fields nobody knows", edits.extra_fields, API_CALLS),
)

TOKENS = (
    Behaviour(
        "token_expired",
        "the access tokens die at once; the refresh tokens still serve",
        effects.killing_tokens(refresh_too=False),
        usual=ORDER_CALLS,
        fits=ORDER_CALLS,
    ),
    Behaviour(
        "token_revoked",
        "access and refresh tokens die at once",
        effects.killing_tokens(refresh_too=True),
        usual=ORDER_CALLS,
        fits=ORDER_CALLS,
    ),
    Behaviour(
        "refresh_refused",
        "the refresh is refused although its tokens are good",
        effects.failing(401),
        usual=("refresh",),
        fits=TOKEN_CALLS,
    ),
    Behaviour(
        "generate_refused",
        "the credentials are refused although they are good",
        effects.failing(401),
        usual=("generate",),
        fits=TOKEN_CALLS,
    ),
)

VERIFY, INQUIRY, STATED = ("verify",), ("inquiry", "list"), ("verify", "inquiry", "list")

LIES = (
    lie(
        "verify_unknown",
        "verify says Unknown and captures nothing",
        edits.other_status,
        VERIFY,
        commits=False,
        status="Unknown",
    ),
    lie(
        "verify_unknown_after_commit",
        "verify captures the money, but says Unknown",
        edits.other_status,
        VERIFY,
        status="Unknown",
    ),
    lie(
        "verify_failed",
        "verify says Failed and captures nothing, although the order is paid",
        edits.other_status,
        VERIFY,
        commits=False,
        status="Failed",
    ),
    lie(
        "verify_failed_after_commit",
        "verify captures the money, but says Failed",
        edits.other_status,
        VERIFY,
        status="Failed",
    ),
    lie(
        "unknown_status",
        "the status is a word that is not in the document",
        edits.other_status,
        STATED,
        status="TELEPORTED",
    ),
    lie(
        "inquiry_unknown",
        "the status is UNKNOWN",
        edits.other_status,
        INQUIRY,
        status="UNKNOWN",
    ),
    lie(
        "inquiry_failed",
        "the status is FAILED",
        edits.other_status,
        INQUIRY,
        status="FAILED",
    ),
    lie(
        "inquiry_in_progress",
        "the status is IN_PROGRESS whatever happened",
        edits.other_status,
        INQUIRY,
        status="IN_PROGRESS",
    ),
    lie(
        "inquiry_other_amount",
        "the amount is another one (ten times it, unless set)",
        edits.other_amount,
        INQUIRY,
        amount=None,
    ),
    lie(
        "inquiry_other_currency",
        "TOMAN and RIALS are swapped",
        edits.other_currency,
        INQUIRY,
    ),
    lie(
        "inquiry_other_reference",
        "the reference number is somebody else's",
        edits.other_reference,
        INQUIRY,
        reference="SOMEBODY-ELSES",
    ),
    Behaviour(
        "list_gap",
        "a page of the list misses its first element",
        after=effects.saying(edits.with_gap),
        usual=("list",),
        fits=("list",),
    ),
    Behaviour(
        "list_duplicate",
        "a page of the list has its first element twice",
        after=effects.saying(edits.with_duplicate),
        usual=("list",),
        fits=("list",),
    ),
)


def on_return(
    name: str,
    rehearses: str,
    after: After = nothing_after,
    before: Before = nothing_before,
    **parameters: Any,
) -> Behaviour:
    """A behaviour of the callback: it meets the moment when the payer presses the button."""
    return Behaviour(name, rehearses, before, after, ("pay",), ("pay",), parameters)


CALLBACKS = (
    on_return("callback_missing", "the browser never returns to the shop", callbacks.missing),
    on_return("callback_twice", "the callback comes twice", callbacks.repeated),
    on_return("callback_parallel", "many callbacks come at once", callbacks.parallel, times=5),
    on_return("callback_late", "the browser returns late", callbacks.late, seconds=10),
    on_return(
        "callback_before_money",
        "the shop hears SUCCESSFUL before the order is paid",
        before=callbacks.before_the_money,
    ),
    on_return("callback_other_order", "refnum is another order's", callbacks.other_order),
    on_return(
        "callback_other_amount",
        "the amount is another one (ten times it, unless set)",
        callbacks.other_amount,
        amount=None,
    ),
    on_return(
        "callback_other_state",
        "the state is another one",
        callbacks.other_state,
        state="FAILED",
    ),
)

CONTENTS = (  # the last group, because a magic amount is a place in the catalogue
    lie(
        "far_future_date",
        "every date is 9999-12-31T23:59:59.999999Z",
        odd_contents.far_future,
        INQUIRY,
    ),
    lie(
        "overlong_fields",
        "every text that identifies, prices or decides nothing has 10,000 characters",
        odd_contents.overlong,
        STATED,
    ),
    lie(
        "odd_fields",
        "dates and texts that identify, price or decide nothing have other JSON types or forms",
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
        "every page of the list is filled up with invented orders and has another one behind it",
        after=effects.rewriting(endless),
        usual=("list",),
        fits=("list",),
    ),
)

BEHAVIOURS: Mapping[str, Behaviour] = {
    behaviour.name: behaviour
    for behaviour in BEFORE_COMMIT + AFTER_COMMIT + TOKENS + LIES + CALLBACKS + CONTENTS
}
