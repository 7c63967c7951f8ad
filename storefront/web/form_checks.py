"""Check what is typed into forms, and make it plain: one spelling, visible letters alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _
from wtforms import Field, Form, TelField
from wtforms.validators import DataRequired, Optional, StopValidation, ValidationError

from storefront.core.formats import persian_letters
from storefront.core.typed import one_line, plain_email, plain_mobile, several_lines
from storefront.core.validation import is_mobile

_EMAIL_WRONG = _("Enter a valid email address, for example name@example.com.")

Check = Callable[[Form, Field], None]


def plain_line(text: str | None) -> str:
    """One line of visible words, with Persian letters in one spelling."""
    return persian_letters(one_line(text or ""))


def plain_text(text: str | None) -> str:
    """Lines of visible words, with Persian letters in one spelling."""
    return persian_letters(several_lines(text or ""))


def must(fits: Callable[[str], bool], plain: Callable[[str], str], message: str) -> Check:
    """Return a check of a field's text, made plain."""

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


class IfGiven(Optional):
    """Take a field in which nothing can be seen as left empty."""

    def __call__(self, _form: Form, field: Field) -> None:
        if not one_line(field.data or ""):
            field.errors[:] = []
            raise StopValidation


def email_is_right(_form: Form, field: Field) -> None:
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


def between(fewest: int, most: int) -> Callable[[str], bool]:
    """Return a check of a text's length."""
    return lambda text: fewest <= len(text) <= most


def mobile_field() -> Any:
    """Return the mobile field as every form asks it; WTForms binds it to its form."""
    return TelField(
        _("Mobile number"),
        [
            Required(_("Write your mobile number.")),
            must(is_mobile, plain_mobile, _("Enter a mobile number such as 09121234567.")),
        ],
    )
