"""Cut a long list into pages by its ids: the last page costs what the first does."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select

from storefront.core.database import db


def page_of(
    query: Select[Any], size: int, *, after: int | None, before: int | None
) -> tuple[list[Any], int | None, int | None]:
    """Return the rows of a page, and the ids that lead to the pages before and after it.

    The query selects one thing that has an ``id``, from ``after`` on in the list's order, or from
    ``before`` on against it. None where there is no further page.
    """
    backwards = before is not None
    found = list(db.session.scalars(query.limit(size + 1)))
    more, rows = len(found) > size, found[:size]
    if backwards:
        rows.reverse()
    has_before = more if backwards else after is not None
    has_after = more or backwards
    first, last = (rows[0].id, rows[-1].id) if rows else (None, None)
    return rows, first if has_before else None, last if has_after else None


def id_in(text: str | None) -> int | None:
    """Return the id that an address has; None for what can be none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None
