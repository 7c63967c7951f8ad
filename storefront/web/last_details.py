"""Offer the details of this browser's last order at its next checkout.

They are read from the order each time: the cookie holds none, and an order that was erased, or
that this browser forgot, offers nothing. The national code is never offered.
"""

from __future__ import annotations

from storefront.web import own_orders
from storefront.web.form_checks import plain_text
from storefront.web.forms import CheckoutForm

FIELDS = ("full_name", "mobile", "email", "province", "city", "address", "postal_code")


def offered() -> dict[str, str]:
    """Return what the checkout form begins with, by field; nothing without such an order."""
    order = own_orders.latest()
    if order is None or order.erased_at is not None:
        return {}
    return {name: getattr(order, name) or "" for name in FIELDS}


def are_in(form: CheckoutForm) -> bool:
    """Return whether the form holds them as they were offered."""
    details = offered()
    held = {name: plain_text(form[name].data) for name in details}
    return bool(details) and held == details
