"""The dynamic password. A bank sends it by text message; the sandbox shows it on the page."""

from __future__ import annotations

from hashlib import blake2b


def dynamic_password(order_identifier: str) -> str:
    """Return five digits that are always the same for one order."""
    digest = blake2b(order_identifier.encode(), digest_size=8).digest()
    return f"{int.from_bytes(digest) % 90_000 + 10_000}"
