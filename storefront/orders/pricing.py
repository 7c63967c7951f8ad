"""Compute an order's lines and totals; nothing else computes prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storefront.catalogue.models import Product
from storefront.core.delivery import DeliveryMethod
from storefront.core.services import PricePolicy


class NoSuchDelivery(Exception):
    """The shop does not offer this delivery method, or no longer."""


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One good in a cart. Money is integer Rials."""

    product: Product
    quantity: int

    @property
    def amount_rials(self) -> int:
        """Price times quantity."""
        return self.product.price_rials * self.quantity


@dataclass(frozen=True, slots=True)
class Quote:
    """A cart with its prices and one way to deliver it. Money is integer Rials."""

    lines: tuple[PricedLine, ...]
    delivery: DeliveryMethod
    delivery_rials: int
    vat_percent: int
    with_tax: bool

    @property
    def products_rials(self) -> int:
        """Return all products together."""
        return sum(line.amount_rials for line in self.lines)

    def tax_in(self, amount_rials: int) -> int:
        """Return the tax that an amount contains, rounded half up to a whole Toman.

        0 where the tax is added to the prices.
        """
        if not self.with_tax:
            return 0
        hundreds, whole = amount_rials * self.vat_percent, 10 * (100 + self.vat_percent)
        return (hundreds + whole // 2) // whole * 10

    @property
    def vat_rials(self) -> int:
        """Return the tax on products and delivery, in whole Toman.

        Prices with tax contain it line by line; else it is added to their sum, rounded down.
        """
        if self.with_tax:
            amounts = (*(line.amount_rials for line in self.lines), self.delivery_rials)
            return sum(map(self.tax_in, amounts))
        return (self.products_rials + self.delivery_rials) * self.vat_percent // 1000 * 10

    @property
    def total_rials(self) -> int:
        """Return what the shopper pays."""
        added = 0 if self.with_tax else self.vat_rials
        return self.products_rials + self.delivery_rials + added


def quote(
    quantities: Mapping[int, int],
    products: Mapping[int, Product],
    prices: PricePolicy,
    delivery: str | None = None,
) -> Quote:
    """Price a cart: ``quantities`` maps product ids to pieces; unknown products are left out.

    ``delivery`` is the key of a method, the first one if it is None. Raises NoSuchDelivery.
    """
    lines = tuple(
        PricedLine(products[product_id], quantity)
        for product_id, quantity in quantities.items()
        if product_id in products and quantity > 0
    )
    return quote_of(lines, prices, delivery)


def quote_of(lines: Sequence[PricedLine], prices: PricePolicy, delivery: str | None) -> Quote:
    """Price these lines. Raises NoSuchDelivery."""
    method = prices.method(delivery)
    if method is None:
        raise NoSuchDelivery(delivery)
    products_rials = sum(line.amount_rials for line in lines)
    fee = prices.fee_rials(method, products_rials) if lines else 0
    return Quote(tuple(lines), method, fee, prices.vat_percent, prices.with_tax)


def quotes(cart: Quote, prices: PricePolicy) -> tuple[Quote, ...]:
    """Return the same cart with each of the delivery methods."""
    return tuple(quote_of(cart.lines, prices, each.key) for each in prices.methods)
