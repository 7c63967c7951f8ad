"""Compare a file with the shop: what would be added, changed and retired."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from storefront.catalogue.files.checking import CatalogueFile
from storefront.catalogue.files.pictures import NO_PICTURE
from storefront.catalogue.files.problems import N_, Problems
from storefront.catalogue.stock import MOST_STOCK

NEEDED = N_("is a new product: it needs the column %(wanted)s, too")
CATEGORY_NEEDED = N_("is a new category: write its Persian name into the column category_name_fa")
RESERVED = N_(
    "is fewer than the %(reserved)s pieces that are reserved for orders being paid now: count these"
    " pieces, too, or import again in half an hour"
)
RENAMED = N_("was renamed in the back office: write %(now)s instead")
TOO_MANY = N_("makes more pieces than the shop can count: write a smaller number")

_NEEDED = {"category": "category", "name_fa": "name_fa", "price_rials": "price_toman"}
_TEXTS = (
    ("name_fa", "name_en"),
    ("description_fa", "description_en"),
    ("image_texts_fa", "image_texts_en"),
)

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shop:
    """What is in the shop: products and categories by slug, each as a mapping of its columns.

    ``renamed`` maps former slugs to what they are now.
    """

    products: Mapping[str, Values]
    categories: Mapping[str, Values]
    next_position: int
    renamed: Mapping[str, str] = field(default_factory=dict)
    renamed_categories: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """What an import does. Pairs are before and after; ``retired`` is as it was before."""

    added: list[Values] = field(default_factory=list)
    changed: list[tuple[Values, Values]] = field(default_factory=list)
    unchanged: int = 0
    retired: list[Values] = field(default_factory=list)
    new_categories: list[Values] = field(default_factory=list)
    changed_categories: list[tuple[Values, Values]] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Return how many products are added, changed, retired and left as they are."""
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "unchanged": self.unchanged,
            "retired": len(self.retired),
        }

    def fingerprint(self) -> str:
        """Return what tells two plans apart that would change something else.

        Of the stock it has how many pieces are added: sales between two plans change nothing in it.
        """
        pairs = [*self.changed, *self.changed_categories]
        facts = {
            "added": self.added,
            "changed": [[after["slug"], _differing(before, after)] for before, after in pairs],
            "retired": [product["slug"] for product in self.retired],
            "new_categories": self.new_categories,
        }
        text = json.dumps(facts, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def _differing(before: Values, after: Values) -> dict[str, Any]:
    pairs = {name: [before[name], value] for name, value in after.items() if before[name] != value}
    for name in pairs.keys() & {"stock_free", "stock_received"}:
        pairs[name] = [pairs[name][1] - pairs[name][0]]
    return pairs


def plan(content: CatalogueFile, shop: Shop, *, retire_missing: bool = False) -> Plan:
    """Return what importing this file changes. Raises WrongFile."""
    problems = Problems()
    problems.place = content.place
    planned = Plan()
    _plan_categories(planned, content, shop, problems)
    for row in content.products:
        _plan_product(planned, row, content, shop, problems)
    problems.raise_if_any()
    if retire_missing:
        named = {row["slug"] for row in content.products}
        planned.retired = [
            product
            for slug, product in shop.products.items()
            if slug not in named and product["retired_at"] is None
        ]
    return planned


def _plan_categories(planned: Plan, content: CatalogueFile, shop: Shop, problems: Problems) -> None:
    place = max((known["position"] for known in shop.categories.values()), default=-1)
    for row in content.categories:
        before = shop.categories.get(row["slug"])
        if before is None and row["slug"] in shop.renamed_categories:
            now = shop.renamed_categories[row["slug"]]
            heading = content.headings.get("category", "category")
            problems.add(RENAMED, row.get("line"), heading, row["slug"], now=now)
            continue
        if before is None and not row.get("name_fa"):
            heading = content.headings.get("category", "category")
            problems.add(CATEGORY_NEEDED, row.get("line"), heading, row["slug"])
            continue
        place += before is None
        after = {"slug": row["slug"], **_texts(row, before, _TEXTS[:1])}
        after["position"] = row.get("position", before["position"] if before else place)
        if before is None:
            planned.new_categories.append(after)
        elif any(before[name] != value for name, value in after.items()):
            planned.changed_categories.append((before, after))


def _plan_product(
    planned: Plan, row: Values, content: CatalogueFile, shop: Shop, problems: Problems
) -> None:
    before = shop.products.get(row["slug"])
    if before is None and row["slug"] in shop.renamed:
        heading, now = content.headings.get("slug", "slug"), shop.renamed[row["slug"]]
        problems.add(RENAMED, row.get("line"), heading, row["slug"], now=now)
        return
    missing = [name for name in _NEEDED if name not in row] if before is None else []
    if missing:
        heading = content.headings.get("slug", "slug")
        problems.add(NEEDED, row.get("line"), heading, row["slug"], wanted=_NEEDED[missing[0]])
        return
    after = _after(row, before, shop.next_position + len(planned.added))
    problem = _stock_problem(after)
    if problem:
        name = "stock" if "stock" in row else "stock_add"
        heading, reserved = (
            content.headings.get(name, name),
            before["stock_reserved"] if before else 0,
        )
        problems.add(problem, row.get("line"), heading, row[name], reserved=reserved)
    elif before is None:
        planned.added.append(after)
    elif all(before[name] == value for name, value in after.items()):
        planned.unchanged += 1
    else:
        planned.changed.append((before, after))


def _after(row: Values, before: Values | None, position: int) -> dict[str, Any]:
    """Return a product's columns after the import; what the file does not say stays."""
    new = {"keywords": "", "image": NO_PICTURE, "more_images": "", "position": position}
    usual = before or new
    names = ("category", "keywords", "image", "more_images", "price_rials", "position")
    after = {name: row[name] if name in row else usual[name] for name in names}
    after |= _texts(row, before, _TEXTS) | _stock(row, before)
    return {"slug": row["slug"], **after, "retired_at": None}


def _texts(
    row: Values, before: Values | None, pairs: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    """Where there is no English text, it is the Persian one, and follows when that is changed."""
    texts = {}
    for persian, english in pairs:
        text = row.get(persian, before[persian] if before else "")
        follows = before is None or before[english] == before[persian]
        kept = text if before is None or follows else before[english]
        texts[persian], texts[english] = text, (row[english] or text) if english in row else kept
    return texts


def _stock(row: Values, before: Values | None) -> dict[str, int]:
    """Return the pieces that are free; a count of the shelf includes those that are reserved."""
    free, reserved, sold = (
        (before[f"stock_{place}"] for place in ("free", "reserved", "sold"))
        if before
        else (0, 0, 0)
    )
    if "stock" in row:
        free = row["stock"] - reserved
    elif "stock_add" in row:
        free += row["stock_add"]
    return {"stock_free": free, "stock_received": free + reserved + sold}


def _stock_problem(after: Values) -> str:
    if after["stock_free"] < 0:
        return RESERVED
    return TOO_MANY if after["stock_received"] > MOST_STOCK else ""
