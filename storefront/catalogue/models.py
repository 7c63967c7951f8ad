"""Keep categories and products, with their stock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    Engine,
    ForeignKey,
    Index,
    String,
    Text,
    bindparam,
    event,
    func,
    literal_column,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from storefront.catalogue import slugs
from storefront.core.database import Model, db

KEPT = timedelta(seconds=5)
LOW_STOCK = 3  # pieces
# As text: a database uses an index of these rows only where the number itself is in the question.
IS_LOW_SQL = f"retired_at IS NULL AND stock_free <= {LOW_STOCK}"


class Category(Model):
    """A category of products. ``version`` counts how often a person or an import changed it."""

    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name_fa: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0, server_default="0")

    products: Mapped[list[Product]] = relationship(back_populates="category")


def _listing(*columns: str) -> Index:
    """Return an index of the products that are sold: retired ones are not walked past."""
    return _part("_".join(columns), "retired_at IS NULL", *columns)


def _part(name: str, which: str, *columns: str) -> Index:
    """Return an index of some products."""
    rows = text(which)
    return Index(f"ix_products_{name}", *columns, sqlite_where=rows, postgresql_where=rows)


class Product(Model):
    """A product. ``price_rials`` is integer Rials, with tax unless the shop adds it.

    Every piece that ever came in is free, reserved for an unpaid order, or sold; the database
    refuses any change that loses one. A retired product is neither listed nor sold any more; its
    page stays, for those who bought it. ``keywords`` are other words that people look for it by,
    with commas between; no page shows them. ``image`` is a file below ``static``; ``more_images``
    are further ones, a line each, and a line of ``image_texts`` says what each shows. ``picture``,
    the first of its uploaded pictures, is shown instead. ``version`` counts how often a person or
    an import changed it; sales do not.
    """

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("price_rials > 0", name="price_positive"),
        CheckConstraint("stock_free >= 0", name="stock_free_not_negative"),
        CheckConstraint("stock_reserved >= 0", name="stock_reserved_not_negative"),
        CheckConstraint("stock_sold >= 0", name="stock_sold_not_negative"),
        CheckConstraint(
            "stock_received = stock_free + stock_reserved + stock_sold", name="stock_conserved"
        ),
        # A page of products in each order, of one category and of all, is read off an index.
        _listing("id"),
        _listing("position", "id"),
        _listing("price_rials", "id"),
        _listing("category_id", "position", "id"),
        _listing("category_id", "price_rials", "id"),
        _listing("category_id", "id"),
        _part("low", IS_LOW_SQL, "stock_free", "id"),
        _part("off_sale", "retired_at IS NOT NULL", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    name_fa: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    description_fa: Mapped[str] = mapped_column(Text)
    description_en: Mapped[str] = mapped_column(Text)
    keywords: Mapped[str] = mapped_column(String(500), default="", server_default="")
    image: Mapped[str] = mapped_column(String(200))
    more_images: Mapped[str] = mapped_column(Text, default="", server_default="")
    image_texts_fa: Mapped[str] = mapped_column(Text, default="", server_default="")
    image_texts_en: Mapped[str] = mapped_column(Text, default="", server_default="")
    picture: Mapped[str | None] = mapped_column(String(32))
    price_rials: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int] = mapped_column(default=0)
    stock_received: Mapped[int] = mapped_column(default=0)
    stock_free: Mapped[int] = mapped_column(default=0)
    stock_reserved: Mapped[int] = mapped_column(default=0)
    stock_sold: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0, server_default="0")

    category: Mapped[Category] = relationship(back_populates="products")


IS_SOLD = Product.retired_at.is_(None)
IS_LOW = IS_SOLD & (Product.stock_free <= literal_column(str(LOW_STOCK)))


@dataclass(frozen=True, slots=True)
class CategoryEntry:
    """A category in the navigation; it belongs to no database session, so that it can be kept."""

    id: int
    slug: str
    name_fa: str
    name_en: str


def categories() -> Sequence[Category]:
    """Return the categories in which something is sold, in the merchant's order."""
    sold = select(Product.id).where(Product.category_id == Category.id, IS_SOLD).exists()
    query = select(Category).where(sold).order_by(Category.position, Category.id)
    return db.session.scalars(query).all()


