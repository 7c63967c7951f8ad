"""Hold one page of a list. A row that makes no sense does not hide the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, Self

from .fields import RowT, V3Fields, sorted_out

MOST_PAGES: Final = 20
LARGEST_PAGE: Final = 250
#: Less than the document allows, so that a page of long rows stays below the largest body.
PAGE_SIZE: Final = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """Hold one page of "Filter Purchases" or of "Filter Settlements".

    ``number_of_elements`` is the total of the list. Rows that make no sense are in ``unreadable``.
    ``odd_fields`` names those of the page and of its rows.
    """

    page_number: int | None
    size: int | None
    number_of_elements: int | None
    has_next: bool
    has_previous: bool | None
    elements: tuple[RowT, ...]
    unreadable: tuple[object, ...] = field(repr=False)
    raw: Mapping[str, object] = field(repr=False)
    odd_fields: tuple[str, ...] = ()

    @property
    def goes_on(self) -> bool:
        """Return whether there is a next page to request; an empty page ends the list, too."""
        return self.has_next and bool(self.elements or self.unreadable)

    @classmethod
    def read(cls, operation: str, answer: object, read: Callable[[object], RowT]) -> Self:
        """Read the answer: hasNext and elements strictly, the rest leniently."""
        fields = V3Fields(operation, answer)
        elements, unreadable = sorted_out(fields.array("elements"), read)
        return cls(
            page_number=fields.optional_long("pageNumber"),
            size=fields.optional_long("size"),
            number_of_elements=fields.optional_long("numberOfElements"),
            has_next=fields.boolean("hasNext"),
            has_previous=fields.optional_boolean("hasPrevious"),
            elements=elements,
            unreadable=unreadable,
            raw=fields.raw,
            odd_fields=fields.odd_names(elements),  # last, when all others have been read
        )


def page_query(
    page: int, size: int | None, *, most_pages: int = MOST_PAGES, largest: int = LARGEST_PAGE
) -> dict[str, str]:
    """Return the query of one page. Raises ValueError for a page that the gateway does not have."""
    if not 1 <= page <= most_pages:
        raise ValueError(f"pages are counted from 1 to {most_pages}")
    if size is None:
        return {"page": str(page)}
    if not 1 <= size <= largest:
        raise ValueError(f"a page has 1 to {largest} rows")
    return {"page": str(page), "size": str(size)}
