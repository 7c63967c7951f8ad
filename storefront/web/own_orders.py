"""Remember the orders placed in this browser, so that only here their address is shown."""

from __future__ import annotations

from flask import session

from storefront.orders import models as orders
from storefront.orders.models import Order
from storefront.orders.states import OrderState

MOST = 20  # the session is a cookie, and cookies are small


def remember(token: str) -> None:
    """Note that this browser placed the order whose page this token opens."""
    others = [each for each in session.get("orders", []) if each != token]
    session.permanent = True
    session["orders"] = [*others, token][-MOST:]


def include(token: str) -> bool:
    """Return whether this browser placed the order whose page this token opens."""
    return token in session.get("orders", [])


def latest_first() -> list[Order]:
    """Return the orders of this browser, the youngest first."""
    found = orders.by_tokens(session.get("orders", []))
    return sorted(found, key=lambda order: order.created_at, reverse=True)


def latest_unpaid() -> Order | None:
    """Return the youngest order of this browser that still waits to be paid."""
    for token in reversed(session.get("orders", [])):
        order = orders.by_token(token)
        if order is not None and order.state is OrderState.PLACED:
            return order
    return None


def forget() -> None:
    """Empty the list: from now on this browser is to these orders as any other."""
    session.pop("orders", None)
