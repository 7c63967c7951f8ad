"""Find out which column each heading of a file means."""

from __future__ import annotations

from collections.abc import Mapping

from storefront.catalogue.files.columns import (
    BY_NAME,
    Column,
    column_of,
    is_price_without_unit,
    nearest,
)
from storefront.catalogue.files.problems import N_, Problems
from storefront.catalogue.files.tables import Table

UNKNOWN = N_("is no column of a catalogue file: remove the column")
NEARLY_KNOWN = N_("is no column of a catalogue file: did you mean %(name)s? Else remove the column")
DOUBLED = N_("means the same as the column %(other)s: remove one of the two")
NO_UNIT = N_(
    "does not say Toman or Rials: name the column price_toman or price_rials, or import with"
    " --prices-in toman or --prices-in rials"
)
TWO_STOCKS = N_("stands beside %(other)s: keep one, a count of the shelf or what is added to it")
NO_SLUG = N_(
    "there is no column slug (شناسه), by which a product is known: the headings are %(found)s"
)
NO_CATEGORY_NAME = N_("names a category's texts, but there is no column category beside it")

CATEGORY = {
    "category_name_fa": "name_fa",
    "category_name_en": "name_en",
    "category_position": "position",
}
_ONE_OF = (("price_toman", "price_rials", DOUBLED), ("stock", "stock_add", TWO_STOCKS))


def columns_of(table: Table, prices_in: str, problems: Problems) -> dict[int, Column]:
    """Return the column of each heading that is one of ours; note the others."""
    if table.columns is not None:
        return {place: BY_NAME[name] for place, name in enumerate(table.columns)}
    found: dict[int, Column] = {}
    taken: dict[str, str] = {}
    for place, heading in enumerate(table.headings):
        column = _column(heading, prices_in, table.line, problems)
        if column is not None and column.name in taken:
            problems.add(DOUBLED, table.line, heading, other=taken[column.name])
        elif column is not None:
            found[place], taken[column.name] = column, heading
    _check_together(taken, table, problems)
    if "slug" not in taken:
        raise problems.stop(NO_SLUG, table.line, found=", ".join(table.headings)[:200])
    return found


def _column(heading: str, prices_in: str, line: int, problems: Problems) -> Column | None:
    column = column_of(heading)
    if column is None and is_price_without_unit(heading):
        if prices_in:
            return BY_NAME[f"price_{prices_in}"]
        problems.add(NO_UNIT, line, heading)
    elif column is None:
        close = nearest(heading)
        problems.add(NEARLY_KNOWN if close else UNKNOWN, line, heading, name=close)
    return column


def _check_together(taken: Mapping[str, str], table: Table, problems: Problems) -> None:
    for one, other, text in _ONE_OF:
        if one in taken and other in taken:
            problems.add(text, table.line, taken[other], other=taken[one])
    for name in CATEGORY:
        if name in taken and "category" not in taken:
            problems.add(NO_CATEGORY_NAME, table.line, taken[name])
