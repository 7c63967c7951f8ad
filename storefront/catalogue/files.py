"""Import products from a CSV or JSON file; it is checked whole before anything is changed."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from storefront.catalogue import search
from storefront.catalogue.models import Category, Product
from storefront.core.database import db, transaction

BUNDLED = Path(__file__).parent / "data" / "catalogue.json"
TEXTS = ("slug", "category", "name_fa", "name_en", "description_fa", "description_en", "image")
COLUMNS = (*TEXTS, "price_rials", "stock")
CATEGORY_COLUMNS = ("category", "category_name_fa", "category_name_en")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
DEAREST_RIALS = 10**12  # the sum of a full cart of these still fits a BIGINT, with tax
MOST_STOCK = 10**9
LONGEST_NUMBER = 20  # characters


class WrongFile(Exception):
    """The file cannot be imported; ``problems`` says where and why, one sentence each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """A file's content: categories and products as rows of columns."""

    categories: Sequence[Mapping[str, Any]]
    products: Sequence[Mapping[str, Any]]


def read(path: Path) -> CatalogueFile:
    """Read and check a file. Raises :class:`WrongFile`.

    JSON: ``{"categories": [{slug, name_fa, name_en}], "products": [...]}``. CSV: a row for each
    product, with its category's names in ``category_name_fa`` and ``category_name_en``.
    ``price_rials`` is whole Rials before tax; ``stock`` is how many pieces are free to be sold.
    """
    try:
        content = _read_csv(path) if path.suffix.lower() == ".csv" else _read_json(path)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, csv.Error) as error:
        raise WrongFile([f"{path.name} cannot be read as CSV or JSON: {error}"]) from None
    problems = list(_problems(content))
    if problems:
        raise WrongFile(problems)
    return content


def _read_json(path: Path) -> CatalogueFile:
    document = json.loads(path.read_text(encoding="utf-8-sig"))
    categories, rows = (
        document.get(key) if isinstance(document, dict) else None
        for key in ("categories", "products")
    )
    for part in (categories, rows):
        if not isinstance(part, list) or not all(isinstance(row, dict) for row in part):
            raise WrongFile(['the file should hold {"categories": [...], "products": [...]}'])
    return CatalogueFile(categories or [], rows or [])


def _read_csv(path: Path) -> CatalogueFile:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    missing = set(COLUMNS + CATEGORY_COLUMNS) - set(rows[0] if rows else ())
    if missing:
        raise WrongFile([f"these columns are missing: {', '.join(sorted(missing))}"])
    categories = {row["category"]: row for row in rows}
    return CatalogueFile(
        [
            {"slug": slug, "name_fa": row["category_name_fa"], "name_en": row["category_name_en"]}
            for slug, row in categories.items()
        ],
        rows,
    )


def _problems(content: CatalogueFile) -> Iterable[str]:
    slugs: set[str] = set()
    for place, category in enumerate(content.categories, start=1):
        for name in ("slug", "name_fa", "name_en"):
            if not _is_text(category.get(name)):
                yield f"category {place}: {name} is missing"
    categories = {category.get("slug") for category in content.categories}
    for place, row in enumerate(content.products, start=1):
        yield from (f"product {place}: {problem}" for problem in _row_problems(row, categories))
        if row.get("slug") in slugs:
            yield f"product {place}: slug {row['slug']} stands in the file twice"
        slugs.add(str(row.get("slug")))


def _row_problems(row: Mapping[str, Any], categories: set[Any]) -> Iterable[str]:
    for name in TEXTS:
        if not _is_text(row.get(name)):
            yield f"{name} is missing"
    if not SLUG.fullmatch(str(row.get("slug", ""))):
        yield "slug should be small Latin letters, digits and hyphens"
    if row.get("category") not in categories:
        yield f"category {row.get('category')} is not among the categories"
    if not 1 <= _whole(row.get("price_rials")) <= DEAREST_RIALS:
        yield f"price_rials should be a whole number of Rials from 1 to {DEAREST_RIALS}"
    if not 0 <= _whole(row.get("stock")) <= MOST_STOCK:
        yield f"stock should be a whole number from 0 to {MOST_STOCK}"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _whole(value: Any) -> int:
    """Return the number, or -1 for what is not a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().isdecimal() and len(value) <= LONGEST_NUMBER:
        return int(value)
    return -1


def store(content: CatalogueFile) -> dict[str, int]:
    """Add new products and update known ones, by slug, all or nothing; return what it counted.

    Pieces that are reserved or sold stay so; ``stock`` says how many are free from now on.
    """
    counts = {"categories": len(content.categories), "added": 0, "updated": 0}
    with transaction():
        known = _locked_products()
        categories = {
            row["slug"]: _category(row, place) for place, row in enumerate(content.categories)
        }
        db.session.flush()
        stored = []
        for place, row in enumerate(content.products):
            product = known.get(row["slug"]) or Product(stock_reserved=0, stock_sold=0)
            counts["updated" if row["slug"] in known else "added"] += 1
            _fill(product, row, categories[row["category"]], place)
            stored.append(product)
        db.session.flush()
        search.index(stored)
    return counts


def _category(row: Mapping[str, Any], place: int) -> Category:
    category = db.session.scalar(select(Category).where(Category.slug == row["slug"]))
    category = category or Category(slug=row["slug"])
    category.name_fa, category.name_en, category.position = row["name_fa"], row["name_en"], place
    db.session.add(category)
    return category


def _locked_products() -> dict[str, Product]:
    """In the order of ids, as orders take them: two writers never wait for one another."""
    query = select(Product).order_by(Product.id).with_for_update()
    return {product.slug: product for product in db.session.scalars(query)}


def _fill(product: Product, row: Mapping[str, Any], category: Category, place: int) -> None:
    for name in TEXTS:
        if name != "category":
            setattr(product, name, row[name].strip())
    product.category, product.position = category, place
    product.price_rials, product.stock_free = _whole(row["price_rials"]), _whole(row["stock"])
    product.stock_received = product.stock_free + product.stock_reserved + product.stock_sold
    db.session.add(product)


def seed() -> dict[str, int] | None:
    """Put the bundled products into an empty shop; None if there is something to sell already."""
    if db.session.scalar(select(func.count()).select_from(Product)):
        return None
    return store(read(BUNDLED))
