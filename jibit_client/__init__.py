"""Clients for the Jibit payment gateways: PPG v2.4 and v3 (cards), wallet gateway v2.1.

The names below are loaded when they are first used, so that ``import jibit_client`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .errors import GatewayError, NoAnswer, Refused
    from .ppg.client import PpgClient
    from .ppg.messages import CreateOrderRequest
    from .ppg_v3.client import PpgV3Client
    from .ppg_v3.creation import CreatePurchaseRequest
    from .ppg_v3.purchases import PurchaseFilter
    from .ppg_v3.refunds import RefundRequest
    from .tokens import MemoryTokenStore, TokenStore
    from .wallet.client import WalletClient
    from .wallet.messages import InitiateRequest

__all__ = [
    "CreateOrderRequest",
    "CreatePurchaseRequest",
    "GatewayError",
    "InitiateRequest",
    "MemoryTokenStore",
    "NoAnswer",
    "PpgClient",
    "PpgV3Client",
    "PurchaseFilter",
    "RefundRequest",
    "Refused",
    "TokenStore",
    "WalletClient",
    "__version__",
]

_MODULES: Final = {
    "CreateOrderRequest": ".ppg.messages",
    "CreatePurchaseRequest": ".ppg_v3.creation",
    "GatewayError": ".errors",
    "InitiateRequest": ".wallet.messages",
    "MemoryTokenStore": ".tokens",
    "NoAnswer": ".errors",
    "PpgClient": ".ppg.client",
    "PpgV3Client": ".ppg_v3.client",
    "PurchaseFilter": ".ppg_v3.purchases",
    "RefundRequest": ".ppg_v3.refunds",
    "Refused": ".errors",
    "TokenStore": ".tokens",
    "WalletClient": ".wallet.client",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module. Raises AttributeError for any other name."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)
