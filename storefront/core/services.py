"""Hold what requests, commands and jobs work with: the payment engine, the clocks, the prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from payment_engine import PaymentEngine
from storefront.core.clock import Clock, Steady
from storefront.core.delivery import DEFAULT_METHODS, DeliveryMethod


@dataclass(frozen=True, slots=True)
class PricePolicy:
    """What the shop charges beside its products: integer Rials, and whole percent.

    ``delivery_fee_rials`` is the price of a method that names none. ``with_tax``: the prices of
    products and of delivery contain the tax; else it is added to them.
    """

    delivery_fee_rials: int
    vat_percent: int
    with_tax: bool = True
    methods: tuple[DeliveryMethod, ...] = DEFAULT_METHODS.methods

    def method(self, key: str | None) -> DeliveryMethod | None:
        """Return the delivery method with this key, the first without one."""
        if key is None:
            return self.methods[0]
        return next((each for each in self.methods if each.key == key), None)

    def fee_rials(self, method: DeliveryMethod, products_rials: int = 0) -> int:
        """Return what a method costs for products of this sum."""
        if method.free_from_rials is not None and products_rials >= method.free_from_rials:
            return 0
        return self.delivery_fee_rials if method.price_rials is None else method.price_rials


@dataclass(frozen=True, slots=True)
class Services:
    """Moments are read from ``clock``, intervals are measured with ``steady``."""

    engine: PaymentEngine
    clock: Clock
    steady: Steady
    prices: PricePolicy


def current_services() -> Services:
    """Return the services of the running application, for views, commands and jobs."""
    return cast(Services, current_app.extensions["services"])
