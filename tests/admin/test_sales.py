"""What the sales page says adds up to the Rial, whichever way it is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from bs4 import Tag
from flask import Flask
from persiantools.jdatetime import JalaliDate
from sqlalchemy import select

from storefront.catalogue.models import Category, Product
from storefront.core.database import db, transaction
from storefront.core.formats import TEHRAN, latin_digits
from storefront.core.services import current_services
from storefront.demo.filling import fill
from storefront.orders.models import LineKind, Order, OrderLine
from storefront.orders.payments import Payment, Refund
from testkit.clock import MovingClock
from testkit.shopper import Page
from testkit.staff import Person, clerk, owner

ORDERS = 300
DAY = timedelta(days=1)
MONEY = ("Goods", "Delivery", "VAT", "Refunds", "Net")


class Ledger:
    """The sales of some days, added up row by row without the shop's own sums."""

    def __init__(self, app: Flask, first: date, last: date) -> None:
        with app.app_context():
            self.payments = {p.id: p for p in db.session.scalars(select(Payment))}
            self.products = {p.id: p for p in db.session.scalars(select(Product))}
            self.categories = {c.id: c for c in db.session.scalars(select(Category))}
            self.lines: dict[int, list[OrderLine]] = {}
            for line in db.session.scalars(select(OrderLine)):
                self.lines.setdefault(line.order_id, []).append(line)
            self.orders = [o for o in db.session.scalars(select(Order)) if o.paid_at]
            self.orders = [o for o in self.orders if first <= day_of(o.paid_at) <= last]
            self.refunds = [
                refund
                for refund in db.session.scalars(select(Refund))
                if refund.state == "done"
                and self.payments[refund.payment_id].state == "paid"
                and first <= day_of(refund.ended_at) <= last
            ]
        self.paid_at = {p.order_key: p.gateway for p in self.payments.values() if p.paid_at}

    def sums(
        self,
        order_key: Callable[[Order], Any] = lambda _order: "all",
        refund_key: Callable[[Refund], Any] = lambda _refund: "all",
    ) -> dict[Any, Counter[str]]:
        """Sums by any key of an order and of a refund."""
        found: dict[Any, Counter[str]] = {}
        for order in self.orders:
            sums = found.setdefault(order_key(order), Counter())
            sums["Orders"] += 1
            for line in self.lines[order.id]:
                sums["Pieces"] += line.quantity if line.kind == LineKind.PRODUCT else 0
                sums[NAMES[line.kind]] += line.amount_rials - line.tax_included_rials
                sums["VAT"] += line.tax_included_rials
            sums["Net"] += order.amount_rials
        for refund in self.refunds:
            sums = found.setdefault(refund_key(refund), Counter())
            sums["Refunds"] += refund.amount_rials
            sums["Net"] -= refund.amount_rials
        return found

    def goods(self, name_of: Callable[[Product], str]) -> dict[str, Counter[str]]:
        """Sums of goods by a name."""
        found: dict[str, Counter[str]] = {}
        for order in self.orders:
            names = set()
            for line in self.lines[order.id]:
                if line.product_id:
                    name = name_of(self.products[line.product_id])
                    sums = found.setdefault(name, Counter())
                    sums["Pieces"] += line.quantity
                    sums["Goods"] += line.amount_rials - line.tax_included_rials
                    names.add(name)
            for name in names:
                found[name]["Orders"] += 1
        return found


NAMES = {LineKind.PRODUCT: "Goods", LineKind.DELIVERY: "Delivery", LineKind.VAT: "VAT"}


def day_of(moment: datetime | None) -> date:
    """The day in Tehran."""
    assert moment
    return moment.astimezone(TEHRAN).date()


def rows_of(page: Page) -> Iterator[tuple[str, Counter[str]]]:
    """The rows of the table, sums last, each cell by its column's name; money in Rials."""
    for row in page.soup.select("table.figures tbody tr, table.figures tfoot tr"):
        heading = row.find("th")
        assert isinstance(heading, Tag)
        cells = {str(c["data-label"]): figure(c.text) for c in row.select("td[data-label]")}
        yield heading.get_text(strip=True), Counter(cells)


