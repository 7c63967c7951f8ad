"""Cut a long list into pages by its ids, the youngest first: each costs what the first does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Select
from sqlalchemy.orm import InstrumentedAttribute

from storefront.core import keyset
from storefront.core.keyset import id_in

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
    after, before = id_in(asked.get("after")), id_in(asked.get("before"))
    if before is not None:
        query = query.where(column > before).order_by(column)
    else:
        query = query.order_by(column.desc())
        query = query.where(column < after) if after is not None else query
    return Page(*keyset.page_of(query, ON_A_PAGE, after=after, before=before))
