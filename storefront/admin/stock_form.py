"""Define the form that changes the stock of a product."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError

from storefront.admin.product_forms import MOST_PIECES, whole_number
from storefront.catalogue.stock_changes import LONGEST_REASON, StockChangeKind, Wanted
from storefront.core.typed import ascii_digits
from storefront.web.form_checks import plain_line


class StockForm(FlaskForm):
    """What happened to the stock. ``seen_*`` are what the page showed."""

    kind = RadioField(
        _("What happened?"),
        choices=[
            SelectChoice(StockChangeKind.RECEIVED, _("More came in")),
            SelectChoice(StockChangeKind.COUNTED, _("I counted what is free")),
            SelectChoice(StockChangeKind.CORRECTION, _("Correct it: some are more or fewer")),
        ],
        default=StockChangeKind.RECEIVED,
        validate_choice=False,
    )
    pieces = StringField(_("Pieces"))
    reason = StringField(
        _("Reason"),
        [Length(max=LONGEST_REASON, message=_("Shorten the reason to 200 characters."))],
    )
    seen_free = HiddenField()
    seen_change = HiddenField()

    def validate_kind(self, field: RadioField) -> None:
        """One of the three."""
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(gettext("Choose what happened."))

    def validate_pieces(self, field: StringField) -> None:
        """A number; only a correction may be below nothing."""
        is_correction = self.kind.data == StockChangeKind.CORRECTION
        text = plain_number(field.data or "")
        field.read_as = whole_number(text, least=-MOST_PIECES if is_correction else 0)
        if field.read_as == 0 and self.kind.data != StockChangeKind.COUNTED:
            raise ValidationError(gettext("Write how many pieces."))

    def validate_reason(self, field: StringField) -> None:
        """A correction needs one."""
        if self.kind.data == StockChangeKind.CORRECTION and not plain_line(field.data):
            raise ValidationError(gettext("Write why, for example: two were broken."))

    def wanted(self) -> Wanted:
        """Return what the form says."""
        return Wanted(
            kind=StockChangeKind(self.kind.data),
            number=self.pieces.read_as,
            reason=plain_line(self.reason.data),
            seen_free=_number(self.seen_free.data),
            seen_change=_number(self.seen_change.data),
        )


def plain_number(text: str) -> str:
    """Return a number without its plus, with a minus before it: in Persian it is typed behind."""
    plain = ascii_digits(text).strip().removeprefix("+")
    return f"-{plain[:-1].strip()}" if plain.endswith("-") else plain


def _number(text: str | None) -> int:
    is_one = text and text.isascii() and text.isdecimal() and len(text) < 11
    return int(text) if text and is_one else 0
