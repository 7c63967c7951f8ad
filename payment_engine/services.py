"""Gather what every flow of the engine needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from payment_engine.gateway import Gateway
from payment_engine.policy import Policy
from payment_engine.resilience import Bulkhead, Monotonic
from payment_engine.store import Hooks, Store

Clock = Callable[[], datetime]
"""Gives an aware moment in UTC."""


def utc_now() -> datetime:
    """Return the machine's time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """Hold gateways and their bulkheads by name, the store, the hooks, the policy and the clocks.

    Moments are read from ``clock``; intervals are measured with ``monotonic``, in seconds.
    """

    gateways: Mapping[str, Gateway]
    bulkheads: Mapping[str, Bulkhead]
    store: Store
    hooks: Hooks
    policy: Policy
    clock: Clock = utc_now
    monotonic: Monotonic = time.monotonic
