"""Goods are found by their words, and listed in order, by an index."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LONGEST_WORD = 40
LISTINGS = (
    ("position", "id"),
    ("price_rials", "id"),
    ("category_id", "position", "id"),
    ("category_id", "price_rials", "id"),
    ("category_id", "id"),
)


def upgrade() -> None:
    words = op.create_table(
        "product_words",
        sa.Column(
            "word",
            sa.String(LONGEST_WORD).with_variant(
                sa.String(LONGEST_WORD, collation="C"), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_words_product_id_products")
        ),
        sa.PrimaryKeyConstraint("word", "product_id", name=op.f("pk_product_words")),
    )
    op.create_index("ix_product_words_product_id_word", "product_words", ["product_id", "word"])
    for columns in LISTINGS:
        op.create_index(f"ix_products_{'_'.join(columns)}", "products", list(columns))
    op.drop_index("ix_products_category_id", "products")
    entries = [
        {"word": word, "product_id": product_id}
        for product_id, *names in op.get_bind().execute(sa.text(NAMES))
        for word in _words_of(*names)
    ]
    if entries:
        op.bulk_insert(words, entries)


def downgrade() -> None:
    op.create_index("ix_products_category_id", "products", ["category_id"])
    for columns in LISTINGS:
        op.drop_index(f"ix_products_{'_'.join(columns)}", "products")
    op.drop_table("product_words")


# How a name became words on this day; the shop's own rules may change.

NAMES = """
    SELECT products.id, products.name_fa, products.name_en, categories.name_fa, categories.name_en
    FROM products JOIN categories ON categories.id = products.category_id
"""
ONE_LETTER = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ە": "ه", "ـ": None})


def _words_of(*names: str) -> set[str]:
    found: set[str] = set()
    for name in names:
        words = re.findall(r"\w+", _plain(name))
        found |= {*words, *("".join(pair) for pair in pairwise(words))}
    return {word[:LONGEST_WORD] for word in found}


def _plain(text: str) -> str:
    bare = (sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    digits = (str(unicodedata.decimal(sign, sign)) for sign in bare)
    return "".join(digits).translate(ONE_LETTER).casefold()
