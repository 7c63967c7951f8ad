"""Check a table cell by cell, and turn it into products and categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from storefront.catalogue.files.cells import Reader, reader_of
from storefront.catalogue.files.columns import BY_NAME, Column
from storefront.catalogue.files.headings import CATEGORY, UNKNOWN, columns_of
from storefront.catalogue.files.numbers import WrongCell
from storefront.catalogue.files.pictures import Pictures
from storefront.catalogue.files.problems import LINE, N_, Problems, Progress, silent
from storefront.catalogue.files.tables import Table

CHECKED = N_("checked")
SLUG_TWICE = N_("stands in line %(first)s already: each product has one row")
TWO_NAMES = N_("the category %(slug)s is “%(other)s” in line %(first)s: give it one name")


@dataclass(slots=True)
class CatalogueFile:
    """A file's content: categories and products, each with what the file says of it.

    ``line`` beside the columns is where it stands. Money is integer Rials under ``price_rials``.
    A column that the file does not have changes nothing.
    """

    categories: Sequence[Mapping[str, Any]]
    products: Sequence[Mapping[str, Any]]
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)
    place: str = LINE


@dataclass(frozen=True, slots=True)
class Checks:
    """What cells are checked against.

    ``prices_in`` is the unit of a price whose heading names none.
    """

    pictures: Pictures
    dearest_rials: int
    prices_in: str = ""


def checked(
    table: Table, checks: Checks, problems: Problems, progress: Progress = silent
) -> CatalogueFile:
    """Return the content of a table. Raises WrongFile with every problem."""
    columns = columns_of(table, checks.prices_in, problems)
    readers = {place: (column, _reader(column, table, checks)) for place, column in columns.items()}
    products = _Products(problems, {c.name: table.headings[p] for p, c in columns.items()})
    for line, row in table.categories:
        products.take_category(line, _category_row(line, row, table, checks, problems))
    for number, (line, cells) in enumerate(table.rows):
        if number % 500 == 0:
            progress(CHECKED, number, len(table.rows))
        products.take(line, _values(line, cells, readers, table.headings, problems))
    problems.raise_if_any()
    return CatalogueFile(
        list(products.categories.values()),
        products.rows,
        table.notes,
        products.headings,
        problems.place,
    )


def _reader(column: Column, table: Table, checks: Checks) -> Reader:
    return reader_of(
        column, strict=table.strict, pictures=checks.pictures, dearest_rials=checks.dearest_rials
    )


def _values(
    line: int,
    cells: Sequence[Any],
    readers: Mapping[int, tuple[Column, Reader]],
    headings: Sequence[str],
    problems: Problems,
) -> dict[str, Any]:
    values: dict[str, Any] = {"line": line}
    for place, (column, read) in readers.items():
        try:
            value = read(cells[place])
        except WrongCell as wrong:
            problems.add(wrong.text, line, headings[place], cells[place], **wrong.details)
        else:
            if value is not None:
                values[_KEPT_AS.get(column.name, column.name)] = value
    return values


_KEPT_AS = {"price_toman": "price_rials"}


def _category_row(
    line: int, row: Mapping[str, Any], table: Table, checks: Checks, problems: Problems
) -> dict[str, Any]:
    """Read one of the categories that JSON has beside its products."""
    own = {"slug": "category", **{short: long for long, short in CATEGORY.items()}}
    headings = list(row)
    readers = {}
    for place, heading in enumerate(headings):
        if heading in own:
            column = BY_NAME[own[heading]]
            readers[place] = column, _reader(column, table, checks)
        else:
            problems.add(UNKNOWN, line, heading)
    if "slug" not in row:
        problems.add(N_("this category has no slug"), line)
    return _values(line, list(row.values()), readers, headings, problems)


class _Products:
    """Products by slug and their categories, each once, in the file's order."""

    def __init__(self, problems: Problems, headings: dict[str, str]) -> None:
        self.rows: list[dict[str, Any]] = []
        self.categories: dict[str, dict[str, Any]] = {}
        self.headings = headings
        self._problems = problems
        self._lines: dict[str, int] = {}
        self._said_in: dict[tuple[str, str], int] = {}

    def take(self, line: int, values: dict[str, Any]) -> None:
        slug = values.get("slug")
        if slug in self._lines:
            first = self._lines[slug]
            self._problems.add(SLUG_TWICE, line, self.headings["slug"], slug, first=first)
        elif slug is not None:
            self._lines[slug] = line
        self.take_category(line, values)
        self.rows.append({k: v for k, v in values.items() if k not in CATEGORY})

    def take_category(self, line: int, values: Mapping[str, Any]) -> None:
        """Keep what a row says of its category; two rows may not contradict one another."""
        slug = values.get("category")
        if slug is None:
            return
        known = self.categories.setdefault(slug, {"slug": slug, "line": line})
        for long, short in CATEGORY.items():
            value = values.get(long)
            if value is None or (value == "" and known.get(short)):
                continue
            if known.get(short) not in {None, "", value}:
                heading = self.headings.get(long, short)
                details = {"slug": slug, "other": known[short], "first": self._said_in[slug, short]}
                self._problems.add(TWO_NAMES, line, heading, value, **details)
            if known.get(short) != value:
                known[short], self._said_in[slug, short] = value, line
