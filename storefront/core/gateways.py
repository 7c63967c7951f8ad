"""List the gateways that the shop can use; the first is offered first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A gateway, and which settings it takes its address and its credentials from.

    ``binding`` is the class to import, as ``"module:name"``, only when the gateway is configured.
    ``credentials`` maps its arguments to settings.
    """

    name: str
    binding: str
    address: str
    credentials: Mapping[str, str]


CARD_GATEWAYS = ("ppg", "ppg_v3")  # two versions of one thing: shoppers are offered one of them

GATEWAYS = (
    Entry(
        "ppg",
        "payment_engine.gateways.jibit_ppg:JibitPpg",
        address="PPG_BASE_URL",
        credentials={"api_key": "PPG_API_KEY", "secret_key": "PPG_SECRET_KEY"},
    ),
    Entry(
        "ppg_v3",
        "payment_engine.gateways.jibit_ppg_v3:JibitPpgV3",
        address="PPG_V3_BASE_URL",
        credentials={"api_key": "PPG_V3_API_KEY", "secret_key": "PPG_V3_SECRET_KEY"},
    ),
    Entry(
        "wallet",
        "payment_engine.gateways.jibit_wallet:JibitWallet",
        address="WALLET_BASE_URL",
        credentials={"username": "WALLET_USERNAME", "password": "WALLET_PASSWORD"},
    ),
)
