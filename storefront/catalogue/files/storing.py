"""Write what an import changes, all or nothing, in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from storefront.catalogue import search_index
from storefront.catalogue.files import import_history
from storefront.catalogue.files.checking import CatalogueFile
from storefront.catalogue.files.planning import Plan, Shop, Values, plan
from storefront.catalogue.files.problems import N_, Problems, Progress, silent
from storefront.catalogue.models import IS_SOLD, Category, Product, forget_navigation
from storefront.catalogue.search_index import FOUND_BY, Texts, texts_of
from storefront.catalogue.slugs import FormerCategorySlug, FormerProductSlug
from storefront.core.database import db, transaction

BATCH = 500
STORED = N_("stored")
AT_THE_SAME_TIME = N_("another import ran at the same time: import again")
MOST_NAMED = 10_000  # products that are asked for by name; where there are more, all are read

_products = Product.__table__
_NEVER_CHANGED = {"id", "stock_reserved", "stock_sold", "picture", "version"}
_COLUMNS = [column for column in _products.c if column.name not in _NEVER_CHANGED]


class OtherPlan(Exception):
    """The import would change something else than what was shown; nothing was changed."""


def preview(content: CatalogueFile, *, retire_missing: bool = False) -> Plan:
    """Return what :func:`store` would do, and change nothing. Raises WrongFile."""
    return plan(content, _shop(content, everything=retire_missing), retire_missing=retire_missing)


def store(
    content: CatalogueFile,
    *,
    now: datetime | None = None,
    retire_missing: bool = False,
    progress: Progress = silent,
    by: str = "",
    shown: str = "",
) -> dict[str, int]:
    """Add new products and change known ones, by slug, all or nothing; return what it counted.

    With ``retire_missing``, products that the file does not have are retired as of ``now``. Raises
    WrongFile. Pieces that are reserved or sold stay so. ``by`` is the person whose name is kept
    with each change. ``shown`` is the fingerprint of the plan that they saw: raises
    :class:`OtherPlan` if it would be another one by now.
    """
    try:
        with transaction():
            shop = _shop(content, everything=retire_missing, locked=True)
            planned = plan(content, shop, retire_missing=retire_missing)
            if shown and shown != planned.fingerprint():
                raise OtherPlan
            ids = _write(planned, now, progress)
            if by and now is not None:
                import_history.keep(planned, ids, by=by, now=now)
    except IntegrityError:  # two imports into an empty shop, where there is nothing to lock
        raise Problems().stop(AT_THE_SAME_TIME) from None
    return planned.counts()


def _shop(content: CatalogueFile, *, everything: bool, locked: bool = False) -> Shop:
    """Lock the categories, so that imports wait for one another, and products in order of ids.

    Orders lock products in that order, too: nobody waits in a circle.
    """
    if locked:  # by itself: a statement that has waited does not see what was added meanwhile
        db.session.execute(select(Category.id).order_by(Category.id).with_for_update())
    names = (Category.slug, Category.name_fa, Category.name_en, Category.position, Category.id)
    rows = db.session.execute(select(*names))
    categories = {row.slug: dict(row._mapping) for row in rows}
    slugs = {category["id"]: slug for slug, category in categories.items()}
    query = select(_products).order_by(_products.c.id)
    if not everything and len(content.products) <= MOST_NAMED:
        query = query.where(_products.c.slug.in_([row["slug"] for row in content.products]))
    rows = db.session.execute(query.with_for_update() if locked else query)
    products = {row.slug: {**row._mapping, "category": slugs[row.category_id]} for row in rows}
    last = db.session.scalar(select(func.max(_products.c.position)))
    return Shop(products, categories, 0 if last is None else last + 1, *_renamed())


def _renamed() -> list[dict[str, str]]:
    """Return the former slugs of products and of categories, each with the slug of today."""
    former = (
        select(old.slug.label("old"), new.slug.label("now")).join_from(old, new)
        for old, new in ((FormerProductSlug, Product), (FormerCategorySlug, Category))
    )
    return [{row.old: row.now for row in db.session.execute(query)} for query in former]


def _write(planned: Plan, now: datetime | None, progress: Progress) -> dict[str, int]:
    """Return the ids of the added products by slug."""
    categories = _write_categories(planned)
    ids = dict(_add(planned.added, categories))
    texts = {ids[each["slug"]]: _texts(each, categories) for each in planned.added}
    texts |= _change(planned.changed, categories)
    texts |= _named_anew(planned, categories, off_sale=False)
    gone = [product["id"] for product in planned.retired]
    retire = update(_products).where(_products.c.id == bindparam("of")).values(retired_at=now)
    _execute_many(retire, [{"of": product_id} for product_id in gone])
    for batch in _batches(planned.retired):
        left = {product["id"]: _texts(product, categories) for product in batch}
        search_index.index_texts(left, off_sale=True)
    search_index.index_texts(_named_anew(planned, categories, off_sale=True), off_sale=True)
    forget_navigation()
    done = 0
    for batch in _batches(list(texts.items())):
        search_index.index_texts(dict(batch))
        done += len(batch)
        progress(STORED, done, len(texts))
    return ids


def _write_categories(planned: Plan) -> dict[str, Category]:
    """Categories are few: written as objects, so that what is kept of them is forgotten."""
    for after in planned.new_categories:
        db.session.add(Category(**after))
    db.session.flush()
    categories = {category.slug: category for category in db.session.scalars(select(Category))}
    for _, after in planned.changed_categories:
        categories[after["slug"]].version += 1
        for name, value in after.items():
            setattr(categories[after["slug"]], name, value)
    db.session.flush()
    return categories


def _columns(product: Values, categories: Mapping[str, Category]) -> dict[str, Any]:
    values = {**product, "category_id": categories[product["category"]].id}
    return {column.name: values[column.name] for column in _COLUMNS}


def _add(
    products: Sequence[Values], categories: Mapping[str, Category]
) -> Iterator[tuple[str, int]]:
    query = insert(_products).returning(_products.c.id, _products.c.slug)
    for batch in _batches(products):
        rows = [
            {**_columns(product, categories), "stock_reserved": 0, "stock_sold": 0}
            for product in batch
        ]
        for product_id, slug in db.session.execute(query, rows):
            yield slug, product_id


def _change(
    changes: Sequence[tuple[Values, Values]], categories: Mapping[str, Category]
) -> dict[int, Texts]:
    """Write changed products; return the texts of those that are found by other words now."""
    query = (
        update(_products)
        .where(_products.c.id == bindparam("of"))
        .values({column.name: bindparam(column.name) for column in _COLUMNS})
        .values(version=_products.c.version + 1)
    )
    rows = [{"of": before["id"], **_columns(after, categories)} for before, after in changes]
    _execute_many(query, rows)
    found_by = (*FOUND_BY, "category", "retired_at")
    return {
        before["id"]: _texts(after, categories)
        for before, after in changes
        if any(before[name] != after[name] for name in found_by)
    }


def _named_anew(
    planned: Plan, categories: Mapping[str, Category], *, off_sale: bool
) -> dict[int, Texts]:
    """Return the texts of all products of renamed categories, whether the file has them or not."""
    renamed = {
        categories[after["slug"]].id: categories[after["slug"]]
        for before, after in planned.changed_categories
        if (before["name_fa"], before["name_en"]) != (after["name_fa"], after["name_en"])
    }
    columns = [getattr(Product, name) for name in ("id", "category_id", *FOUND_BY)]
    of_them = select(*columns).where(Product.category_id.in_(renamed))
    query = of_them.where(Product.retired_at.is_not(None) if off_sale else IS_SOLD)
    rows = db.session.execute(query).mappings() if renamed else ()
    return {row["id"]: texts_of(row, renamed[row["category_id"]]) for row in rows}


def _texts(product: Values, categories: Mapping[str, Category]) -> Texts:
    return texts_of(product, categories[product["category"]])


def _execute_many(query: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        db.session.connection().execute(query, list(rows))


def _batches(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
