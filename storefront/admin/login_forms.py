"""Define the forms that log somebody in, and that set a password."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from storefront.admin.words import shown_number
from storefront.staff import passwords
from storefront.staff.models import LONGEST_NAME


class LoginForm(FlaskForm):
    """Who, and the password."""

    name = StringField(
        _("Your name"),
        [DataRequired(_("Write your name.")), Length(max=LONGEST_NAME * 2)],
    )
    password = PasswordField(
        _("Password"),
        [DataRequired(_("Write your password.")), Length(max=passwords.LONGEST)],
    )


class PasswordForm(FlaskForm):
    """A new password, twice."""

    password = PasswordField(_("New password"))
    again = PasswordField(_("The same once more"))

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def validate_password(self, field: PasswordField) -> None:
        """Long enough, and not the name."""
        if not passwords.is_good(field.data or "", self._name):
            raise ValidationError(
                _(
                    "Take at least %(least)s characters, without your name, and not all the same.",
                    least=shown_number(passwords.SHORTEST),
                )
            )

    def validate_again(self, field: PasswordField) -> None:
        """The same."""
        if field.data != self.password.data:
            raise ValidationError(_("The two are not the same."))
