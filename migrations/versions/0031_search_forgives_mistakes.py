"""Find products by keywords and descriptions, too, the best first, and by misspelt words.

Every product's words are made anew: a word now has a rank, by where it stands. Words are kept once
more by what is left of them without one letter, and by their consonants in Latin letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

LONGEST_WORD, AT_ONCE = 40, 500
WORD = sa.String(LONGEST_WORD).with_variant(sa.String(LONGEST_WORD, collation="C"), "postgresql")
IN_NAMES = sa.text("rank = 0")
WORDS = sa.table("product_words", *map(sa.column, ("word", "product_id", "rank")))


def upgrade() -> None:
    keywords = sa.Column("keywords", sa.String(500), server_default="", nullable=False)
    op.add_column("products", keywords)
    op.execute("DELETE FROM product_words")
    op.drop_index("ix_product_words_product_id_word", "product_words")
    rank = sa.Column("rank", sa.SmallInteger(), server_default="0", nullable=False)
    op.add_column("product_words", rank)
    variants = op.create_table(
        "word_variants",
        sa.Column("variant", WORD, nullable=False),
        sa.Column("word", WORD, nullable=False),
        sa.PrimaryKeyConstraint("variant", "word", name=op.f("pk_word_variants")),
    )
    known: set[str] = set()
    for rows in _products():
        entries = [entry for row in rows for entry in _ranked_words(row)]
        op.bulk_insert(WORDS, entries)
        words = {word for row in rows if not row.retired_at for word in _single(*row[2:])}
        new = sorted(word for word in words - known if word.isalpha() and 3 <= len(word) <= 20)
        known.update(new)
        op.bulk_insert(
            variants,
            [{"variant": v, "word": word} for word in new for v in sorted(_variants(word))],
        )
    columns = ["product_id", "word", "rank"]
    op.create_index("ix_product_words_product_id_word_rank", "product_words", columns)
    op.create_index(
        *("ix_product_words_name", "product_words", ["word", "product_id"]),
        sqlite_where=IN_NAMES,
        postgresql_where=IN_NAMES,
    )


def downgrade() -> None:
    op.drop_index("ix_product_words_name", "product_words")
    op.drop_index("ix_product_words_product_id_word_rank", "product_words")
    op.drop_table("word_variants")
    op.execute("DELETE FROM product_words")
    op.drop_column("product_words", "rank")
    table = sa.table("product_words", *map(sa.column, ("word", "product_id")))
    for rows in _products():
        entries = [
            {"word": word, "product_id": row.id}
            for row in rows
            for word in sorted(_marked(_joined(*row[2:6]), row.retired_at))
        ]
        op.bulk_insert(table, entries)
    op.create_index("ix_product_words_product_id_word", "product_words", ["product_id", "word"])
    op.drop_column("products", "keywords")


def _products() -> Iterator[Sequence[sa.Row[tuple[object, ...]]]]:
    """Return all products by their ids, some at once, with the texts that they are found by."""
    products = sa.table(
        "products",
        *map(sa.column, ("id", "retired_at", "name_fa", "name_en", "category_id")),
        *map(sa.column, ("description_fa", "description_en")),
    )
    categories = sa.table("categories", *map(sa.column, ("id", "name_fa", "name_en")))
    query = (
        sa.select(products.c.id, products.c.retired_at, products.c.name_fa, products.c.name_en)
        .add_columns(categories.c.name_fa, categories.c.name_en)
        .add_columns(products.c.description_fa, products.c.description_en)
        .join_from(products, categories, products.c.category_id == categories.c.id)
        .order_by(products.c.id)
        .limit(AT_ONCE)
    )
    after = 0
    while found := op.get_bind().execute(query.where(products.c.id > after)).all():
        after = found[-1].id
        yield found


# How texts became words on this day; the shop's own rules may change.

ONE_LETTER = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ە": "ه", "ـ": None})
HALF_SPACE = "\u200c"
COMMON = frozenset(
    "از به با در که را این ان برای است هم تا یک هر بر یا می ها های ای اش اند شود شده دو"  # noqa: SIM905
    " an the of and in on with for is it its to from by or at as are".split()
)
LETTERS = {
    **dict(zip("بپتطثسصجچحهخدذزضظ", "bpttsssjčhhxdzzzz", strict=True)),
    **dict(zip("رژشغقفکگلمن", "ržšqqfkglmn", strict=True)),
}


def _ranked_words(row: sa.Row[tuple[object, ...]]) -> Iterator[dict[str, object]]:
    ranked = dict.fromkeys(_single(*row[6:]) - COMMON, 2)
    ranked |= dict.fromkeys(_joined(*row[4:6]), 1) | dict.fromkeys(_joined(*row[2:4]), 0)
    best: dict[str, int] = {}
    for word, rank in ranked.items():
        (marked,) = _marked([word], row.retired_at)
        best[marked] = min(rank, best.get(marked, rank))
    return ({"word": word, "product_id": row.id, "rank": best[word]} for word in sorted(best))


def _marked(words: Sequence[str] | set[str], retired_at: object) -> set[str]:
    return {f"{'-' if retired_at else ''}{word}"[:LONGEST_WORD] for word in words}


def _joined(*texts: str) -> set[str]:
    found: set[str] = set()
    for text in texts:
        words = re.findall(r"\w+", _plain(text))
        found |= {*words, *("".join(pair) for pair in pairwise(words))}
    return {word[:LONGEST_WORD] for word in found}


def _single(*texts: str) -> set[str]:
    found: set[str] = set()
    for text in map(_plain, texts):
        found.update(re.findall(r"\w+", text), re.findall(r"\w+", text.replace(HALF_SPACE, "")))
    return {word[:LONGEST_WORD] for word in found}


def _plain(text: str) -> str:
    return "".join(map(_one_spelling, unicodedata.normalize("NFKD", text)))


@cache
def _one_spelling(sign: str) -> str:
    bare = "" if unicodedata.combining(sign) else str(unicodedata.decimal(sign, sign))
    return bare.translate(ONE_LETTER).casefold()


def _variants(word: str) -> set[str]:
    found = {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}
    consonants = "".join(LETTERS.get(sign, "") for sign in word)
    heard = re.sub(r"(.)\1+", r"\1", consonants).removesuffix("h")
    return found | ({f"~{heard}"} if len(heard) >= 3 else set())