def figure(text: str) -> int:
    """A number as the page writes it, an amount in Rials."""
    plain = latin_digits(text).replace("٬", "").replace(",", "").replace("−", "-").split()
    rials = {"Toman": 10, "تومان": 10, "Rials": 1, "ریال": 1}
    pairs = pairwise(plain)
    money = [int(number) * rials[unit] for number, unit in pairs if unit in rials]
    if len(plain) == 1:
        return int(plain[0])
    return money[0] + sum(money[1:]) * (-1 if money[0] < 0 else 1)


@pytest.fixture
def shop(app: Flask) -> Flask:
    """A shop with a month behind it, half of it sold with tax added to the prices."""
    with app.app_context():
        services = current_services()
        without_tax = replace(services, prices=replace(services.prices, with_tax=False))
        for seed, each in ((7, services), (8, without_tax)):
            fill(each, seed=seed, orders=ORDERS // 2)
    return app


@pytest.fixture
def days(clock: MovingClock) -> tuple[date, date]:
    """Three weeks in the middle of it, and the last days."""
    today = day_of(clock.now())
    return today - 23 * DAY, today


def opened(person: Person, by: str, days: tuple[date, date]) -> Page:
    """The page of some days."""
    return person.open(f"/admin/sales?by={by}&since={days[0]}&until={days[1]}")


@pytest.mark.both_databases
def test_each_day_adds_up(shop: Flask, days: tuple[date, date]) -> None:
    *rows, (_name, in_all) = rows_of(opened(owner(shop), "day", days))
    ledger = Ledger(shop, *days)
    by_day = ledger.sums(lambda o: day_of(o.paid_at), lambda r: day_of(r.ended_at))
    assert [name for name, _row in rows] == [str(days[0] + n * DAY) for n in range(24)]
    assert {name: row for name, row in rows if +row or -row} == {
        str(day): sums for day, sums in by_day.items()
    }
    assert in_all == ledger.sums()["all"]
    assert in_all["Orders"] > 150
    assert in_all["Refunds"] > 0


@pytest.mark.long
@pytest.mark.both_databases
def test_each_payment_method_adds_up(shop: Flask, days: tuple[date, date]) -> None:
    *rows, (_name, in_all) = rows_of(opened(owner(shop), "gateway", days))
    ledger = Ledger(shop, *days)
    by_gateway = ledger.sums(lambda o: ledger.paid_at[o.number], lambda r: r.gateway)
    titles = {
        name: gateway.titles["en"]
        for name, gateway in shop.extensions["services"].engine.gateways.items()
    }
    assert dict(rows) == {titles[name]: sums for name, sums in by_gateway.items()}
    assert len(rows) == 2
    assert in_all == ledger.sums()["all"]


@pytest.mark.both_databases
@pytest.mark.one_case_in(2)
@pytest.mark.parametrize("by", ["product", "category"])
def test_goods_add_up(shop: Flask, days: tuple[date, date], by: str) -> None:
    page = opened(owner(shop), by, days)
    *rows, (_name, in_all) = rows_of(page)
    ledger = Ledger(shop, *days)
    names: dict[str, Callable[[Product], str]] = {
        "product": lambda product: product.name_en,
        "category": lambda product: ledger.categories[product.category_id].name_en,
    }
    sums = ledger.sums()["all"]
    assert dict(rows) == ledger.goods(names[by])
    assert in_all == Counter({name: sums[name] for name in ("Orders", "Pieces", "Goods")})
    facts = {dt.text: figure(dt.find_next("dd").text) for dt in page.soup.select(".facts dt")}  # type: ignore[union-attr]
    assert {name: facts[name] for name in MONEY} == {name: sums[name] for name in MONEY}


@pytest.mark.long
def test_more_products_than_a_table_has_are_added_up_below_it(
    app: Flask, days: tuple[date, date]
) -> None:
    with app.app_context():
        stock_more(130)
        fill(current_services(), seed=7, orders=600)
    *rows, (name, others), (_name, in_all) = rows_of(opened(owner(app), "product", days))
    assert (len(rows), name) == (100, "All other products")
    assert others["Pieces"] > 0
    for column in ("Pieces", "Goods"):
        assert others[column] + sum(row[column] for _name, row in rows) == in_all[column]


def stock_more(count: int) -> None:
    """Put so many more products on sale."""
    given = {"category_id": 1, "description_fa": "", "description_en": "", "image": ""}
    with transaction():
        for number in range(count):
            name = f"more {number}"
            new = Product(slug=f"more-{number}", name_fa=name, name_en=name, **given)
            new.price_rials = 10_000 + number * 1_000
            db.session.add(new)


def test_persian_pages_have_persian_figures_and_the_same_sums(
    shop: Flask, days: tuple[date, date]
) -> None:
    person = owner(shop)
    person.open("/language/fa")
    page = opened(person, "day", days)
    *_rows, (name, in_all) = rows_of(page)
    sums = Ledger(shop, *days).sums()["all"]
    assert name == "جمع"
    assert list(in_all.values()) == [sums[each] for each in ("Orders", "Pieces", *MONEY)]
    drawn = page.soup.select_one("svg.chart")
    assert drawn
    assert not set("0123456789") & set(drawn.get_text())


@pytest.mark.long
@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("since=1405/13/01", "Write a day as 1405/09/09 or 2026-11-30."),
        ("since=yesterday&until=2026-11-30", "Write a day as 1405/09/09 or 2026-11-30."),
        ("until=9999-12-31", "Write a day as 1405/09/09 or 2026-11-30."),
        ("since=2026-11-30&until=2026-11-29", "The last day is before the first one."),
        ("since=2025-01-01&until=2026-11-29", "Choose 366 days at most."),
    ],
)
def test_wrong_days_are_said_in_words(app: Flask, asked: str, sentence: str) -> None:
    person = owner(app)
    page = person.open(f"/admin/sales?{asked}")
    assert page.status == 422
    assert sentence in page.text
    typed = page.soup.select_one("#filter-since, #filter-until")
    assert typed
    assert str(typed["value"]) in asked
    assert not page.soup.select("table")
    for file in ("orders.csv", "refunds.csv", "sales.xlsx"):
        assert sentence in person.open(f"/admin/sales/{file}?{asked}").text


