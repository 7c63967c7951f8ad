"""Hold the rows of a file with the lines they stand on, whatever the file's format."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from storefront.catalogue.files.columns import column_of, is_price_without_unit, key_of
from storefront.catalogue.files.problems import N_, Problems
from storefront.core import typed

MOST_BYTES = 20_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 500
TITLE_ROWS = 10  # rows in which the headings may stand

TOO_LARGE = N_("the file is larger than %(most)s megabytes: divide it into several files")
TOO_MANY_ROWS = N_("the file has more than %(most)s rows: divide it into several files")
TOO_MANY_COLUMNS = N_("there are more than %(most)s columns: remove those without headings")
EMPTY = N_("the file has no rows of products")
NO_HEADING = N_("column %(place)s has cells, but no heading: give it one, or empty the column")

Row = tuple[int, Sequence[Any]]  # line, cells
Rows = Iterable[Row]
# Takes a row of another length than the headings: returns its cells, or None and notes a problem.
Misfit = Callable[[int, Sequence[Any], list[str]], Sequence[Any] | None]

# Takes the rows below the headings, the headings, and how many cells their row has with the empty
# ones at its end; returns the rows that can be read, and notes the others.
Sift = Callable[[list[Row], list[str], int], list[Row]]


class Absent:
    """What stands for a cell that is not there at all, which changes nothing."""


ABSENT = Absent()


@dataclass(slots=True)
class Table:
    """Headings as the merchant wrote them, and rows as long as these, each with its line.

    ``categories`` are what JSON says of categories beside its products. ``strict`` is whether a
    cell has a type that says what was meant, as in JSON. ``columns`` are our names of the columns
    where the headings are another shop's, and ``notes`` say what was not taken of its export.
    """

    headings: list[str]
    rows: list[Row]
    line: int = 1
    strict: bool = False
    columns: list[str] | None = None
    categories: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)


def is_blank(cell: object) -> bool:
    """Return whether a person would see nothing in a cell."""
    return cell is None or (isinstance(cell, str) and typed.is_blank(cell))


def known_headings(cells: Iterable[object], foreign: Collection[str] = ()) -> int:
    """Return how many cells of a row are headings that we know."""
    texts = [cell for cell in cells if isinstance(cell, str) and not is_blank(cell)]
    return sum(
        column_of(text) is not None or is_price_without_unit(text) or key_of(text) in foreign
        for text in texts
    )


def heading_row(rows: Sequence[Row], foreign: Collection[str]) -> int:
    """Return where among the first rows the headings stand; there may be a title above them."""
    counts = [known_headings(cells, foreign) for _, cells in rows[:TITLE_ROWS]]
    best = max(counts, default=0)
    return counts.index(best) if best >= 2 else 0


def with_headings(
    read: Rows,
    foreign: Collection[str],
    problems: Problems,
    misfit: Misfit,
    sift: Sift = lambda rows, _headings, _width: rows,
) -> Table:
    """Return the table of these rows, without blank ones.

    Raises :class:`~storefront.catalogue.files.problems.WrongFile` where nothing can be read.
    """
    rows = [row for row in islice(read, 2 * MOST_ROWS) if not all(map(is_blank, row[1]))]
    start = heading_row(rows, foreign)
    if len(rows) <= start + 1:
        raise problems.stop(EMPTY)
    if len(rows) > MOST_ROWS + start + 1:
        raise problems.stop(TOO_MANY_ROWS, rows[-1][0], most=MOST_ROWS)
    line, heads = rows[start]
    headings = ["" if is_blank(head) else " ".join(str(head).split()) for head in trimmed(heads)]
    if len(headings) > MOST_COLUMNS:
        raise problems.stop(TOO_MANY_COLUMNS, line, most=MOST_COLUMNS)
    readable = sift(rows[start + 1 :], headings, len(heads))
    fitting = [_fitted(row, headings, misfit) for row in readable]
    table = Table(headings, [row for row in fitting if row is not None], line)
    return _without_empty_columns(table, problems)


def trimmed(cells: Sequence[Any]) -> Sequence[Any]:
    """Return the cells of a row without the empty ones at its end."""
    width = len(cells)
    while width and is_blank(cells[width - 1]):
        width -= 1
    return cells[:width]


def _fitted(row: Row, headings: list[str], misfit: Misfit) -> Row | None:
    line, cells = row
    if len(cells) > len(headings):  # what a spreadsheet adds at the end of a row is empty
        cells = [*cells[: len(headings)], *trimmed(cells[len(headings) :])]
    if len(cells) == len(headings):
        return line, cells
    fitted = misfit(line, cells, headings)
    return None if fitted is None else (line, fitted)


def _without_empty_columns(table: Table, problems: Problems) -> Table:
    nameless = [place for place, head in enumerate(table.headings) if not head]
    if not nameless:
        return table
    for place in nameless:
        filled = next((line for line, cells in table.rows if not is_blank(cells[place])), None)
        if filled is not None:
            problems.add(NO_HEADING, filled, place=place + 1)
    kept = [place for place, head in enumerate(table.headings) if head]
    table.rows = [(line, [cells[place] for place in kept]) for line, cells in table.rows]
    table.headings = [table.headings[place] for place in kept]
    return table
