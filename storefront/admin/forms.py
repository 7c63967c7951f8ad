"""Define the back office's small forms; addresses are checked as in the checkout."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from storefront.core.typed import plain_mobile
from storefront.fulfilment import shipping
from storefront.fulfilment.shipping import PostalAddress
from storefront.orders.models import Order
from storefront.web.form_checks import Required, plain_line, plain_text
from storefront.web.forms import NO_PLACE, CheckoutForm, place_in

LONGEST_NOTE = 1000


class ShipmentForm(FlaskForm):
    """With whom, and under which code; both may stay empty."""

    carrier = StringField(
        _("Carrier"), [Length(max=60, message=_("Shorten the carrier's name to 60 characters."))]
    )
    tracking_code = StringField(
        _("Tracking code"),
        [Length(max=60, message=_("Shorten the tracking code to 60 characters."))],
    )


class NoteForm(FlaskForm):
    """A note for the staff."""

    text = TextAreaField(
        _("Note"),
        [
            Required(_("Write the note first.")),
            Length(max=LONGEST_NOTE, message=_("Shorten the note to 1,000 characters.")),
        ],
    )

    def plain_text(self) -> str:
        """What was written, in visible letters."""
        return plain_text(self.text.data)


class AddressForm(FlaskForm):
    """Where a parcel goes, and who is called about it."""

    full_name = CheckoutForm.full_name
    mobile = CheckoutForm.mobile
    province = CheckoutForm.province
    city = CheckoutForm.city
    address = CheckoutForm.address
    postal_code = CheckoutForm.postal_code

    @classmethod
    def of(cls, order: Order) -> AddressForm:
        """The form about an order; of one that is fetched, only who is called."""
        form = cls(obj=shipping.address_of(order))
        if order.pickup:
            for name in ("province", "city", "address", "postal_code"):
                del form[name]
        return form

    def postal(self) -> PostalAddress:
        """The answers, normalised as in the checkout."""
        return PostalAddress(
            full_name=plain_line(self.full_name.data),
            mobile=plain_mobile(self.mobile.data or ""),
            **(place_in(self) if "address" in self else NO_PLACE),
        )
