"""Fees in Rials: Shaparak's, Jibit's, and what is left for the merchant.

The document names the amounts and not how they are computed, so the tariff is the sandbox's own.
"""

from __future__ import annotations

LEAST_SHAPARAK_FEE, MOST_SHAPARAK_FEE = 1_200, 40_000
MOST_FEE = 40_000


def shaparak_fee(total: int) -> int:
    """Return two ten-thousandths, within Shaparak's limits."""
    return min(max(total * 2 // 10_000, LEAST_SHAPARAK_FEE), MOST_SHAPARAK_FEE)


def fee(total: int) -> int:
    """Return Jibit's fee: one percent, and at most MOST_FEE. It is paid in advance."""
    return min(total // 100, MOST_FEE)


def net_amount(total: int) -> int:
    """Return what the PSP's settlement leaves of amount and wage."""
    return total - fee(total) - shaparak_fee(total)
