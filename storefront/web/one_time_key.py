"""Keep the one-time key of the checkout form, with the goods and the sums that it stands for."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence

from flask import session

from storefront.orders.pricing import Quote


def of(quotes: Sequence[Quote]) -> str:
    """Return the key of the checkout form for this cart as it is priced now, the same in every tab.

    It goes with what was to be paid, by delivery method, and for which goods: once either has
    changed, the form is an old one.
    """
    goods = {line.product.id: line.quantity for line in quotes[0].lines}
    agreed = [{each.delivery.key: each.total_rials for each in quotes}, _fingerprint(goods)]
    if "checkout_key" not in session or session.get("checkout_of") != agreed:
        session["checkout_key"], session["checkout_of"] = secrets.token_urlsafe(24), agreed
    return str(session["checkout_key"])


def agreed_rials(key: str | None, quantities: Mapping[int, int], delivery: str) -> int | None:
    """Return what the form with this key said is to be paid with a delivery method.

    None if it is another cart's, or did not offer the method. ``quantities`` maps product ids to
    pieces, as they are in the cart now.
    """
    if not key or key != session.get("checkout_key"):
        return None
    totals, goods = session["checkout_of"]
    if goods != _fingerprint(quantities) or not isinstance(totals, dict):
        return None  # a form from before there was a choice had one total
    return totals.get(delivery)


def _fingerprint(quantities: Mapping[int, int]) -> str:
    return hashlib.sha256(repr(sorted(quantities.items())).encode()).hexdigest()[:16]


def forget() -> None:
    """Make the next checkout another order, also of the same cart."""
    for name in ("checkout_key", "checkout_of"):
        session.pop(name, None)
