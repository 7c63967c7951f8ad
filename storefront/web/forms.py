"""Define the checkout and tracking forms and their checks.

Fields keep what was typed, so that a wrong form comes back as it was; :meth:`CheckoutForm.customer`
gives the normalised answers.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    Field,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, StopValidation, ValidationError

from storefront.core.delivery import DeliveryMethod
from storefront.core.formats import persian_letters
from storefront.core.provinces import PROVINCES, names_of_provinces, province_name
from storefront.core.typed import (
    one_line,
    plain_code,
    plain_email,
    plain_mobile,
    plain_order_number,
    several_lines,
)
from storefront.core.validation import is_mobile, is_national_code, is_postal_code
from storefront.orders.models import Customer
from storefront.web.language import current_language

_EMAIL_WRONG = _("This email address cannot be right; an example: name@example.com.")

Check = Callable[[Form, Field], None]


def plain_line(text: str | None) -> str:
    """One line of visible words, with Persian letters in one spelling."""
    return persian_letters(one_line(text or ""))


def plain_text(text: str | None) -> str:
    """Lines of visible words, with Persian letters in one spelling."""
    return persian_letters(several_lines(text or ""))


def _must(fits: Callable[[str], bool], plain: Callable[[str], str], message: str) -> Check:
    def check(_form: Form, field: Field) -> None:
        if not fits(plain(field.data)):
            raise ValidationError(message)

    return check


class Required(DataRequired):
    """Refuse a field in which nothing can be seen, such as a lone mark of direction."""

    def __call__(self, _form: Form, field: Field) -> None:
        if not one_line(field.data or ""):
            field.errors[:] = []
            raise StopValidation(self.message)


class RequiredForParcel(Required):
    """The same for what only a parcel needs: the rest is not asked of an order that is fetched."""

    def __call__(self, form: Form, field: Field) -> None:
        if getattr(form, "is_pickup", False):
            field.errors[:] = []
            raise StopValidation
        super().__call__(form, field)


class _Optional(Optional):
    """Take a field in which nothing can be seen as left empty."""

    def __call__(self, _form: Form, field: Field) -> None:
        if not one_line(field.data or ""):
            field.errors[:] = []
            raise StopValidation


def _email_is_right(_form: Form, field: Field) -> None:
    """Refuse what mail servers do not take, in words."""
    address = plain_email(field.data)
    name = address.rpartition("@")[0]
    if name and not name.isascii():
        raise ValidationError(_("Mail servers take only Latin letters before the @."))
    try:
        validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise ValidationError(_EMAIL_WRONG) from None
    if "=?" in address:  # a letter's header would decode it into another address
        raise ValidationError(_EMAIL_WRONG)


def _between(fewest: int, most: int) -> Callable[[str], bool]:
    return lambda text: fewest <= len(text) <= most


def _is_order_number(text: str) -> bool:
    return re.fullmatch(r"[0-9]{10}", text) is not None


def _mobile() -> Any:
    """Return the mobile field as every form asks it; WTForms binds it to its form."""
    return TelField(
        _("Mobile number"),
        [
            Required(_("Write your mobile number.")),
            _must(is_mobile, plain_mobile, _("A mobile number looks like 09121234567.")),
        ],
    )


def _provinces() -> list[tuple[str, Any]]:
    return [("", _("Choose a province")), *names_of_provinces(current_language())]


class CheckoutForm(FlaskForm):
    """Who buys, and where it goes, in the order of the page.

    Field names are fixed; others script against them. ``methods`` are the delivery methods to
    choose from.
    """

    methods: Sequence[DeliveryMethod] = ()

    checkout_key = HiddenField()
    full_name = StringField(
        _("Full name"),
        [
            Required(_("Write your first and last name.")),
            _must(_between(2, 120), plain_line, _("A name has 2 to 120 letters.")),
        ],
    )
    mobile = _mobile()
    email = EmailField(
        _("Email"),
        [
            _Optional(),
            Length(max=254, message=_("This email address is too long.")),
            _email_is_right,
        ],
    )
    delivery = RadioField(_("Delivery method"), validate_choice=False)  # here, in our words
    province = SelectField(
        _("Province"),
        [
            RequiredForParcel(_("Choose the province.")),
            _must(PROVINCES.__contains__, str, _("Choose the province.")),
        ],
        choices=_provinces,
        validate_choice=False,
    )
    city = StringField(
        _("City"),
        [
            RequiredForParcel(_("Write the city.")),
            _must(_between(2, 60), plain_line, _("The city has 2 to 60 letters.")),
        ],
    )
    address = TextAreaField(
        _("Address"),
        [
            RequiredForParcel(_("Write the address that the parcel goes to.")),
            _must(_between(10, 500), plain_text, _("Write the address in 10 to 500 letters.")),
        ],
    )
    postal_code = StringField(
        _("Postal code"),
        [
            RequiredForParcel(_("Write the postal code.")),
            _must(
                is_postal_code,
                plain_code,
                _("This postal code cannot be right: it has 10 digits and does not begin with 0."),
            ),
        ],
    )
    national_code = StringField(
        _("National code"),
        [
            _Optional(),
            _must(
                is_national_code,
                plain_code,
                _("This national code cannot be right: 10 digits, and the last one must fit."),
            ),
        ],
    )
    note = TextAreaField(
        _("A note for us"),
        [_Optional(), _must(_between(0, 500), plain_text, _("Keep the note within 500 letters."))],
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
                _("%(method)s goes to the province %(only)s only.", method=name, only=only)
            )

    def validate_gateway(self, field: RadioField) -> None:
        """One of those that are offered."""
        if field.data not in dict(field.choices):
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
            Required(_("Write the order number; it stands on the receipt.")),
            _must(_is_order_number, plain_order_number, _("An order number has 10 digits.")),
        ],
    )
    mobile = _mobile()

    def answers(self) -> tuple[str, str]:
        """Number and mobile in ASCII digits."""
        number = plain_order_number(self.order_number.data or "")
        return number, plain_mobile(self.mobile.data or "")
