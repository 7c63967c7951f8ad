"""What 1,000,000 orders cost, or 10,000,000, beside 16,667: pages, passes, a day's comparison.

Both shops have 1,000 products and sold the same this month; the large one has sixty such months, or
as many as SCALE_MONTHS says (600 are 10,000,000 orders; PostgreSQL alone). The figure is the CPU
time of this process and of its PostgreSQL server process together, as a ratio.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from flask import Flask
from sqlalchemy import create_engine, text

from benchmarks.client import in_another_process
from benchmarks.large import Cost, shop
from benchmarks.rig.chores import Chore, chores, give_ledger
from benchmarks.rig.databases import both
from benchmarks.rig.markdown import figure, print_table
from benchmarks.rig.sizes import whole_number
from benchmarks.rig.slow_gateway import answering_after
from benchmarks.rig.years import fill_years

MONTH = whole_number("SCALE_MONTH", 16_667)
MONTHS = whole_number("SCALE_MONTHS", 60)
ROUNDS = whole_number("SCALE_ROUNDS", 7)
PRODUCTS = 1_000
KINDS = os.environ.get("SCALE_DATABASES", "sqlite,postgresql").split(",")
BYTES_OF_AN_ORDER = 5_500  # with its lines, payments, history and indexes, and what sorting takes
HEAD = ("CPU ms of", "small", "large", "ratio", "limit")


def main() -> int:
    """Print a table for each database; exit code 1 if a ratio is above its limit."""
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if free < MONTH * MONTHS * BYTES_OF_AN_ORDER:
        sys.exit(f"{free / 1e9:.0f} GB are free in {tempfile.gettempdir()}: too few")
    broken = []
    for kind, urls in both(("small", "large")):
        if kind in KINDS:
            broken += _measured(kind, urls)
    for sentence in broken:
        print(f"BROKEN: {sentence}")
    return int(bool(broken))


def _measured(kind: str, urls: dict[str, str]) -> list[str]:
    began = perf_counter()
    fill_years(urls["small"], products=PRODUCTS, month=MONTH, months=1)
    fill_years(urls["large"], products=PRODUCTS, month=MONTH, months=MONTHS)
    sizes = [_gigabytes(url) for url in urls.values()]
    title = (
        f"{kind}: {MONTH * MONTHS:,} orders ({sizes[1]:.2f} GB) beside {MONTH:,}"
        f" ({sizes[0]:.2f} GB), filled in {perf_counter() - began:.0f} s"
    )
    print(title, flush=True)
    with _shop(urls["small"]) as small, _shop(urls["large"]) as large:
        found = [(each, *_costs(each, small, large)) for each in chores()]
    rows = [[each.name, *_figures(few, many), f"{each.limit:.2f}"] for each, few, many in found]
    print_table(title, HEAD, rows)
    return [
        f"{kind}, {each.name}: {many / few:.2f} times"
        for each, few, many in found
        if many / few > each.limit
    ]


def _figures(few: float, many: float) -> list[str]:
    return [figure(few * 1000), figure(many * 1000), f"{many / few:.2f}"]


@contextmanager
def _shop(url: str) -> Iterator[Cost]:
    """A shop whose gateway has a ledger of the day that is compared."""
    with (
        in_another_process(answering_after(0.0)) as gateway,
        shop(url, PPG_BASE_URL=f"{gateway}/ppg/v2") as cost,
    ):
        cost(lambda app: _prepare(app, gateway))
        yield cost


def _prepare(app: Flask, gateway: str) -> None:
    if "a_ledger" not in app.extensions:
        app.extensions["a_ledger"] = give_ledger(app, gateway)
        print(f"  {app.extensions['a_ledger']} payments of a day to compare", flush=True)


def _costs(chore: Chore, small: Cost, large: Cost) -> tuple[float, float]:
    """In turns, so that whatever else the machine does meets both; the first round warms up."""
    costs = [(small(chore.work), large(chore.work)) for _ in range(ROUNDS + 1)][1:]
    few, many = (median(column) for column in zip(*costs, strict=True))
    print(f"  {chore.name:34} {few * 1000:9.2f} {many * 1000:9.2f} {many / few:6.2f}", flush=True)
    return few, many


def _gigabytes(url: str) -> float:
    if url.startswith("sqlite"):
        return Path(url.removeprefix("sqlite:///")).stat().st_size / 1e9
    engine = create_engine(url)
    with engine.connect() as connection:
        size = connection.scalar(text("SELECT pg_database_size(current_database())"))
    engine.dispose()
    return float(size or 0) / 1e9


if __name__ == "__main__":
    sys.exit(main())
