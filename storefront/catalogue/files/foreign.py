"""Help to take over the exports of other shops: their headings, categories, pictures, notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from storefront.catalogue.files.checking import Checks
from storefront.catalogue.files.columns import key_of
from storefront.catalogue.files.headings import NO_UNIT
from storefront.catalogue.files.numbers import WrongCell
from storefront.catalogue.files.pictures import Pictures
from storefront.catalogue.files.problems import N_, Problems
from storefront.catalogue.files.tables import ABSENT, EMPTY, Row, Table, is_blank
from storefront.catalogue.files.texts import slug_of

MOST_NAMED = 5
NO_CATEGORY = ("uncategorised", "دسته‌بندی‌نشده")

NOT_PUBLISHED = N_("not published there, so not taken: %(count)s (%(names)s)")
WITHOUT_PRICE = N_("without a price, so not taken: %(count)s (%(names)s)")
NOT_COUNTED = N_(
    "how many pieces there are is not said: %(count)s (%(names)s); new ones have none until you"
    " import a file with their stock"
)
BELOW_ZERO = N_("stock below zero, taken as 0: %(count)s (%(names)s)")
PICTURES = N_(
    "pictures that are not in static/goods: %(count)s (%(names)s); put files of these names there"
    " and import again"
)
COLUMNS = N_("columns that have no place here: %(count)s (%(names)s)")


class Headings:
    """Other shops' headings by our name for them, however they are written."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        self._names = {key_of(text): name for name, texts in names.items() for text in texts}

    def keys(self) -> frozenset[str]:
        """Return the keys of all headings."""
        return frozenset(self._names)

    def places(self, headings: Iterable[str]) -> dict[str, int]:
        """Return where each name stands; the first of two counts."""
        found: dict[str, int] = {}
        for place, heading in enumerate(headings):
            name = self._names.get(key_of(heading))
            if name is not None:
                found.setdefault(name, place)
        return found


class Notes:
    """Say what was not taken: for each kind, how many, and the first few by name."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def add(self, text: str, name: str) -> None:
        """Note one."""
        self._names.setdefault(text, []).append(name)

    def all(self) -> list[tuple[str, dict[str, object]]]:
        """Return the sentences, with what is to be put in."""
        return [
            (text, {"count": len(names), "names": _few(names)})
            for text, names in self._names.items()
        ]


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")


@dataclass(slots=True)
class Export:
    """An export that is read, and what becomes of it: rows of our columns, and notes."""

    table: Table
    places: dict[str, int]
    pictures: Pictures
    notes: Notes = field(default_factory=Notes)
    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    slugs: set[str] = field(default_factory=set)
    categories: dict[str, str] = field(default_factory=dict)

    def rows_by_name(self) -> list[tuple[int, dict[str, str]]]:
        """Return the export's rows as texts by our names for its columns."""
        return [
            (line, {name: _text(cells[place]) for name, place in self.places.items()})
            for line, cells in self.table.rows
        ]

    def new_slug(self, *wanted: str) -> str:
        """Return the first of these that is not empty, made unlike all before."""
        slug = next(filter(None, map(slug_of, wanted)), "product")
        unique, number = slug, 2
        while unique in self.slugs:
            unique, number = f"{slug[:70]}-{number}", number + 1
        self.slugs.add(unique)
        return unique

    def category(self, name: str) -> dict[str, str]:
        """Return the columns of a category that has a name only."""
        name = unescape(name)
        slug, name = (slug_of(name) or "category", name) if name else NO_CATEGORY
        unique, number = slug, 2
        while self.categories.get(unique, name) != name:
            unique, number = f"{slug[:70]}-{number}", number + 1
        self.categories[unique] = name
        return {"category": unique, "category_name_fa": name}

    def picture(self, address: str) -> str:
        """Return the name of the picture, if the shop has a file of that name."""
        if not address:
            return ""
        name = PurePosixPath(unquote(urlsplit(address).path)).name
        try:
            return self.pictures.named(name)
        except WrongCell:
            self.notes.add(PICTURES, name)
            return ""

    def stock(self, said: str, name: str) -> dict[str, str]:
        """Return the column of the stock, where a number is said."""
        if not said:
            self.notes.add(NOT_COUNTED, name)
            return {}
        if said.startswith(("-", "−")):
            self.notes.add(BELOW_ZERO, name)
            return {"stock": "0"}
        return {"stock": said}


def _text(cell: object) -> str:
    if is_blank(cell):
        return ""
    text = str(cell)
    return text.removesuffix(".0") if isinstance(cell, float) else text.strip()


_SOURCES = {  # our columns, and the other shop's that they come from
    "slug": ("sku", "handle"),
    "name_fa": ("name",),
    "description_fa": ("description",),
    "category": ("categories", "type"),
    "category_name_fa": ("categories", "type"),
    "image": ("images",),
    "price": ("price",),
    "stock": ("stock",),
}


def converted(export: Export, checks: Checks, problems: Problems, used: Iterable[str]) -> Table:
    """Return the rows as a table of our columns that keeps the export's headings and lines."""
    if not checks.prices_in:
        problems.add(NO_UNIT, export.table.line, export.table.headings[export.places["price"]])
        problems.raise_if_any()
    if not export.rows:
        raise problems.stop(EMPTY)
    _note_columns(export, used)
    columns = [f"price_{checks.prices_in}" if name == "price" else name for name in _SOURCES]
    rows: list[Row] = [
        (line, [row.get(name, ABSENT) for name in _SOURCES]) for line, row in export.rows
    ]
    return Table(
        headings=[_heading(export, *sources) for sources in _SOURCES.values()],
        rows=rows,
        line=export.table.line,
        columns=columns,
        notes=export.notes.all(),
    )


def _heading(export: Export, *sources: str) -> str:
    places = [export.places[name] for name in sources if name in export.places]
    return export.table.headings[places[0]] if places else ""


def _note_columns(export: Export, used: Iterable[str]) -> None:
    known = {export.places[name] for name in used if name in export.places}
    for place, heading in enumerate(export.table.headings):
        if place not in known and any(not is_blank(row[place]) for _, row in export.table.rows):
            export.notes.add(COLUMNS, heading)
