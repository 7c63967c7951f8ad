"""Cut a long list into pages by its ids, the youngest first: each costs what the first does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Select
from sqlalchemy.orm import InstrumentedAttribute

from storefront.core.database import db

ON_A_PAGE = 25


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list; ``before`` and ``after`` lead to the neighbours."""

    rows: Sequence[Any]
    before: int | None
    after: int | None


def page_of(
    query: Select[Any], column: InstrumentedAttribute[int] | Column[int], asked: Mapping[str, str]
) -> Page:
    """Return the rows that follow ``after``, or precede ``before``, of an address; else the first.

    The query selects one thing, which has an ``id``.
    """
    after, before = _id(asked.get("after")), _id(asked.get("before"))
    if before is not None:
        query = query.where(column > before).order_by(column)
    else:
        query = query.order_by(column.desc())
        query = query.where(column < after) if after is not None else query
    rows = list(db.session.scalars(query.limit(ON_A_PAGE + 1)))
    more, rows = len(rows) > ON_A_PAGE, rows[:ON_A_PAGE]
    if before is not None:
        rows.reverse()
    is_first = more if before is not None else after is not None
    is_last = more or before is not None
    return Page(
        rows,
        before=rows[0].id if rows and is_first else None,
        after=rows[-1].id if rows and is_last else None,
    )


def _id(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None
