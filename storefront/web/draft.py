"""Keep what a shopper typed into the checkout form until the order is placed.

What was sent once stands in the database, beside the cart: to go back, to reload, to change the
language or the cart loses nothing. What was not sent yet, ``static/js/keep.js`` keeps in its tab.
"""

from __future__ import annotations

from storefront.core.database import transaction
from storefront.core.services import current_services
from storefront.core.typed import one_line
from storefront.orders import drafts
from storefront.web import session_cart
from storefront.web.forms import CheckoutForm

LINES = ("full_name", "mobile", "email", "delivery", "province", "city", "postal_code", "gateway")
TEXTS = ("address", "note")
LONGEST_LINE, LONGEST_TEXT = 300, 2_000  # letters; above what any field takes


def keep(form: CheckoutForm) -> None:
    """Keep the form as it was typed, right or wrong; without anything in the cart, keep nothing."""
    key = session_cart.key_if_any()
    if key is None or not session_cart.contents():
        return
    fields = {name: (form[name].data or "")[:LONGEST_LINE] for name in LINES}
    fields |= {name: (form[name].data or "")[:LONGEST_TEXT] for name in TEXTS}
    code = one_line(form.national_code.data or "")[: drafts.LONGEST_CODE]
    drafts.save(key, fields, code, current_services().clock())


def kept() -> dict[str, str]:
    """Return what was typed for this browser's cart, by field; nothing if nothing was kept."""
    key = session_cart.key_if_any()
    return drafts.of(key, current_services().clock()) if key else {}


def forget() -> None:
    """Forget what was typed for this browser's cart."""
    key = session_cart.key_if_any()
    if key and kept():
        with transaction():
            drafts.forget(key)
