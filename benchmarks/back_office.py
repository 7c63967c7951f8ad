"""What the back office costs in a large shop beside a small one, page by page.

The small one has 100 products and opened this month; the large one has 100,000 products and sixty
such months, 1,000,000 orders in all. Both sold the same this month, which is the month that is
looked at. Each page is asked for in turns in either shop, in this process. The figure is the CPU
time of this process and of its PostgreSQL server process together, as a ratio.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

from flask import Flask
from sqlalchemy import select

from benchmarks.large import Cost, shop
from benchmarks.rig.databases import both
from benchmarks.rig.years import fill_years
from storefront.core.database import db
from storefront.orders.models import Order
from testkit.staff import owner

MONTH = int(os.environ.get("LARGE_MONTH", 16_667))
MONTHS = int(os.environ.get("LARGE_MONTHS", 60))
PRODUCTS = int(os.environ.get("LARGE_PRODUCTS", 100_000))
SMALL_PRODUCTS = 100
RATIO_LIMIT = 1.5
ROUNDS = int(os.environ.get("LARGE_ROUNDS", 7))
_SINCE = f"since={datetime.now(UTC).date() - timedelta(days=29)}&until={datetime.now(UTC).date()}"

PAGES = {  # by what a merchant does; {number}, {mobile} and {name} are those of the youngest sale
    "today": "/admin",
    "orders": "/admin/orders",
    "orders to pack": "/admin/orders?stage=to_pack",
    "orders of a day": f"/admin/orders?since={_SINCE[-10:]}",
    "an order": "/admin/orders/{number}",
    "found by number": "/admin/orders?q={number}",
    "found by mobile": "/admin/orders?q={mobile}",
    "found by name": "/admin/orders?q={name}",
    "sales by day": f"/admin/sales?{_SINCE}",
    "sales by product": f"/admin/sales?by=product&{_SINCE}",
    "sales by category": f"/admin/sales?by=category&{_SINCE}",
    "sales by method": f"/admin/sales?by=gateway&{_SINCE}",
    "system": "/admin/system",
}


def main() -> int:
    """Print a table for each database; exit code 1 if a ratio is above its limit."""
    broken = []
    for database, urls in both(("small", "large")):
        began = perf_counter()
        fill_years(urls["small"], products=SMALL_PRODUCTS, month=MONTH, months=1)
        fill_years(urls["large"], products=PRODUCTS, month=MONTH, months=MONTHS)
        print(
            f"\n{database}: {PRODUCTS:,} products and {MONTH * MONTHS:,} orders of {MONTHS} months"
            f" beside {SMALL_PRODUCTS} and {MONTH:,} of one;"
            f" filled in {perf_counter() - began:.0f} s",
            flush=True,
        )
        print("  CPU ms of             small    large   ratio   limit")
        with shop(urls["small"]) as small, shop(urls["large"]) as large:
            broken += [
                f"{database}, {name}: {ratio:.2f} times"
                for name, ratio in _ratios(small, large)
                if ratio > RATIO_LIMIT
            ]
    for sentence in broken:
        print(f"BROKEN: {sentence}")
    return int(bool(broken))


def page(address: str) -> Callable[[Flask], None]:
    """A page of the back office, asked for by an owner."""

    def ask(app: Flask) -> None:
        known = app.extensions.get("a_sale") or _a_sale(app)
        person = app.extensions.get("an_owner") or owner(app)
        app.extensions |= {"a_sale": known, "an_owner": person}
        answer = person.client.get(address.format_map(known))
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status}")

    return ask


def _a_sale(app: Flask) -> dict[str, str]:
    with app.app_context():
        paid = select(Order).where(Order.paid_at.is_not(None)).order_by(Order.id.desc()).limit(1)
        order = db.session.scalars(paid).one()
        return {"number": order.number, "mobile": order.mobile, "name": order.full_name}


def _ratios(small: Cost, large: Cost) -> Iterator[tuple[str, float]]:
    """In turns, so that whatever else the machine does meets both; the first round warms up."""
    for name, address in PAGES.items():
        work = page(address)
        costs = [(small(work), large(work)) for _ in range(ROUNDS + 1)][1:]
        few, many = (median(column) for column in zip(*costs, strict=True))
        ratio = many / few
        print(
            f"  {name:18} {few * 1000:8.2f} {many * 1000:8.2f} {ratio:7.2f} {RATIO_LIMIT:7.2f}",
            flush=True,
        )
        yield name, ratio


if __name__ == "__main__":
    sys.exit(main())
