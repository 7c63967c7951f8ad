"""Define the checkout and tracking forms and their checks.

Fields keep what was typed, so that a wrong form comes back as it was; :meth:`CheckoutForm.customer`
gives the normalised answers.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError

from storefront.core.delivery import DeliveryMethod
from storefront.core.provinces import PROVINCES, names_of_provinces, province_name
from storefront.core.typed import (
    plain_code,
    plain_email,
    plain_mobile,
    plain_order_number,
)
from storefront.core.validation import is_national_code, is_postal_code
from storefront.orders.models import Customer
from storefront.web.form_checks import (
    IfGiven,
    Required,
    RequiredForParcel,
    between,
    email_is_right,
    mobile_field,
    must,
    plain_line,
    plain_text,
)
from storefront.web.language import current_language
from storefront.web.quick_fields import QuickFields


def _is_order_number(text: str) -> bool:
    return re.fullmatch(r"[0-9]{10}", text) is not None


def _provinces() -> list[SelectChoice]:
    named = (SelectChoice(*each) for each in names_of_provinces(current_language()))
    return [SelectChoice("", _("Choose a province")), *named]


class CheckoutForm(FlaskForm):
    """Who buys, and where it goes, in the order of the page.

    Field names are fixed; others script against them. ``methods`` are the delivery methods to
    choose from.
    """

    class Meta(QuickFields):
        """Write the fields quickly."""

    methods: Sequence[DeliveryMethod] = ()

    checkout_key = HiddenField()
    full_name = StringField(
        _("Full name"),
        [
            Required(_("Write your first and last name.")),
            must(between(2, 120), plain_line, _("Enter a name of 2 to 120 letters.")),
        ],
    )
    mobile = mobile_field()
    email = EmailField(
        _("Email"),
        [
            IfGiven(),
            Length(max=254, message=_("This email address is too long.")),
            email_is_right,
        ],
    )
    delivery = RadioField(_("Delivery method"), validate_choice=False)  # here, in our words
    province = SelectField(
        _("Province"),
        [
            RequiredForParcel(_("Choose the province.")),
            must(PROVINCES.__contains__, str, _("Choose the province.")),
        ],
        choices=_provinces,
        validate_choice=False,
    )
    city = StringField(
        _("City"),
        [
            RequiredForParcel(_("Write the city.")),
            must(between(2, 60), plain_line, _("Enter the name of a city, 2 to 60 letters.")),
        ],
    )
    address = TextAreaField(
        _("Address"),
        [
            RequiredForParcel(_("Write the address that the parcel goes to.")),
            must(between(10, 500), plain_text, _("Write the address in 10 to 500 letters.")),
        ],
    )
    postal_code = StringField(
        _("Postal code"),
        [
            RequiredForParcel(_("Write the postal code.")),
            must(
                is_postal_code,
                plain_code,
                _("This postal code is not valid: it has 10 digits and does not begin with 0."),
            ),
        ],
    )
    national_code = StringField(
        _("National code"),
        [
            IfGiven(),
            must(
                is_national_code,
                plain_code,
                _("This national code is not valid. Please check it again."),
            ),
        ],
    )
    note = TextAreaField(
        _("Order note"),
        [
            IfGiven(),
            must(between(0, 500), plain_text, _("Shorten the order note to 500 characters.")),
        ],
    )

    gateway = RadioField(_("Payment method"), validate_choice=False)

    @property
    def chosen(self) -> DeliveryMethod | None:
        """The delivery method that was chosen, if it is offered."""
        return next((each for each in self.methods if each.key == self.delivery.data), None)

    @property
    def is_pickup(self) -> bool:
        """Whether the buyer comes for it, so that no address is needed."""
        return self.chosen is not None and self.chosen.pickup

    def validate_delivery(self, _field: RadioField) -> None:
        """One of those that are offered, and that goes to the province."""
        method, province = self.chosen, self.province.data
        if method is None:
            raise ValidationError(_("Choose one of the delivery methods."))
        if method.only and province in PROVINCES and province != method.only:
            language = current_language()
            only, name = province_name(method.only, language), method.name(language)
            raise ValidationError(
                _("%(method)s is available in %(only)s province only.", method=name, only=only)
            )

    def validate_gateway(self, field: RadioField) -> None:
        """One of those that are offered."""
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(_("Choose one of the payment methods."))

    def customer(self, language: str) -> Customer:
        """The answers, normalised: ASCII digits, Persian letters, None for what was left empty."""
        return Customer(
            full_name=plain_line(self.full_name.data),
            mobile=plain_mobile(self.mobile.data or ""),
            **(NO_PLACE if self.is_pickup else place_in(self)),
            email=plain_email(self.email.data or "") or None,
            national_code=plain_code(self.national_code.data or "") or None,
            note=plain_text(self.note.data) or None,
            language=language,
        )

    def one_time_key(self, customer: Customer) -> str:
        """Return the same key for a form sent twice, another one once an answer was changed."""
        answers = asdict(customer) | {"language": "", "key": self.checkout_key.data}
        answers |= {"delivery": self.delivery.data}
        return hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()


NO_PLACE: dict[str, Any] = {"address": "", "postal_code": ""}


def place_in(form: Any) -> dict[str, Any]:
    """Return where a form sends a parcel, normalised."""
    return {
        "province": form.province.data,
        "city": plain_line(form.city.data),
        "address": plain_text(form.address.data),
        "postal_code": plain_code(form.postal_code.data or ""),
    }


class TrackingForm(FlaskForm):
    """Which order, and whose."""

    order_number = StringField(
        _("Order number"),
        [
            Required(_("Write the order number; it is on the receipt.")),
            must(_is_order_number, plain_order_number, _("An order number has 10 digits.")),
        ],
    )
    mobile = mobile_field()

    def answers(self) -> tuple[str, str]:
        """Number and mobile in ASCII digits."""
        number = plain_order_number(self.order_number.data or "")
        return number, plain_mobile(self.mobile.data or "")
