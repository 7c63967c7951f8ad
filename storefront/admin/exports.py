"""Write sales and refunds into files that accountants open: CSV as a stream, or a workbook.

Amounts are Rials as whole numbers, days stand in both calendars. A spreadsheet runs no text of a
customer as a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import IO, Any

from flask_babel import gettext as _

from payment_engine.bounds import printable
from storefront.admin import days
from storefront.admin.sales_words import METHODS
from storefront.core.formats import TEHRAN
from storefront.orders.sales_rows import OrderRow, RefundRow
from storefront.web import payment_methods

MOST_SHEET_ROWS = 200_000  # a sheet takes a million; more than these take minutes to make
BYTE_ORDER_MARK = "\ufeff"  # Excel takes the file for Windows-1256 without it
_GUARDED = ("=", "+", "-", "@", "'")  # a spreadsheet would take such a text for a formula

Cells = list[Any]


def order_headings() -> list[str]:
    """Return what stands above the columns of orders."""
    moment = [_("Day of payment (Jalali)"), _("Time of payment"), _("Day of payment (Gregorian)")]
    money = [_("Goods, Rials"), _("Delivery, Rials"), _("VAT, Rials"), _("Total, Rials")]
    payment = [_("Payment method"), _("Gateway's tracking number"), _("Payment reference")]
    return [_("Order"), *moment, _("Customer"), *money, _("Refunded until now, Rials"), *payment]


def refund_headings() -> list[str]:
    """Return what stands above the columns of refunds."""
    moment = [_("Day of refund (Jalali)"), _("Time of refund"), _("Day of refund (Gregorian)")]
    way = [_("Payment method"), _("Way"), _("Gateway's refund number")]
    return [_("Order"), *moment, _("Refunded, Rials"), *way, _("Asked for by"), _("Reason")]


def order_cells(batches: Iterable[Sequence[OrderRow]]) -> Iterator[list[Cells]]:
    """Yield rows of orders, as many at a time as came."""
    titled = _Titles()
    for batch in batches:
        yield [
            [
                *(row.number, *_moment(row.paid_at), printable(row.full_name)),
                *(row.products_rials, row.delivery_rials, row.vat_rials, row.total_rials),
                *(row.refunded_rials, titled[row.gateway], row.tracking_number, row.reference),
            ]
            for row in batch
        ]


def refund_cells(batches: Iterable[Sequence[RefundRow]]) -> Iterator[list[Cells]]:
    """Yield rows of refunds, as many at a time as came."""
    titled = _Titles()
    for batch in batches:
        yield [
            [
                *(row.number, *_moment(row.done_at), row.amount_rials),
                *(titled[row.gateway], str(METHODS[row.method]), row.gateway_refund_id),
                *(printable(row.requested_by), printable(row.reason)),
            ]
            for row in batch
        ]


class _Titles(dict[str, str]):
    """What each gateway is called on this page."""

    def __missing__(self, gateway: str) -> str:
        self[gateway] = payment_methods.title(gateway) if gateway else ""
        return self[gateway]


def _moment(moment: datetime) -> tuple[str, str, date]:
    there = moment.astimezone(TEHRAN)
    return days.written(there.date(), "fa"), f"{there:%H:%M:%S}", there.date()


def as_csv(headings: Sequence[str], batches: Iterable[list[Cells]]) -> Iterator[str]:
    """Yield a CSV file, a batch of rows at a time."""
    yield BYTE_ORDER_MARK + _lines([headings])
    for batch in batches:
        yield _lines([[_guarded(cell) for cell in row] for row in batch])


def _lines(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _guarded(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_GUARDED) else cell


Sheet = tuple[str, Sequence[str], Iterable[list[Cells]]]


def write_workbook(target: IO[bytes], sheets: Iterable[Sheet], *, from_right: bool) -> None:
    """Write a workbook; each sheet has its title, its headings and its rows."""
    from openpyxl import Workbook  # takes 0.2 s, which no other page need wait for

    book = Workbook(write_only=True)  # what is appended goes into a file at once
    for title, headings, batches in sheets:
        sheet = book.create_sheet(title)
        sheet.sheet_view.rightToLeft = from_right
        sheet.freeze_panes = "A2"
        _set_widths(sheet, len(headings))
        sheet.append(_bold(sheet, headings))
        for batch in batches:
            for row in batch:
                sheet.append([_plain(sheet, cell) for cell in row])
    book.save(target)


def _set_widths(sheet: Any, columns: int) -> None:
    from openpyxl.utils import get_column_letter

    for place in range(1, columns + 1):
        sheet.column_dimensions[get_column_letter(place)].width = 20


def _bold(sheet: Any, headings: Sequence[str]) -> list[Any]:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cells = [WriteOnlyCell(sheet, heading) for heading in headings]
    for cell in cells:
        cell.font = Font(bold=True)
    return cells


def _plain(sheet: Any, value: Any) -> Any:
    """Return what a sheet takes; a text stays one, also where it looks like a formula."""
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str) or not value.startswith(("=", "#")):
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    return cell
