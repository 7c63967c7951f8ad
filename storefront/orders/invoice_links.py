"""Sign the links to whole invoices: letters to the buyer carry them, an order's address does not.

The token of an order opens its page, which names nobody. Its invoice names the buyer and the
address, so it needs a signature beside the token, which only the buyer's own letters have.
"""

from __future__ import annotations

import hashlib

from flask import current_app
from itsdangerous import Signer

from storefront.orders.models import Order

PURPOSE = "storefront: links to invoices"  # nothing else is signed with the key that this gives


def path_of(order: Order) -> str:
    """Return the path of the order's whole invoice, for its buyer alone."""
    return f"/orders/{order.token}/invoice/{_signer().get_signature(order.token).decode()}"


def fits(order: Order, key: str) -> bool:
    """Return whether a key was signed for this order, with the secret key or a former one."""
    return bool(_signer().verify_signature(order.token, key))


def _signer() -> Signer:
    """Return the signer; it signs with the last of its keys."""
    keys = [*reversed(current_app.config["SECRET_KEY_FALLBACKS"]), current_app.config["SECRET_KEY"]]
    return Signer(keys, salt=PURPOSE, key_derivation="hmac", digest_method=hashlib.sha256)
