"""What an import costs beside a bare ``executemany`` of the same rows, and what it costs again.

A CSV of 5,000 new products is read, checked and stored in an empty shop; then the very same file
once more, which writes nothing: it is held against reading and checking alone. Beside the first
import the rows that it wrote, words for the search included, are written into another shop by bare
statements. In turns, some times; the figure is the CPU time of this
process and of its PostgreSQL server process together.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import clock_gettime, process_time
from typing import Any

from flask import Flask
from sqlalchemy import Table, delete, insert, select, text

from benchmarks.rig.databases import both
from benchmarks.rig.server import clock_of
from storefront import create_app
from storefront.catalogue import files
from storefront.catalogue.files import exporting
from storefront.catalogue.models import Category, Product
from storefront.catalogue.search_index import ProductWord, WordVariant
from storefront.core.database import Model, db, transaction
from testkit.settings import quiet_settings

PRODUCTS = int(os.environ.get("CATALOGUE_PRODUCTS", 5_000))
ROUNDS = 5
FIRST_LIMIT, AGAIN_LIMIT = 3.0, 2.0
MODELS: tuple[type[Model], ...] = (Category, Product, ProductWord, WordVariant)
TABLES: tuple[Table, ...] = tuple(model.__table__ for model in MODELS)

Rows = dict[Table, list[dict[str, Any]]]


def main() -> int:
    """Print a line for each database; exit code 1 if a ratio is above its limit."""
    broken = []
    with tempfile.TemporaryDirectory() as folder:
        file = _file(Path(folder))
        print(f"\nA file of {PRODUCTS:,} products, CPU seconds")
        print("              bare    first    read   again   first/bare  limit   again/read  limit")
        for database, urls in both(("import", "bare")):
            bare, first, read, again = _measured(urls["import"], urls["bare"], file)
            beside, anew = first / bare, again / read
            print(
                f"  {database:10} {bare:7.2f} {first:7.2f} {read:7.2f} {again:7.2f}"
                f"   {beside:10.2f} {FIRST_LIMIT:6.2f}   {anew:10.2f} {AGAIN_LIMIT:6.2f}",
                flush=True,
            )
            broken += [f"{database}, first: {beside:.2f}"] if beside > FIRST_LIMIT else []
            broken += [f"{database}, again: {anew:.2f}"] if anew > AGAIN_LIMIT else []
    for sentence in broken:
        print(f"BROKEN: {sentence} times")
    return int(bool(broken))


def _file(folder: Path) -> Path:
    """Variations of the bundled products, as a spreadsheet saves them."""
    bundled = files.read(files.BUNDLED)
    names = {row["slug"]: (row["name_fa"], row["name_en"]) for row in bundled.categories}
    rows = []
    for number in range(PRODUCTS):
        product = dict(bundled.products[number % len(bundled.products)])
        persian, english = names[product["category"]]
        product |= {"slug": f"product-{number}", "stock": number % 50}
        product |= {
            "name_fa": f"{product['name_fa']} {number}",
            "name_en": f"{product['name_en']} {number}",
        }
        product |= {"category_name_fa": persian, "category_name_en": english}
        rows.append(product | {"price_toman": f"{product['price_rials'] // 10 + number:,}"})
    path = folder / "products.csv"
    path.write_bytes(exporting.written(rows, ".csv"))
    return path


def _measured(import_url: str, bare_url: str, file: Path) -> tuple[float, ...]:
    """The first round warms up."""
    ours, bare = (create_app(quiet_settings(DATABASE_URL=url)) for url in (import_url, bare_url))
    rounds = [_round(ours, bare, file) for _ in range(ROUNDS + 1)][1:]
    for app in (ours, bare):
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    return tuple(median(column) for column in zip(*rounds, strict=True))


def _round(ours: Flask, bare: Flask, file: Path) -> tuple[float, ...]:
    with ours.app_context():
        _empty()
        first = _cost(lambda: files.store(files.read(file)))
        read = _cost(lambda: files.read(file))
        again = _cost(lambda: files.store(files.read(file)))
        rows: Rows = {
            table: [dict(row._mapping) for row in db.session.execute(select(table))]
            for table in TABLES
        }
        db.session.rollback()
    with bare.app_context():
        _empty()
        return _cost(lambda: _write(rows)), first, read, again


def _empty() -> None:
    with transaction():
        for table in reversed(TABLES):
            db.session.execute(delete(table))


def _write(rows: Rows) -> None:
    with transaction():
        for table in TABLES:
            db.session.connection().execute(insert(table), rows[table])


def _cost(work: Callable[[], object]) -> float:
    backend = _backend()
    before = _cpu(backend)
    work()
    return _cpu(backend) - before


def _backend() -> int | None:
    """The server process that serves the one connection that this process needs."""
    if db.engine.dialect.name != "postgresql":
        return None
    found = int(db.session.scalar(text("SELECT pg_backend_pid()")) or 0)
    db.session.rollback()
    return found


def _cpu(backend: int | None) -> float:
    return process_time() + (clock_gettime(clock_of(backend)) if backend else 0)


if __name__ == "__main__":
    sys.exit(main())
