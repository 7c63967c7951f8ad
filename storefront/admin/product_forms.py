"""Define the forms of products and categories; cells of a catalogue file are read alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    Field,
    Form,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from storefront.catalogue.category_editing import CategoryFields
from storefront.catalogue.editing import ProductFields
from storefront.catalogue.files.cells import reader_of
from storefront.catalogue.files.columns import BY_NAME
from storefront.catalogue.files.importing import dearest_rials
from storefront.catalogue.files.numbers import WrongCell, number_of
from storefront.catalogue.files.pictures import Pictures
from storefront.catalogue.files.problems import filled
from storefront.catalogue.models import Category, Product
from storefront.core.formats import digits, grouped
from storefront.core.services import current_services
from storefront.web.language import current_language

MOST_PIECES = 10**6  # of one change; more is a slip of the finger


def in_words(wrong: WrongCell) -> str:
    """Return what is wrong as a sentence in the language of the page."""
    words = filled(gettext(wrong.text), wrong.details, current_language())
    return words[:1].upper() + words[1:]


class Cell:
    """Read a field as the column of a catalogue file is read; ``read_as`` is then what it holds."""

    def __init__(self, column: str) -> None:
        self._column = BY_NAME[column]

    def __call__(self, _form: Form, field: Field) -> None:
        """Raise ValidationError with what to write instead."""
        dearest = dearest_rials(current_services().prices)
        read = reader_of(self._column, strict=False, pictures=Pictures(), dearest_rials=dearest)
        try:
            field.read_as = read(field.data or "")
        except WrongCell as wrong:
            raise ValidationError(in_words(wrong)) from None


def whole_number(text: str, *, least: int) -> int:
    """Return a number of pieces as people write it. Raises ValidationError."""
    try:
        number = number_of(text) if text.strip() else None
    except WrongCell as wrong:
        raise ValidationError(in_words(wrong)) from None
    if number is None or number != int(number):
        raise ValidationError(gettext("Write a whole number, for example 12."))
    if not least <= number <= MOST_PIECES:
        raise ValidationError(gettext("This number is too small or too large."))
    return int(number)


class NamesForm(FlaskForm):
    """What products and categories both have: an address and two names."""

    version = HiddenField()

    def seen(self) -> int:
        """Return the version that the form was made from."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1

    def put(self, name: str, value: Any) -> None:
        """Show a value in the field as somebody would have typed it."""
        shown = value
        if name == "price_rials":
            shown = _toman(value)
        self[FIELD_OF.get(name, name)].data = shown


FIELD_OF = {"price_rials": "price"}  # where a field has another name than the column


def _toman(rials: int) -> str:
    whole, left_over = divmod(rials, 10)
    shown = grouped(whole, current_language())
    return digits(f"{shown}.{left_over}" if left_over else shown, current_language())


class ProductForm(NamesForm):
    """Everything about a product but stock and pictures."""

    name_fa = StringField(_("Persian name"), [Cell("name_fa")])
    name_en = StringField(_("English name"), [Cell("name_en")])
    price = StringField(_("Price in Toman"), [Cell("price_toman")])
    category = SelectField(_("Category"), validate_choice=False)
    description_fa = TextAreaField(_("Persian description"), [Cell("description_fa")])
    description_en = TextAreaField(_("English description"), [Cell("description_en")])
    keywords = StringField(_("Other words for the search"), [Cell("keywords")])
    slug = StringField(_("Address in the shop"), [Cell("slug")])

    def __init__(self, categories: Sequence[Category], **options: Any) -> None:
        super().__init__(**options)
        name = f"name_{current_language()}"
        self.category.choices = [SelectChoice(c.slug, getattr(c, name)) for c in categories]

    def validate_category(self, field: SelectField) -> None:
        """One of those that there are."""
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(gettext("Choose a category."))

    def show(self, product: Product) -> None:
        """Fill the form in; an English text that is the Persian one is left empty."""
        for name in ("slug", "name_fa", "description_fa", "keywords", "price_rials"):
            self.put(name, getattr(product, name))
        for name in ("name", "description"):
            english, persian = getattr(product, f"{name}_en"), getattr(product, f"{name}_fa")
            self.put(f"{name}_en", "" if english == persian else english)
        self.put("category", product.category.slug)
        self.version.data = str(product.version)

    def product_fields(self) -> ProductFields:
        """Return what the form says; without an English text it is the Persian one."""
        return ProductFields(
            slug=self.slug.read_as,
            category=self.category.data,
            name_fa=self.name_fa.read_as,
            name_en=self.name_en.read_as or self.name_fa.read_as,
            description_fa=self.description_fa.read_as,
            description_en=self.description_en.read_as or self.description_fa.read_as,
            keywords=self.keywords.read_as,
            price_rials=self.price.read_as,
        )


class NewProductForm(ProductForm):
    """The same, and how many there are; the address may stay empty."""

    pieces = StringField(_("Pieces in stock"))

    def validate_pieces(self, field: StringField) -> None:
        """None, or a number."""
        field.read_as = whole_number(field.data or "0", least=0)


class CategoryForm(NamesForm):
    """A category's names and address."""

    name_fa = StringField(_("Persian name"), [Cell("category_name_fa")])
    name_en = StringField(_("English name"), [Cell("category_name_en")])
    slug = StringField(_("Address in the shop"), [Cell("category")])

    def validate_name_fa(self, field: StringField) -> None:
        """There is one."""
        if not getattr(field, "read_as", None):
            raise ValidationError(gettext("Write the name."))

    def show(self, category: Category) -> None:
        """Fill the form in."""
        self.put("slug", category.slug)
        self.put("name_fa", category.name_fa)
        self.put("name_en", "" if category.name_en == category.name_fa else category.name_en)
        self.version.data = str(category.version)

    def category_fields(self) -> CategoryFields:
        """Return what the form says."""
        name = self.name_fa.read_as
        return CategoryFields(self.slug.read_as, name, self.name_en.read_as or name)
