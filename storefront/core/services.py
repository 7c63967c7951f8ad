"""Hold what requests, commands and jobs work with: the payment engine, the clocks, the prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from payment_engine import PaymentEngine
from storefront.core.clock import Clock, Steady


@dataclass(frozen=True, slots=True)
class PricePolicy:
    """What the shop charges beside its products: integer Rials, and whole percent."""

    delivery_fee_rials: int
    vat_percent: int


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
