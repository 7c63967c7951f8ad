"""Wallet gateway v2.1: payments from the Jibit wallet."""

from .gateway import WalletGateway

__all__ = ["WalletGateway"]
