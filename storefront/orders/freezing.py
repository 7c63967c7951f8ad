"""Freeze a quote into an order with its lines."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from storefront.core.database import db
from storefront.orders import order_words
from storefront.orders.models import Customer, LineKind, Order, OrderLine
from storefront.orders.pricing import Quote
from storefront.orders.states import OrderState

_ADD_LINES = insert(OrderLine.__table__)  # built once


def new_order(
    quote: Quote,
    customer: Customer,
    checkout_key: str,
    now: datetime,
    reserved_until: datetime,
    number: str,
    client: str | None = None,
    cart_key: str | None = None,
) -> Order:
    """Freeze a quote into an order; the caller's commit makes it true."""
    order = Order(
        number=number,
        token=secrets.token_urlsafe(24),
        checkout_key=checkout_key,
        state=OrderState.PLACED,
        amount_rials=quote.total_rials,
        created_at=now,
        reserved_until=reserved_until,
        expiry_check_at=reserved_until,
        expiry_tries=0,
        delivery_method=quote.delivery.key,
        delivery_days_from=quote.delivery.days[0],
        delivery_days_to=quote.delivery.days[1],
        pickup=quote.delivery.pickup,
        client=client,
        cart_key=cart_key,
        in_cart=cart_key is not None,
        version=1,
        **asdict(customer),
    )
    db.session.add(order)
    db.session.flush()
    # One statement for all lines, also those without a product: the mapper would make two.
    lines = [{"order_id": order.id, **line} for line in _lines(quote)]
    db.session.execute(_ADD_LINES, lines)
    order_words.put(order.id, order.full_name)
    return order


def _lines(quote: Quote) -> list[dict[str, Any]]:
    products = [
        {
            "kind": LineKind.PRODUCT,
            "product_id": line.product.id,
            "name_fa": line.product.name_fa,
            "name_en": line.product.name_en,
            "unit_price_rials": line.product.price_rials,
            "quantity": line.quantity,
            "tax_included_rials": quote.tax_in(line.amount_rials),
        }
        for line in quote.lines
    ]
    return [*products, *charges(quote)]


def charges(quote: Quote) -> list[dict[str, Any]]:
    """Return the lines of a quote beside its products: the delivery, and tax that is added."""
    method = quote.delivery
    delivery = _charge(
        LineKind.DELIVERY,
        method.name_fa,
        method.name_en,
        quote.delivery_rials,
        quote.tax_in(quote.delivery_rials),
    )
    if quote.with_tax:
        return [delivery]
    tax = _charge(LineKind.VAT, "مالیات بر ارزش افزوده", "Value added tax", quote.vat_rials)
    return [delivery, tax]


def _charge(
    kind: LineKind, name_fa: str, name_en: str, amount_rials: int, tax_included_rials: int = 0
) -> dict[str, Any]:
    return {
        "kind": kind,
        "product_id": None,
        "name_fa": name_fa,
        "name_en": name_en,
        "unit_price_rials": amount_rials,
        "quantity": 1,
        "tax_included_rials": tax_included_rials,
    }
