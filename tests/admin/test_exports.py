"""The accountant's files have every sale and refund of a period once, and add up to the Rial."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select, update

from benchmarks.rig.filling import Size
from benchmarks.rig.filling import fill as repeat_orders
from storefront.admin import days, exports
from storefront.core.database import db, transaction
from storefront.core.formats import TEHRAN
from storefront.core.services import current_services
from storefront.demo.filling import fill
from storefront.orders import sales_rows
from storefront.orders.models import LineKind, Order
from storefront.orders.payments import Payment, Refund
from storefront.orders.sales import Period
from storefront.staff import log
from testkit.clock import MovingClock
from testkit.staff import Person, clerk, owner

DAY = timedelta(days=1)
Row = dict[str, Any]


@pytest.fixture
def shop(app: Flask) -> Flask:
    """A shop with a month behind it."""
    with app.app_context():
        fill(current_services(), seed=5, orders=200)
    return app


@pytest.fixture
def busy_shop(app: Flask) -> Flask:
    """One whose month is longer than a batch."""
    with app.app_context():
        fill(current_services(), seed=5, orders=1300)
    return app


def period(clock: MovingClock) -> str:
    """The last four weeks, for addresses."""
    today = days.today(clock.now())
    return f"since={today - 27 * DAY}&until={today}"


def csv_rows(person: Person, file: str, asked: str) -> list[Row]:
    """A CSV file as a spreadsheet reads it."""
    answer = person.client.get(f"/admin/sales/{file}?{asked}")
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def workbook(person: Person, asked: str) -> dict[str, list[Row]]:
    """Every sheet of the workbook, by its title."""
    answer = person.client.get(f"/admin/sales/sales.xlsx?{asked}")
    assert answer.status_code == 200
    book = load_workbook(io.BytesIO(answer.data))
    found = {}
    for sheet in book.worksheets:
        names, *rows = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(map(str, names), row, strict=True)) for row in rows]
    return found


def expected_orders(clock: MovingClock) -> dict[str, dict[str, int]]:
    """What the rows of orders should say, read one order at a time."""
    last = days.today(clock.now())
    found = {}
    for order in db.session.scalars(select(Order).where(Order.paid_at.is_not(None))):
        assert order.paid_at
        if not last - 27 * DAY <= order.paid_at.astimezone(TEHRAN).date() <= last:
            continue
        sums = dict.fromkeys(LineKind, 0)
        for line in order.lines:
            sums[line.kind] += line.amount_rials - line.tax_included_rials
            sums[LineKind.VAT] += line.tax_included_rials
        found[order.number] = {
            "Goods, Rials": sums[LineKind.PRODUCT],
            "Delivery, Rials": sums[LineKind.DELIVERY],
            "VAT, Rials": sums[LineKind.VAT],
            "Total, Rials": order.amount_rials,
            "Refunded until now, Rials": order.refunded_rials,
        }
    return found


def expected_refunds(clock: MovingClock) -> dict[str, int]:
    """What went back of sales, by order."""
    last = days.today(clock.now())
    found = {}
    for refund in db.session.scalars(select(Refund).where(Refund.state == "done")):
        payment = db.session.get_one(Payment, refund.payment_id)
        assert refund.ended_at
        day = refund.ended_at.astimezone(TEHRAN).date()
        if payment.state == "paid" and last - 27 * DAY <= day <= last:
            found[refund.order_key] = refund.amount_rials
    return found


def figures(rows: list[Row]) -> dict[str, dict[str, int]]:
    """The amounts of orders by number."""
    assert len({row["Order"] for row in rows}) == len(rows)
    return {
        str(row["Order"]): {name: int(row[name]) for name in row if name.endswith(", Rials")}
        for row in rows
    }


def test_every_order_and_refund_is_in_the_files_once(busy_shop: Flask, clock: MovingClock) -> None:
    person, asked = owner(busy_shop), period(clock)
    book = workbook(person, asked)
    orders, refunds = (csv_rows(person, f"{name}.csv", asked) for name in ("orders", "refunds"))
    with busy_shop.app_context():
        expected, back = expected_orders(clock), expected_refunds(clock)
    assert len(expected) > sales_rows.AT_ONCE
    assert back
    for found in (orders, book["Orders"]):
        assert figures(found) == expected
    for found in (refunds, book["Refunds"]):
        assert {str(row["Order"]): int(row["Refunded, Rials"]) for row in found} == back


def test_a_row_says_when_and_how_an_order_was_paid(shop: Flask, clock: MovingClock) -> None:
    person = owner(shop)
    row = csv_rows(person, "orders.csv", period(clock))[-1]
    with shop.app_context():
        order = db.session.scalars(select(Order).where(Order.number == row["Order"])).one()
        payment = db.session.scalars(
            select(Payment).where(Payment.order_key == order.number, Payment.paid_at.is_not(None))
        ).one()
    assert order.paid_at
    there = order.paid_at.astimezone(TEHRAN)
    assert row["Day of payment (Gregorian)"] == str(there.date())
    assert days.day_in(row["Day of payment (Jalali)"]) == there.date()
    assert row["Time of payment"] == f"{there:%H:%M:%S}"
    assert row["Customer"] == order.full_name
    assert row["Gateway's tracking number"] == payment.tracking_number
    assert row["Payment reference"] == payment.reference


@pytest.mark.long
def test_the_page_says_how_many_rows_there_are(shop: Flask, clock: MovingClock) -> None:
    person, asked = owner(shop), period(clock)
    page = person.open(f"/admin/sales?{asked}")
    orders, refunds = (csv_rows(person, f"{name}.csv", asked) for name in ("orders", "refunds"))
    assert f"Rows: {len(orders):,} orders, {len(refunds)} refunds." in page.text


def test_a_spreadsheet_takes_no_name_for_a_formula(shop: Flask, clock: MovingClock) -> None:
    evil = ("=1+1", "+98", "-1", "@SUM(A1)", '=HYPERLINK("http://evil.example")')
    with shop.app_context():
        ids = db.session.scalars(
            select(Order.id).where(Order.paid_at.is_not(None)).order_by(Order.id.desc()).limit(5)
        ).all()
        with transaction():
            for order_id, name in zip(ids, evil, strict=True):
                db.session.execute(update(Order).where(Order.id == order_id).values(full_name=name))
    person, asked = owner(shop), period(clock)
    names = {row["Customer"] for row in csv_rows(person, "orders.csv", asked)}
    assert {f"'{name}" for name in evil} <= names
    answer = person.client.get(f"/admin/sales/sales.xlsx?{asked}")
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    cells = {cell.value: cell.data_type for (cell,) in sheet.iter_rows(min_col=5, max_col=5)}
    assert {cells[name] for name in evil} == {"s"}


def test_headings_and_sheets_are_persian_on_a_persian_page(shop: Flask, clock: MovingClock) -> None:
    person = owner(shop)
    person.open("/language/fa")
    answer = person.client.get(f"/admin/sales/sales.xlsx?{period(clock)}")
    book = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["سفارش‌ها", "برگشت‌های وجه"]
    assert book.worksheets[0].sheet_view.rightToLeft
    headings = [cell.value for cell in next(book.worksheets[0].iter_rows())]
    assert headings[:2] == ["سفارش", "تاریخ پرداخت (شمسی)"]
    first = csv_rows(person, "orders.csv", period(clock))[0]
    assert list(first) == headings


def test_whoever_takes_a_file_is_in_the_log(shop: Flask, clock: MovingClock) -> None:
    person = owner(shop)
    csv_rows(person, "orders.csv", "since=2026-11-01&until=2026-11-03")
    with shop.app_context():
        taken = [each for each in log.since(clock.now() - DAY) if each.what == "sales_exported"]
    assert [(each.name, each.details["file"]) for each in taken] == [
        (person.name, "orders-2026-11-01-2026-11-03.csv")
    ]


def test_a_clerk_gets_no_file(app: Flask) -> None:
    person = clerk(app)
    for file in ("orders.csv", "refunds.csv", "sales.xlsx"):
        assert person.open(f"/admin/sales/{file}").status == 403


def _csv(span: Period) -> None:
    cells = exports.order_cells(sales_rows.orders(span))
    for _part in exports.as_csv(["heading"], cells):
        pass


def _workbook(span: Period) -> None:
    cells = exports.order_cells(sales_rows.orders(span))
    with open("/dev/null", "wb") as target:
        exports.write_workbook(target, [("orders", ["heading"], cells)], from_right=False)


@pytest.mark.long
@pytest.mark.parametrize("write", [_csv, _workbook])
def test_a_file_of_twenty_times_the_rows_takes_no_more_memory(
    app: Flask, clock: MovingClock, write: Callable[[Period], None]
) -> None:
    repeat_orders(app.config["DATABASE_URL"], Size(products=27, orders=23_000))
    with app.app_context():
        moments = db.session.scalars(select(Order.paid_at).order_by(Order.paid_at)).all()
        paid = [moment for moment in moments if moment]
        few, until = paid[2 * sales_rows.AT_ONCE], clock.now()
        with app.test_request_context():
            peaks = [_peak(write, paid[0], end) for end in (few, few, until)]
    assert len(paid) > 40 * sales_rows.AT_ONCE
    assert peaks[2] < peaks[1] * 3, peaks  # all rows at once would take twenty times as much


def _peak(write: Callable[[Period], None], since: datetime, until: datetime) -> int:
    tracemalloc.start()
    write(Period(since, until))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
