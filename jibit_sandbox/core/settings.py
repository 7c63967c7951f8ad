"""The settings of a sandbox; every one has a default."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8001
DEFAULT_WORLD = "sandbox"
DEFAULT_DATABASE = Path("instance/sandbox.sqlite3")


@dataclass(frozen=True, slots=True)
class Settings:
    """Lifetimes are in seconds; ``quiet`` prints nothing on standard output.

    ``order_seconds``: from creation to expiry (PPG v2.4, "Verify Order": 15 minutes).
    ``access_token_seconds``: 24 hours in both documents. The life of PPG's refresh token is not
    documented, and clients keep it for 48 hours; the wallet's sample tokens live for 90 days.
    """

    database: Path = DEFAULT_DATABASE
    order_seconds: int = 900
    access_token_seconds: int = 24 * 3600
    refresh_token_seconds: int = 48 * 3600
    wallet_refresh_token_seconds: int = 90 * 24 * 3600
    quiet: bool = False

    def print(self, *lines: str) -> None:
        """Print lines and flush, for whoever waits for the address."""
        if not self.quiet:
            sys.stdout.write("".join(f"{line}\n" for line in lines))
            sys.stdout.flush()


def settings_from(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read ``SANDBOX_DATABASE`` and ``SANDBOX_ORDER_SECONDS``; raise ValueError for a bad one."""
    return Settings(
        database=Path(environment.get("SANDBOX_DATABASE") or DEFAULT_DATABASE),
        order_seconds=positive_number(environment, "SANDBOX_ORDER_SECONDS", 900),
    )


def positive_number(environment: Mapping[str, str], name: str, default: int) -> int:
    """Return an integer above zero from the environment; a ValueError names the variable."""
    said = environment.get(name) or str(default)
    if not said.isascii() or not said.isdigit() or int(said) < 1:
        raise ValueError(f"{name} must be a whole number above zero, not {said!r}")
    return int(said)
