"""Worlds: isolated merchant accounts, and the switches that each of them has set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, get_args, get_type_hints

from sqlalchemy import delete
from sqlalchemy.orm import Session, object_session

from jibit_sandbox.core.clock import start_clock
from jibit_sandbox.core.errors import ControlError
from jibit_sandbox.core.models import World
from jibit_sandbox.core.store import SEED, SWITCHES
from jibit_sandbox.web.json_requests import as_whole_number

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Switches:
    """How a world treats what the documents leave open; the defaults are the sandbox's choices.

    The first four are open points 1, 2, 3 and 6 of docs/sandbox.md, "Open points"; those from
    ``legacy`` to ``callback_app`` are in docs/sandbox/older-clients.md; those that begin with
    ``wallet_`` are about the wallet gateway, those that begin with ``v3_`` about PPG v3
    (its open points, then the features that a client has or lacks). ``expiry_late`` is how many
    seconds after an order's end the gateway's expiry runs; NUMBERS has its limits.
    """

    paid_inquiry: Literal["IN_PROGRESS", "SUCCESS"] = "IN_PROGRESS"
    verify_unpaid: Literal["unchanged", "fails"] = "unchanged"
    verify_again: Literal["Successful", "Failed"] = "Successful"
    reused_reference: Literal["accepted", "refused"] = "accepted"
    old_access: Literal["dies", "lives"] = "dies"
    total_spelling: Literal["both", "documented", "correct"] = "both"
    first_page: Literal[1, 0] = 1
    merchant: Literal["active", "inactive", "missing"] = "active"
    channel: Literal["active", "disabled"] = "active"
    legacy: Literal[False, True] = False
    dead_token: Literal[
        "token.verification.failed", "token.verification_failed", "security.auth_required"
    ] = "token.verification.failed"  # noqa: S105 - an error's code
    absent_token: Literal[
        "by_section",
        "token.verification.failed",
        "token.verification_failed",
        "security.auth_required",
    ] = "by_section"  # noqa: S105 - as above
    wrong_type: Literal["binding.type_mismatch", "web.invalid_or_missing_body"] = (
        "binding.type_mismatch"
    )
    error_message: Literal["text", "null"] = "text"
    fingerprint: Literal["32", "36"] = "32"
    callback_underscore: Literal["refused", "accepted"] = "refused"
    callback_user: Literal["refused", "accepted"] = "refused"
    callback_persian_path: Literal["refused", "accepted"] = "refused"
    callback_persian_host: Literal["refused", "accepted"] = "refused"
    callback_app: Literal["refused", "accepted"] = "refused"
    wallet_minutes: Literal[15, 30] = 15
    wallet_inquiry: Literal["both", "flat", "enveloped"] = "both"
    wallet_inquiry_by_post: Literal["refused", "answered"] = "refused"
    v3_repeated: Literal["status", "error"] = "status"
    v3_invalid_state: Literal["status", "error"] = "status"
    v3_dead_token: Literal["token.verification_failed", "security.auth_required"] = (
        "token.verification_failed"  # noqa: S105 - an error's code
    )
    v3_http_statuses: Literal["by_code", "mostly_400"] = "by_code"
    v3_bad_credentials: Literal[400, 401] = 400
    v3_inactive_client: Literal[400, 403] = 400
    v3_wage_of_15_percent: Literal["accepted", "refused"] = "accepted"
    v3_number_types: Literal["strict", "coerced"] = "strict"
    v3_callback: Literal["POST", "GET"] = "POST"
    v3_reverse_unverified: Literal["refused", "allowed"] = "refused"
    v3_late_reverse: Literal["refused", "allowed"] = "refused"
    v3_manual_refund: Literal["allowed", "refused"] = "allowed"
    v3_refund_above_the_rest: Literal["exceeded_maximum", "balances"] = "exceeded_maximum"
    v3_refused_reference: Literal["free", "taken"] = "free"
    v3_empty_fields: Literal["absent", "null"] = "absent"
    v3_list_order: Literal["newest_first", "oldest_first"] = "newest_first"
    v3_parallel_lists: Literal["refused", "served"] = "refused"
    v3_auto_verify: Literal[False, True, "first_terminal"] = False
    v3_reverse: Literal[False, True, "not_supported"] = False
    v3_refund: Literal[False, True] = False
    v3_refund_verification: Literal[False, True] = False
    v3_refund_balance: Literal["enough", "refused", "on_hold"] = "enough"
    v3_fee_as_wage: Literal[False, True] = False
    v3_early_fees: Literal[False, True] = False
    v3_card_check: Literal[False, True] = False
    v3_mobile_check: Literal[False, True] = False
    v3_national_code_check: Literal[False, True] = False
    v3_callback_whitelist: Literal[False, True] = False
    v3_trusted_ip: Literal[True, False] = True
    v3_wide_histories: Literal[False, True] = False
    expiry_late: int = 0


KEPT_BY_RESET = ("legacy",)  # it is about the merchant's client, not about a test
NUMBERS = {"expiry_late": range(24 * 3600 + 1)}  # the switches that are whole numbers


def choices() -> dict[str, tuple[Any, ...]]:
    """Return each switch with its possible values, the default first; without those of NUMBERS."""
    values = {name: get_args(hint) for name, hint in get_type_hints(Switches).items()}
    return {name: possible for name, possible in values.items() if possible}


def switches_of(world: World) -> Switches:
    """Return the switches of a world in its session, which knows those of the start."""
    session = object_session(world)
    return Switches(**((session.info.get(SWITCHES, {}) if session else {}) | world.switches))


def set_switches(world: World, wanted: Mapping[str, Any]) -> None:
    """Change some switches; a ControlError names the unknown switch or the wrong value."""
    checked = {name: checked_switch(name, value) for name, value in wanted.items()}
    world.switches = {**world.switches, **checked}


def checked_switch(name: str, value: Any) -> Any:
    possible = choices()
    if name in NUMBERS:
        return checked_number(name, value)
    if name not in possible:
        raise ControlError(
            f"there is no switch {name!r}; there are {', '.join([*possible, *NUMBERS])}"
        )
    if type(value) is int and str(value) in possible[name]:
        return str(value)  # a text of digits, as fingerprint has
    if (type(value), value) not in [(type(choice), choice) for choice in possible[name]]:
        raise ControlError(f"{name} can be one of {list(possible[name])}, not {value!r}")
    return value


def checked_number(name: str, value: Any) -> int:
    number, limits = as_whole_number(value), NUMBERS[name]
    if number is None or number not in limits:
        raise ControlError(f"{name} can be a whole number from 0 to {limits[-1]}, not {value!r}")
    return number


def expiry_delay(world: World) -> timedelta:
    """Return how long after an order's end the gateway's own expiry runs."""
    return timedelta(seconds=switches_of(world).expiry_late)


def world_named(session: Session, name: str) -> World:
    """Return the world of that name, new if needed; raise ControlError for an invalid name."""
    if not NAME.fullmatch(name):
        raise ControlError("a world's name is 1 to 64 letters, digits, '-' or '_'")
    world = session.get(World, name)
    return new_world(session, name, session.info.get(SEED)) if world is None else world


def new_world(session: Session, name: str, seed: int | None) -> World:
    """Store a new, empty world; a seed makes all that it draws, and its time, repeatable."""
    world = World(name=name, switches={}, seed=seed, drawn={})
    start_clock(world)
    session.add(world)
    session.flush()
    return world


def world_of_key(key: object, ending: str = "") -> str | None:
    """Return the world whose name stands before the ending in a credential, or None."""
    name = str(key).removesuffix(ending)
    return name if key == f"{name}{ending}" and NAME.fullmatch(name) else None


def empty_world(session: Session, name: str) -> World:
    """Delete orders, tokens, behaviours and log of a world; reset its clock and switches.

    The switches of KEPT_BY_RESET stay, and a seeded world begins again as on every run.
    """
    return seeded_world(session, name, world_named(session, name).seed)


def seeded_world(session: Session, name: str, seed: int | None) -> World:
    """Empty the world as above, with this seed; None for a world of chance and real time."""
    old = session.get(World, name)
    kept = {each: old.switches[each] for each in KEPT_BY_RESET if old and each in old.switches}
    session.execute(delete(World).where(World.name == name))
    session.expunge_all()
    world = new_world(session, name, seed)
    world.switches = kept
    return world