def test_days_are_read_in_either_calendar_and_one_is_a_period(app: Flask) -> None:
    person = owner(app)
    for asked in ("since=۱۴۰۵/۰۹/۰۹", "until=2026-11-30", "since=1405-9-9&until=2026/11/30"):
        page = person.open(f"/admin/sales?{asked}")
        found = [each["value"] for each in page.soup.select("#filter-since, #filter-until")]
        assert found == ["2026-11-30"] * 2, asked


def first_of_month(day: date) -> date:
    """The first day of a Jalali month."""
    while JalaliDate(day).day > 1:  # type: ignore[no-untyped-call]
        day -= DAY
    return day


def test_the_usual_periods(app: Flask, clock: MovingClock) -> None:
    today = day_of(clock.now())
    first = first_of_month(today)
    before = first_of_month(first - DAY)
    saturday = next(day for n in range(7) if (day := today - n * DAY).weekday() == 5)
    expected = {
        "today": (today, today),
        "week": (saturday, today),
        "month": (first, today),
        "last_month": (before, first - DAY),
    }
    person = owner(app)
    for period, days in expected.items():
        page = person.open(f"/admin/sales?period={period}")
        found = [each["value"] for each in page.soup.select("#filter-since, #filter-until")]
        assert found == [str(day) for day in days], period


def test_what_was_not_kept_is_no_sale(shop: Flask) -> None:
    with shop.app_context():
        returned = db.session.scalars(select(Payment).where(Payment.state == "returned")).all()
        days = {day_of(payment.ended_at) for payment in returned}
        numbers = {payment.order_key for payment in returned}
    assert returned
    day = days.pop()
    assert not numbers & {order.number for order in Ledger(shop, day, day).orders}
    *_rows, (_name, in_all) = rows_of(opened(owner(shop), "day", (day, day)))
    assert in_all == Ledger(shop, day, day).sums().get("all", Counter())


def test_a_clerk_sees_no_sales(app: Flask) -> None:
    person = clerk(app)
    assert person.open("/admin/sales").status == 403
    assert "Sales" not in person.open("/admin").text
