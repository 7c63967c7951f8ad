"""PPG's "Orders List": its filters and pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from werkzeug.datastructures import MultiDict

from jibit_sandbox.core.clock import from_query
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.models import NEWEST_FIRST, Order
from jibit_sandbox.core.worlds import Switches, switches_of
from jibit_sandbox.gateways.ppg_v2.errors import Refusal
from jibit_sandbox.gateways.ppg_v2.requests import whole_parameter
from jibit_sandbox.gateways.ppg_v2.responses import INQUIRY_STATUSES, states_of

DEFAULT_SIZE = 25
LARGEST_SIZE = 250


@dataclass(frozen=True, slots=True)
class Filters:
    """The query string, checked. ``since`` and ``until`` are UTC and both inclusive."""

    page: int
    size: int
    status: str | None
    since: datetime | None
    until: datetime | None


def read_filters(query: MultiDict[str, str], switches: Switches) -> Filters:
    """Parse the query; raise Refusal with ``binding.type_mismatch``. A size too large is cut."""
    first = switches.first_page
    status = query.get("status")
    if status is not None and status not in INQUIRY_STATUSES:
        raise Refusal("binding.type_mismatch")
    size = whole_parameter(query.get("size"), DEFAULT_SIZE, lambda size: size > 0)
    return Filters(
        page=whole_parameter(query.get("page"), first, lambda page: page >= first),
        size=min(size, LARGEST_SIZE),
        status=status,
        since=moment(query.get("from")),
        until=moment(query.get("to")),
    )


def moment(said: str | None) -> datetime | None:
    if said is None:
        return None
    try:
        return from_query(said)
    except (ValueError, OverflowError):
        raise Refusal("binding.type_mismatch") from None


def find_orders(work: Work, filters: Filters) -> tuple[list[Order], int]:
    """Return the page's orders, newest first, and the number of orders on all pages."""
    switches = switches_of(work.world)
    matching = conditions(work, filters, switches)
    total = work.session.scalar(select(func.count()).select_from(Order).where(*matching)) or 0
    page = (
        select(Order)
        .where(*matching)
        .order_by(*NEWEST_FIRST)
        .offset((filters.page - switches.first_page) * filters.size)
        .limit(filters.size)
    )
    return list(work.session.scalars(page)), total


def conditions(work: Work, filters: Filters, switches: Switches) -> list[ColumnElement[bool]]:
    wanted = [Order.world == work.world.name, Order.gateway == "ppg"]
    if filters.status is not None:
        wanted.append(Order.state.in_(states_of(filters.status, switches)))
    if filters.since is not None:
        wanted.append(Order.created_at >= filters.since)
    if filters.until is not None:
        wanted.append(Order.created_at <= filters.until)
    return wanted
