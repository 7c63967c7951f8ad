"""The gateways that the shop can be wired to, an entry for each; the first is offered first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from payment_engine.gateway import Gateway
from payment_engine.gateways.jibit_ppg import JibitPpg
from payment_engine.gateways.jibit_wallet import JibitWallet


@dataclass(frozen=True, slots=True)
class Entry:
    """A gateway, and which settings it takes its address and its credentials from.

    ``credentials`` maps the arguments of the binding to settings.
    """

    name: str
    binding: Callable[..., Gateway]
    address: str
    credentials: Mapping[str, str]


GATEWAYS = (
    Entry(
        "ppg",
        JibitPpg,
        address="PPG_BASE_URL",
        credentials={"api_key": "PPG_API_KEY", "secret_key": "PPG_SECRET_KEY"},
    ),
    Entry(
        "wallet",
        JibitWallet,
        address="WALLET_BASE_URL",
        credentials={"username": "WALLET_USERNAME", "password": "WALLET_PASSWORD"},
    ),
)
