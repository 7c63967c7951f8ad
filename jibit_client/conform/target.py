"""Name the gateway that is asked, and how."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import sleep
from typing import Final

#: Where the payer of the one unpaid order would be sent; nobody pays it.
CALLBACK_URL: Final = "https://example.com/jibit-conform"


def new_reference() -> str:
    """Return a reference that no order has yet; its beginning says who made the order."""
    return f"conform-{secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True)
class Target:
    """Name a gateway, the merchant's credentials and what the check's one order says.

    ``credentials`` is the body of the gateway's token call. ``language`` ("en" or "fa") is that of
    the gateway's messages. ``connect_timeout`` and ``read_timeout`` are seconds. Nothing is asked
    after ``total_seconds`` from the first question on; what was not asked by then is not seen.
    ``pause_seconds`` pass between two calls. A 429 is asked again after the seconds of its
    Retry-After, if they are at most ``patience_seconds``. Without ``may_order`` no order is made.
    """

    gateway: str
    base_url: str
    credentials: Mapping[str, str] = field(repr=False)
    callback_url: str = CALLBACK_URL
    language: str = "en"
    connect_timeout: float = 3.0
    read_timeout: float = 10.0
    total_seconds: float | None = None
    pause_seconds: float = 0.0
    patience_seconds: float = 0.0
    may_order: bool = True
    new_reference: Callable[[], str] = new_reference
    sleep: Callable[[float], None] = sleep
