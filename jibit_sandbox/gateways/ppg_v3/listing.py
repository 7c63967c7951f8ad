"""PPG v3's inquiry: filters and pages of ``GET /purchases``. Unknown parameters are ignored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, func, select
from werkzeug.datastructures import MultiDict

from jibit_sandbox.core.clock import from_query
from jibit_sandbox.core.context import Fields, Work
from jibit_sandbox.core.models import NEWEST_FIRST, OLDEST_FIRST, Order, Purchase
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.gateways.ppg_v3.codes import WRONG_QUERY
from jibit_sandbox.gateways.ppg_v3.errors import Refusal
from jibit_sandbox.gateways.ppg_v3.fields import long_parameter, page_and_size
from jibit_sandbox.gateways.ppg_v3.responses import element
from jibit_sandbox.gateways.ppg_v3.states import BANK_STATES

LAST_PAGE, DEFAULT_SIZE, LARGEST_SIZE = 20, 25, 250
TEXT_FILTERS = {
    "clientReferenceNumber": Order.reference_number,
    "userIdentifier": Order.user_identifier,
    "pspReferenceNumber": Purchase.psp_reference_number,
    "pspRrn": Purchase.psp_rrn,
    "pspTraceNumber": Purchase.psp_trace_number,
}
ONE_PURCHASE = ("purchaseId", *TEXT_FILTERS)  # with one of these the call is an inquiry


def find_page(work: Work, query: MultiDict[str, str]) -> Fields:
    """Return one page of the purchases that match the query."""
    page, size = page_and_size(query, last_page=LAST_PAGE, size=DEFAULT_SIZE, largest=LARGEST_SIZE)
    matching = conditions(work, query)
    counted = select(func.count()).select_from(Purchase).join(Order).where(*matching)
    found = (
        select(Purchase)
        .join(Purchase.order)
        .where(*matching)
        .order_by(*order_of(work))
        .offset((page - 1) * size)
        .limit(size)
    )
    elements = [element(work, purchase) for purchase in work.session.scalars(found)]
    return page_of(elements, page, size, work.session.scalar(counted) or 0)


def order_of(work: Work) -> tuple[SQLColumnExpression[Any], ...]:
    """Return the order of the list: the newest first, or the oldest by switch."""
    is_newest_first = switches_of(work.world).v3_list_order == "newest_first"
    return NEWEST_FIRST if is_newest_first else OLDEST_FIRST


def page_of(elements: list[Fields], page: int, size: int, total: int) -> Fields:
    return {
        "pageNumber": page,
        "size": size,
        "numberOfElements": total,
        "hasNext": page * size < total,
        "hasPrevious": page > 1,
        "elements": elements,
    }


def conditions(work: Work, query: MultiDict[str, str]) -> list[ColumnElement[bool]]:
    wanted = [Order.world == work.world.name]
    wanted += [column == query[name] for name, column in TEXT_FILTERS.items() if query.get(name)]
    identifier = long_parameter(query, "purchaseId")
    if identifier is not None:
        wanted.append(Purchase.identifier == str(identifier))
    if query.get("status"):
        if query["status"] not in BANK_STATES:
            raise Refusal(WRONG_QUERY)
        wanted.append(Order.state == BANK_STATES[query["status"]])
    since, until = moment(query.get("from")), moment(query.get("to"))
    if since is not None:
        wanted.append(Order.created_at >= since)
    if until is not None:
        wanted.append(Order.created_at < until)
    return wanted


def moment(said: str | None) -> datetime | None:
    """Return a time of the query; raise Refusal if it is none."""
    if not said:
        return None
    try:
        return from_query(said)
    except (ValueError, OverflowError):
        raise Refusal(WRONG_QUERY) from None
