"""Compute an order's lines and totals; nothing else computes prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from storefront.catalogue.models import Product


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One good in a cart. Money is integer Rials."""

    product: Product
    quantity: int

    @property
    def amount_rials(self) -> int:
        """Price times quantity, before tax."""
        return self.product.price_rials * self.quantity


@dataclass(frozen=True, slots=True)
class Quote:
    """A cart with its prices. Money is integer Rials."""

    lines: tuple[PricedLine, ...]
    delivery_rials: int
    vat_percent: int

    @property
    def products_rials(self) -> int:
        """Return all products together, before tax."""
        return sum(line.amount_rials for line in self.lines)

    @property
    def vat_rials(self) -> int:
        """Return the tax on products and delivery, rounded down to a whole Toman."""
        return (self.products_rials + self.delivery_rials) * self.vat_percent // 1000 * 10

    @property
    def total_rials(self) -> int:
        """Return what the shopper pays."""
        return self.products_rials + self.delivery_rials + self.vat_rials


def quote(
    quantities: Mapping[int, int],
    products: Mapping[int, Product],
    *,
    delivery_fee_rials: int,
    vat_percent: int,
) -> Quote:
    """Price a cart: ``quantities`` maps product ids to pieces; unknown products are left out."""
    lines = tuple(
        PricedLine(products[product_id], quantity)
        for product_id, quantity in quantities.items()
        if product_id in products and quantity > 0
    )
    return Quote(lines, delivery_fee_rials if lines else 0, vat_percent)
