"""PPG v3's histories: when a purchase became MANUALLY_SUCCESS, REVERSED or UNKNOWN."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from werkzeug.datastructures import MultiDict

from jibit_sandbox.bank.orders import State
from jibit_sandbox.core.clock import as_text
from jibit_sandbox.core.context import Fields, Work
from jibit_sandbox.core.models import Order, Purchase, Transition
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.gateways.ppg_v3.codes import WRONG_QUERY
from jibit_sandbox.gateways.ppg_v3.errors import Refusal
from jibit_sandbox.gateways.ppg_v3.fields import long_parameter, page_and_size
from jibit_sandbox.gateways.ppg_v3.listing import moment
from jibit_sandbox.gateways.ppg_v3.states import BANK_STATES, word_of

LAST_PAGE, DEFAULT_SIZE, LARGEST_SIZE = 10, 10_000, 20_000
LONGEST_RANGE = timedelta(hours=3)
REPORTED = (State.MANUALLY_CAPTURED, State.REVERSED, State.UNKNOWN)


def find_histories(work: Work, query: MultiDict[str, str]) -> Fields:
    """Return one page of the changes, the oldest first; ``nextPageId`` goes before ``page``."""
    page, size = page_and_size(query, last_page=LAST_PAGE, size=DEFAULT_SIZE, largest=LARGEST_SIZE)
    found = (
        select(Transition, Order)
        .join(Order, Order.identifier == Transition.order_identifier)
        .join(Purchase)
        .where(*conditions(work, query))
        .order_by(Transition.id)
        .limit(size + 1)
    )
    next_page, total = long_parameter(query, "nextPageId"), {}
    if next_page is not None:
        found = found.where(Transition.id >= next_page)
    else:
        counted = select(func.count()).select_from(found.limit(None).subquery())
        total = {"totalCount": work.session.scalar(counted)}
        found = found.offset((page - 1) * size)
    changes = list(work.session.execute(found))
    following = [{"nextPageId": str(transition.id)} for transition, _ in changes[size:]]
    return {
        "size": size,
        **total,
        "hasNext": bool(following),
        **(following[0] if following else {}),
        "elements": [history(transition, order) for transition, order in changes[:size]],
    }


def history(transition: Transition, order: Order) -> dict[str, Any]:
    return {
        "purchaseId": int(order.identifier),
        "clientRefNum": order.reference_number,
        "newState": word_of(transition.state),
        "createdAt": as_text(transition.at),
    }


def conditions(work: Work, query: MultiDict[str, str]) -> list[ColumnElement[bool]]:
    """Return the conditions; without its feature, a client may only name a purchase."""
    wanted = [Order.world == work.world.name, Transition.state.in_(states_in(query))]
    since, until = moment(query.get("from")), moment(query.get("to"))
    identifier = long_parameter(query, "purchaseId")
    if identifier is not None:
        wanted.append(Order.identifier == str(identifier))
    elif not switches_of(work.world).v3_wide_histories or since is None or until is None:
        raise Refusal("criteria.is_empty")
    if since is not None and until is not None and until - since >= LONGEST_RANGE:
        raise Refusal("from_and_to.difference_must_be_less_than_3_hours")
    wanted += [Transition.at >= since] if since is not None else []
    wanted += [Transition.at < until] if until is not None else []
    return wanted


def states_in(query: MultiDict[str, str]) -> tuple[State, ...]:
    """Return the states that ``statuses`` or ``statuses[]`` names, also with commas; else all."""
    lists = query.getlist("statuses") + query.getlist("statuses[]")
    said = [word for words in lists for word in words.split(",")]
    if "" in said:
        raise Refusal("states.can_not_have_null_value")
    states = tuple(BANK_STATES.get(word, State.AWAITING) for word in said)
    if not set(states) <= set(REPORTED):
        raise Refusal(WRONG_QUERY)
    return states or REPORTED
