"""The gateways that the shop can be wired to, an entry for each; the first is offered first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from jibit_client.gateway import Gateway
from jibit_client.ppg import PpgGateway
from jibit_client.wallet import WalletGateway


class Adapter(Protocol):
    """A class of gateways: the name they all bear, and how to connect one."""

    @property
    def name(self) -> str:
        """The name under which payments remember it."""

    def connect(self, *arguments: Any, **named: Any) -> Gateway:
        """Put the parts together; nothing is sent yet."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An adapter, and which settings it takes its address and its credentials from.

    ``credentials`` maps the arguments of the adapter's ``connect`` to settings, first the one that
    says who the merchant is.
    """

    adapter: Adapter
    address: str
    credentials: Mapping[str, str]


GATEWAYS = (
    Entry(
        PpgGateway,
        address="PPG_BASE_URL",
        credentials={"api_key": "PPG_API_KEY", "secret_key": "PPG_SECRET_KEY"},
    ),
    Entry(
        WalletGateway,
        address="WALLET_BASE_URL",
        credentials={"username": "WALLET_USERNAME", "password": "WALLET_PASSWORD"},
    ),
)