# Kept for a few seconds: to read them for every page costs 15 % of a product or listing page.
_kept: WeakKeyDictionary[Engine, tuple[datetime, tuple[CategoryEntry, ...]]] = WeakKeyDictionary()


def navigation(now: datetime) -> Sequence[CategoryEntry]:
    """Return these categories as of at most ``KEPT`` ago; changes by this process show at once."""
    engine = db.engine
    read_at, found = _kept.get(engine, (now - KEPT, ()))
    if not timedelta() <= now - read_at < KEPT:
        found = tuple(CategoryEntry(c.id, c.slug, c.name_fa, c.name_en) for c in categories())
        _kept[engine] = now, found
    return found


@event.listens_for(Category, "after_insert")
@event.listens_for(Category, "after_update")
@event.listens_for(Category, "after_delete")
def _forget(_mapper: object, connection: Connection, _category: Category) -> None:
    _kept.pop(connection.engine, None)


def forget_navigation() -> None:
    """Read the categories anew: there may be the first product in one, or none any more."""
    _kept.pop(db.engine, None)


def products(category_slug: str | None = None) -> Sequence[Product]:
    """Return the products of one category, or of all, in the merchant's order."""
    query = select(Product).join(Product.category).where(IS_SOLD)
    if category_slug is not None:
        query = query.where(Category.slug == category_slug)
    return db.session.scalars(query.order_by(Category.position, Product.position, Product.id)).all()


# Built once: to build it for every request costs 10 % of a product page.
_BY_SLUG = (
    select(Product).where(Product.slug == bindparam("slug")).options(joinedload(Product.category))
)


def product_by_slug(slug: str) -> Product | None:
    """Return a product with its category, also by a slug that it had before; or None."""
    found = db.session.scalar(_BY_SLUG, {"slug": slug})
    if found is None and (former := slugs.product_that_had(slug)) is not None:
        return db.session.get(Product, former)
    return found


_SOLD_BY_ID = (
    select(Product)
    .where(Product.id.in_(bindparam("ids", expanding=True)), IS_SOLD)
    .order_by(Product.id)
)


def products_by_id(ids: Iterable[int]) -> dict[int, Product]:
    """Return the products that are still sold among ``ids``, in stable order (by id)."""
    found = db.session.scalars(_SOLD_BY_ID, {"ids": list(ids)})
    return {product.id: product for product in found}


def any_products(ids: Iterable[int | None]) -> dict[int, Product]:
    """Return products by id, those that are no longer sold, too."""
    query = select(Product).where(Product.id.in_([each for each in ids if each is not None]))
    return {product.id: product for product in db.session.scalars(query)}


def from_each_category(category_ids: Iterable[int], size: int) -> dict[int, list[Product]]:
    """Return the first products of each of these categories, in the merchant's order."""
    firsts = [
        select(
            select(Product.id)
            .where(Product.category_id == category_id, IS_SOLD)
            .order_by(Product.position, Product.id)
            .limit(size)
            .subquery()
            .c.id
        )
        for category_id in category_ids
    ]
    by_category: dict[int, list[Product]] = {}
    if firsts:
        query = select(Product).where(Product.id.in_(union_all(*firsts)))
        for product in db.session.scalars(query.order_by(Product.position, Product.id)):
            by_category.setdefault(product.category_id, []).append(product)
    return by_category


def last_id() -> int:
    """Return the id of the newest product, 0 in an empty shop."""
    return db.session.scalar(select(func.max(Product.id))) or 0


def slugs_between(first_id: int, end_id: int) -> Sequence[str]:
    """Return the slugs of products that are sold with these ids, the end left out."""
    query = select(Product.slug).where(Product.id >= first_id, Product.id < end_id, IS_SOLD)
    return db.session.scalars(query.order_by(Product.id)).all()
