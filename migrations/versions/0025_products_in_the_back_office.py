"""Keep several pictures, former addresses, and who changed a product, a category or the stock.

Columns of ``products`` and ``categories`` are added in place: a batch would make the tables anew,
without what refers to them. Products that are off sale become findable for the staff.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LOW = "retired_at IS NULL AND stock_free <= 3"
OFF_SALE = "retired_at IS NOT NULL"
LONGEST_WORD, AT_ONCE = 40, 1000


def upgrade() -> None:
    for table in ("products", "categories"):
        op.add_column(table, sa.Column("version", sa.Integer(), server_default="0", nullable=False))
    op.add_column("products", sa.Column("picture", sa.String(32)))
    _create_index("ix_products_low", ["stock_free", "id"], LOW)
    _create_index("ix_products_off_sale", ["id"], OFF_SALE)
    _create_former_slugs("product", "products")
    _create_former_slugs("category", "categories")
    _create_pictures()
    _create_changes()
    _create_stock_changes()
    _index_what_is_off_sale()


def downgrade() -> None:
    op.execute("DELETE FROM product_words WHERE substr(word, 1, 1) = '-'")
    op.drop_table("stock_changes")
    op.drop_table("catalogue_changes")
    op.drop_table("product_pictures")
    op.drop_table("former_category_slugs")
    op.drop_table("former_product_slugs")
    op.drop_index("ix_products_off_sale", "products")
    op.drop_index("ix_products_low", "products")
    op.drop_column("products", "picture")
    for table in ("products", "categories"):
        op.drop_column(table, "version")


def _create_index(name: str, columns: list[str], which: str) -> None:
    rows = sa.text(which)
    op.create_index(name, "products", columns, sqlite_where=rows, postgresql_where=rows)


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name)


def _create_former_slugs(kind: str, others: str) -> None:
    table, column = f"former_{kind}_slugs", f"{kind}_id"
    op.create_table(
        table,
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column(column, sa.Integer(), nullable=False),
        _refers(table, column, others),
        sa.PrimaryKeyConstraint("slug", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _create_pictures() -> None:
    op.create_table(
        "product_pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        _refers("product_pictures", "product_id", "products"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_pictures")),
    )
    op.create_index(op.f("ix_product_pictures_product_id"), "product_pictures", ["product_id"])
    op.create_index(op.f("ix_product_pictures_name"), "product_pictures", ["name"])


def _create_changes() -> None:
    op.create_table(
        "catalogue_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer()),
        sa.Column("category_id", sa.Integer()),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        _refers("catalogue_changes", "product_id", "products"),
        _refers("catalogue_changes", "category_id", "categories"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_changes")),
    )
    for column in ("product_id", "category_id"):
        op.create_index(f"ix_catalogue_changes_{column}_id", "catalogue_changes", [column, "id"])


def _create_stock_changes() -> None:
    kinds = ("counted", "received", "correction", "imported")
    op.create_table(
        "stock_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("free_after", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.CheckConstraint(
            sa.column("kind").in_(kinds), name=op.f("ck_stock_changes_stock_change_known")
        ),
        _refers("stock_changes", "product_id", "products"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_changes")),
    )
    op.create_index("ix_stock_changes_product_id_id", "stock_changes", ["product_id", "id"])


def _index_what_is_off_sale() -> None:
    """Put the words of retired products into the search, with the sign that shoppers never ask."""
    connection = op.get_bind()
    columns = ("id", "name_fa", "name_en", "category_id", "retired_at")
    products = sa.table("products", *map(sa.column, columns))
    categories = sa.table("categories", *map(sa.column, ("id", "name_fa", "name_en")))
    words = sa.table("product_words", sa.column("word"), sa.column("product_id"))
    texts = [table.c[name] for table in (products, categories) for name in ("name_fa", "name_en")]
    query = (
        sa.select(products.c.id, *texts)
        .join_from(products, categories, products.c.category_id == categories.c.id)
        .where(products.c.retired_at.is_not(None))
        .order_by(products.c.id)
        .limit(AT_ONCE)
    )
    after = 0
    while found := connection.execute(query.where(products.c.id > after)).all():
        after = found[-1][0]
        rows = [
            {"word": word, "product_id": product_id}
            for product_id, *names in found
            for word in sorted(set(_marked_words(names)))
        ]
        connection.execute(sa.insert(words), rows)


# The spelling of the catalogue's search when this migration was written.
_ONE_LETTER = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ە": "ه", "ـ": None})


def _marked_words(names: list[str]) -> Iterator[str]:
    for name in names:
        bare = (sign for sign in unicodedata.normalize("NFKD", name))
        kept = (str(unicodedata.decimal(s, s)) for s in bare if not unicodedata.combining(s))
        words = re.findall(r"\w+", "".join(kept).translate(_ONE_LETTER).casefold())
        for word in (*words, *("".join(pair) for pair in pairwise(words))):
            yield f"-{word}"[:LONGEST_WORD]
