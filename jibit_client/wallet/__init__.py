"""Wallet gateway v2.1: payments from the Jibit wallet."""

from .client import WalletClient

__all__ = ["WalletClient"]
