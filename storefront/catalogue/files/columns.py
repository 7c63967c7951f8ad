"""Name the columns of a catalogue file, in English and Persian; docs/catalogue.md explains them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from storefront.core.formats import persian_letters


class Kind(StrEnum):
    """Say what the cells of a column hold."""

    SLUG = "slug"
    LINE = "line"
    TEXT = "text"
    PICTURE = "picture"
    PICTURES = "pictures"
    LINES = "lines"
    TOMAN = "toman"
    RIALS = "rials"
    PIECES = "pieces"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its Persian name, and other headings that mean the same.

    ``required`` is whether a cell of it may not be empty, where the file has the column. ``width``
    is how many characters the database keeps.
    """

    name: str
    persian: str
    kind: Kind
    also: tuple[str, ...] = ()
    required: bool = False
    width: int = 0


COLUMNS = (
    Column("slug", "شناسه", Kind.SLUG, ("شناسه کالا", "نامک", "کد کالا"), required=True, width=80),
    Column("category", "دسته", Kind.SLUG, ("شناسه دسته",), required=True, width=80),
    Column(
        *("category_name_fa", "نام دسته", Kind.LINE),
        also=("category name", "نام فارسی دسته", "نام دسته‌بندی"),
        width=120,
    ),
    Column("category_name_en", "نام انگلیسی دسته", Kind.LINE, width=120),
    Column("category_position", "ترتیب دسته", Kind.PLACE),
    Column(
        *("name_fa", "نام", Kind.LINE),
        also=("name", "title", "نام کالا", "نام محصول", "نام فارسی", "عنوان"),
        required=True,
        width=200,
    ),
    Column("name_en", "نام انگلیسی", Kind.LINE, ("english name",), width=200),
    Column(
        *("description_fa", "توضیح", Kind.TEXT),
        also=("description", "توضیحات", "شرح", "توضیح فارسی"),
        width=10_000,
    ),
    Column("description_en", "توضیح انگلیسی", Kind.TEXT, ("english description",), width=10_000),
    Column("keywords", "کلیدواژه‌ها", Kind.LINE, ("tags", "برچسب‌ها", "کلمات کلیدی"), width=500),
    Column("image", "تصویر", Kind.PICTURE, ("picture", "photo", "عکس"), width=200),
    Column(
        *("more_images", "تصویرهای دیگر", Kind.PICTURES),
        also=("more pictures", "more photos", "عکس‌های دیگر"),
    ),
    Column(
        *("image_texts_fa", "شرح تصویرها", Kind.LINES),
        also=("image texts", "متن جایگزین", "توضیح تصویرها"),
        width=200,
    ),
    Column("image_texts_en", "شرح انگلیسی تصویرها", Kind.LINES, width=200),
    Column(
        *("price_toman", "قیمت (تومان)", Kind.TOMAN),
        also=("price in toman", "قیمت به تومان", "تومان"),
        required=True,
    ),
    Column(
        *("price_rials", "قیمت (ریال)", Kind.RIALS),
        also=("price in rials", "price rial", "قیمت به ریال", "ریال"),
        required=True,
    ),
    Column(
        *("stock", "موجودی", Kind.PIECES),
        also=("counted", "quantity", "موجودی شمارش‌شده", "تعداد"),
        required=True,
    ),
    Column("stock_add", "افزودن به موجودی", Kind.PIECES, ("add to stock", "افزایش موجودی")),
    Column("position", "ترتیب", Kind.PLACE, ("order", "ترتیب نمایش")),
)
PRICES_WITHOUT_UNIT = (
    *("price", "قیمت", "مبلغ", "بها"),
    *("regular price", "قیمت عادی", "قیمت اصلی", "variant price"),  # other shops' exports
)


def key_of(heading: str) -> str:
    """Return what two headings have in common that mean the same: letters and digits alone."""
    plain = persian_letters(unicodedata.normalize("NFKC", heading)).casefold()
    return re.sub(r"[\W_]+", "", plain)


BY_NAME = {column.name: column for column in COLUMNS}
_BY_KEY = {
    key_of(heading): column
    for column in COLUMNS
    for heading in (column.name, column.persian, *column.also)
}
_WITHOUT_UNIT = frozenset(map(key_of, PRICES_WITHOUT_UNIT))


def column_of(heading: str) -> Column | None:
    """Return the column that a heading means, however it is written; None if it is none of ours."""
    return _BY_KEY.get(key_of(heading))


def is_price_without_unit(heading: str) -> bool:
    """Return whether a heading says "price", but neither Toman nor Rials."""
    return key_of(heading) in _WITHOUT_UNIT


def nearest(heading: str) -> str:
    """Return the heading that was probably meant, or nothing."""
    close = get_close_matches(key_of(heading), _BY_KEY, n=1, cutoff=0.75)
    return _BY_KEY[close[0]].name if close else ""
