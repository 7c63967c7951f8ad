"""Fields that are written quickly are those that WTForms would write."""

from __future__ import annotations

from bs4 import BeautifulSoup
from werkzeug.datastructures import MultiDict
from wtforms import (
    EmailField,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from storefront.web.quick_fields import QuickFields

HOSTILE = "\"><script>alert('1')</script>&amp; مریم\n\nدو"
PLACES = [
    SelectChoice("", "Choose"),
    SelectChoice("thr", 'Tehran "the" <capital>'),
    SelectChoice('i"s', "اصفهان"),
]


class Slow(Form):  # type: ignore[misc]  # the library has no types
    key = HiddenField()
    name = StringField("Name", [DataRequired(), Length(min=2, max=120)])
    mobile = TelField("Mobile")
    email = EmailField("Email", [Length(max=254)], render_kw={"placeholder": "name@example.com"})
    place = SelectField("Place", choices=PLACES, validate_choice=False)
    way = RadioField("Way", choices=PLACES[1:], validate_choice=False)
    note = TextAreaField("Note", [Length(max=500)])


class Quick(Slow):
    class Meta(QuickFields):
        pass


def elements(form: Form, **asked: object) -> BeautifulSoup:
    """Every field of the form, each choice of the radio field by itself, as a browser reads it."""
    written = [field(**asked) for field in form if field.name != "way"]
    return BeautifulSoup(
        "".join([*written, *(each(**asked) for each in form["way"])]), "html.parser"
    )


def test_they_are_the_same_empty_and_filled_and_whatever_was_typed() -> None:
    names = [field.name for field in Slow()]
    for typed in ({}, dict.fromkeys(names, HOSTILE), {"place": 'i"s', "way": "thr", "note": "\nx"}):
        quick, slow = (elements(form(MultiDict(typed))) for form in (Quick, Slow))
        assert quick == slow
        assert not quick.select("script")


def test_they_take_the_attributes_that_a_template_gives() -> None:
    asked = {
        "rows": 3,
        "dir": "ltr",
        "inputmode": False,
        "aria_invalid": "true",
        "data_pickup": True,
    }
    quick, slow = (elements(form(), **asked) for form in (Quick, Slow))
    assert quick == slow
    assert quick.select("textarea[aria-invalid=true][data-pickup][rows='3']:not([inputmode])")
