"""Define the history of purchases: which state they came to, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

from ..bounds import LONGEST_REFERENCE
from ..fields import given, recognised, wire_moment
from .fields import V3Fields, sorted_out
from .vocabulary import PurchaseState

MOST_HISTORY_PAGES: Final = 10
LARGEST_HISTORY_PAGE: Final = 20_000
#: Fewer than the gateway's 10,000, whose page would be longer than the largest body that is read.
HISTORY_PAGE_SIZE: Final = 4_000


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Hold the criteria of "Filter Purchase Histories": at least one, and at most three hours.

    All but ``purchase_id`` must be enabled for the merchant. ``statuses`` are MANUALLY_SUCCESS,
    REVERSED and UNKNOWN.
    """

    since: datetime | None = None
    until: datetime | None = None
    purchase_id: str | None = None
    statuses: tuple[PurchaseState | str, ...] = ()

    def query(self) -> dict[str, str | list[str]]:
        """Return the query without criteria that are None. Raises ValueError for a naive time."""
        criteria = {
            "from": self.since and wire_moment(self.since),
            "to": self.until and wire_moment(self.until),
            "purchaseId": self.purchase_id,
        }
        query: dict[str, str | list[str]] = {
            name: str(value) for name, value in given(criteria).items()
        }
        if self.statuses:
            query["statuses"] = [str(status) for status in self.statuses]
        return query


@dataclass(frozen=True, slots=True)
class PurchaseHistory:
    """Hold one change of a purchase's state; ``said`` is the new state word for word."""

    purchase_id: str
    client_ref_num: str | None
    new_state: PurchaseState
    said: str
    created_at: datetime | None
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, row: object) -> Self:
        """Read one row: id and state strictly, the rest leniently."""
        fields = V3Fields("histories", row)
        said = fields.word("newState")
        return cls(
            purchase_id=fields.purchase_id(),
            client_ref_num=fields.optional_text_or_long("clientRefNum", LONGEST_REFERENCE),
            new_state=recognised(PurchaseState, said),
            said=said,
            created_at=fields.moment("createdAt"),
            odd_fields=fields.odd_names(),
        )


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Hold one page of "Filter Purchase Histories"; ``next_page_id`` asks for the next one."""

    size: int | None
    total_count: int | None
    has_next: bool
    next_page_id: str | None
    elements: tuple[PurchaseHistory, ...]
    unreadable: tuple[object, ...] = field(repr=False)
    raw: Mapping[str, object] = field(repr=False)
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, answer: object) -> Self:
        """Read the answer: hasNext and elements strictly, the rest leniently."""
        fields = V3Fields("histories", answer)
        elements, unreadable = sorted_out(fields.array("elements"), PurchaseHistory.read)
        return cls(
            size=fields.optional_long("size"),
            total_count=fields.optional_long("totalCount"),
            has_next=fields.boolean("hasNext"),
            next_page_id=fields.optional_numbered("nextPageId"),
            elements=elements,
            unreadable=unreadable,
            raw=fields.raw,
            odd_fields=fields.odd_names(elements),
        )
