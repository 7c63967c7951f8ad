"""What is new on the dashboard since somebody looked: rows that came or changed, and parts.

A Mark says how far somebody has read; it is all that the sandbox needs to know of a dashboard, and
it is the id of each server-sent event.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from flask import render_template, request
from sqlalchemy import and_, or_, select

from jibit_sandbox.core.clock import as_text
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.models import NEWEST_FIRST, Exchange, Order, Transition
from jibit_sandbox.dashboard.overview import LIVE, part
from jibit_sandbox.dashboard.paging import SIZE, orders_shown
from jibit_sandbox.web.request_log import UNDER_WAY, searched

MOST_UNDER_WAY = 20  # calls whose answer a dashboard still waits for
FORM = re.compile(
    r"(?P<call>\d{1,15})\.(?P<print>[0-9a-f]{0,8})\.(?P<transition>\d{1,15})"
    r"\.(?P<under_way>(\d{1,15}(-\d{1,15}){0,19})?)\.(?P<parts>([0-9a-f]{6})*)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a dashboard has read.

    ``call`` is the newest call and ``fingerprint`` the beginning of its fingerprint (SQLite gives
    a number again after a reset), ``transition`` the newest transition, ``under_way`` are the calls
    without an answer, and ``parts`` a digest of each part.
    """

    call: int = 0
    fingerprint: str = ""
    transition: int = 0
    under_way: tuple[int, ...] = ()
    parts: tuple[str, ...] = ()

    def __str__(self) -> str:
        under_way = "-".join(map(str, self.under_way))
        parts = "".join(self.parts)
        return f"{self.call}.{self.fingerprint}.{self.transition}.{under_way}.{parts}"


def mark_in(text: str) -> Mark | None:
    """Return the mark written in a text, or None."""
    found = FORM.fullmatch(text)
    if found is None:
        return None
    digests = re.findall(".{6}", found["parts"])
    under_way = tuple(map(int, filter(None, found["under_way"].split("-"))))
    return Mark(
        int(found["call"]), found["print"], int(found["transition"]), under_way, tuple(digests)
    )


def mark_of(work: Work) -> Mark:
    """Return the mark of somebody who sees the world as it is now."""
    return next_mark(work, Mark(), {name: part(work, name) for name in LIVE})


def next_mark(work: Work, read: Mark, parts: dict[str, str]) -> Mark:
    call = newest_call(work)
    transition = work.session.scalar(
        select(Transition.id)
        .join(Order, Order.identifier == Transition.order_identifier)
        .where(Order.world == work.world.name, Transition.id >= read.transition)
        .order_by(Transition.id.desc())
        .limit(1)
    )
    return Mark(
        call.id if call else 0,
        call.fingerprint[:8] if call else "",
        transition or 0,
        calls_under_way(work, read),
        tuple(digest(work, name, html) for name, html in parts.items()),
    )


def newest_call(work: Work) -> Exchange | None:
    mine = select(Exchange).where(Exchange.world == work.world.name)
    return work.session.scalars(mine.order_by(Exchange.id.desc()).limit(1)).first()


def calls_under_way(work: Work, read: Mark) -> tuple[int, ...]:
    waiting = select(Exchange.id).where(
        Exchange.world == work.world.name,
        Exchange.fate == UNDER_WAY,
        or_(Exchange.id > read.call, Exchange.id.in_(read.under_way)),
    )
    return tuple(work.session.scalars(waiting.order_by(Exchange.id.desc()).limit(MOST_UNDER_WAY)))


def digest(work: Work, name: str, html: str) -> str:
    """Return six digits that change with the part: the clock's with its setting, not its hands."""
    world = work.world
    setting = f"{world.clock_rate} {as_text(world.clock_set_at)}"
    return blake2b((setting if name == "now" else html).encode(), digest_size=3).hexdigest()


def news_since(work: Work, read: Mark | None) -> tuple[Mark, dict[str, Any]]:
    """Return the mark of now, and what is new since the old one: nothing, or what to change."""
    if read is None or not is_known(work, read):
        return mark_of(work), {"reload": True}
    parts = {name: part(work, name) for name in LIVE}
    now = next_mark(work, read, parts)
    old = dict(zip(LIVE, read.parts, strict=False))
    changed = {
        name: parts[name] for name, new in zip(LIVE, now.parts, strict=True) if old.get(name) != new
    }
    news = {"orders": new_orders(work, read), "calls": new_calls(work, read), "parts": changed}
    return now, {name: found for name, found in news.items() if found}


def is_known(work: Work, read: Mark) -> bool:
    """Return whether the world still has what was read: not after a reset."""
    if read.call == 0:
        return True
    call = work.session.get(Exchange, read.call)
    is_same = call is not None and call.fingerprint.startswith(read.fingerprint)
    return call is not None and is_same and call.world == work.world.name


def new_orders(work: Work, read: Mark) -> list[str]:
    """Return the rows of the orders that are new or changed their state, the oldest first."""
    moved = select(Transition.order_identifier).where(Transition.id > read.transition)
    found = orders_shown(work)
    newest = found.where(Order.identifier.in_(moved)).order_by(*NEWEST_FIRST).limit(SIZE)
    return rows(work, "order", list(work.session.scalars(newest)))


def new_calls(work: Work, read: Mark) -> list[str]:
    """Return the rows of the calls that are new or were answered, the oldest first."""
    answered = and_(Exchange.id.in_(read.under_way), Exchange.fate != UNDER_WAY)
    found = searched(work, request.args).where(or_(Exchange.id > read.call, answered))
    newest = found.order_by(Exchange.id.desc()).limit(SIZE)
    return rows(work, "call", list(work.session.scalars(newest)))


def rows(work: Work, kind: str, found: list[Order] | list[Exchange]) -> list[str]:
    template = f"dashboard/parts/{kind}-row.html"
    return [
        render_template(template, world=work.world, **{kind: row}).strip() for row in found[::-1]
    ]
