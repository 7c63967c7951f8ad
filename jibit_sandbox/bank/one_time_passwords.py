"""The dynamic password: what a bank would send by text message, shown on the page instead."""

from __future__ import annotations

from hashlib import blake2b


def dynamic_password(order_identifier: str) -> str:
    """Five digits, the same ones for an order however often they are asked for."""
    digest = blake2b(order_identifier.encode(), digest_size=8).digest()
    return f"{int.from_bytes(digest) % 90_000 + 10_000}"
