"""Who buys, how it is delivered and where it goes."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import AnyOf, DataRequired, Length, Regexp, StopValidation, ValidationError

from benchmarks.baseline.prices import BY_KEY
from storefront.core.provinces import PROVINCES


def for_a_parcel(form: FlaskForm, _field: Field) -> None:
    """Ask an order that is fetched for no address."""
    if form["delivery"].data == "pickup":
        raise StopValidation


class Details(FlaskForm):
    """The form of the checkout."""

    full_name = StringField(validators=[DataRequired(), Length(2, 120)])
    mobile = StringField(validators=[Regexp(r"09\d{9}")])
    delivery = StringField(validators=[AnyOf(BY_KEY)], default="post")
    province = StringField(validators=[for_a_parcel, AnyOf(PROVINCES)])
    city = StringField(validators=[for_a_parcel, DataRequired(), Length(2, 60)])
    address = StringField(validators=[for_a_parcel, DataRequired(), Length(10, 500)])
    postal_code = StringField(validators=[for_a_parcel, Regexp(r"\d{10}")])

    def validate_delivery(self, field: Field) -> None:
        """Send the courier of Tehran to Tehran alone."""
        if field.data == "courier" and self.province.data != "tehran":
            raise ValidationError
