"""Clients for the Jibit payment gateways: PPG v2.4 (cards) and the wallet gateway v2.1.

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
    from .tokens import MemoryTokenStore, TokenStore
    from .wallet.client import WalletClient
    from .wallet.messages import InitiateRequest

__all__ = [
    "CreateOrderRequest",
    "GatewayError",
    "InitiateRequest",
    "MemoryTokenStore",
    "NoAnswer",
    "PpgClient",
    "Refused",
    "TokenStore",
    "WalletClient",
    "__version__",
]

_MODULES: Final = {
    "CreateOrderRequest": ".ppg.messages",
    "GatewayError": ".errors",
    "InitiateRequest": ".wallet.messages",
    "MemoryTokenStore": ".tokens",
    "NoAnswer": ".errors",
    "PpgClient": ".ppg.client",
    "Refused": ".errors",
    "TokenStore": ".tokens",
    "WalletClient": ".wallet.client",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module. Raises AttributeError for any other name."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)
