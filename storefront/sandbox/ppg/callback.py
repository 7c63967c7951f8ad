"""PPG's callback: where the payer's browser is sent, and what it says on the way.

Source: PPG v2.4, "Callback Merchant".
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

from storefront.sandbox.bank.orders import State
from storefront.sandbox.tables import Order


def callback_url(order: Order) -> str:
    """The merchant's URL, its query kept, with ``amount`` in Rials, ``refnum`` and ``state``."""
    paid = order.state in (State.PAID, State.CAPTURED)
    return with_claims(
        order.callback_url,
        amount=str(order.amount_rials),
        refnum=order.identifier,
        state="SUCCESSFUL" if paid else "FAILED",
    )


def with_claims(url: str, **claims: str) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(claims)) if part)
    return urlunsplit(parts._replace(query=query))
