"""The settings of a sandbox; every one has a default."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_PORT = 8001
DEFAULT_WORLD = "sandbox"
DEFAULT_DATABASE = Path("instance/sandbox.sqlite3")


@dataclass(frozen=True, slots=True)
class Settings:
    """Lifetimes are in seconds; ``quiet`` prints nothing on standard output.

    ``order_seconds``: from creation to expiry (PPG v2.4, "Verify Order": 15 minutes).
    ``access_token_seconds``: 24 hours in all documents. The life of PPG's refresh token is not
    documented, and clients keep it for 48 hours; the wallet's sample tokens live for 90 days.
    ``listens_on`` is the address of the server. ``hosts`` are the names that the dashboard and the
    control API are opened by, beside localhost and numbers; ``callback_hosts`` are those that the
    sandbox may call though their addresses are private, when others can reach it. ``public_url`` is
    where payers open its pages, such as the https address of a proxy in front of it; empty: where
    the create was sent to. ``shop_order_url`` is where the shop shows an order of its own, with
    ``{reference}`` for the reference number, and ``kill_url`` is the page that kills the shop and
    tells in ``/events.json`` when it did: the dashboard links to both.
    """

    database: Path = DEFAULT_DATABASE
    order_seconds: int = 900
    access_token_seconds: int = 24 * 3600
    refresh_token_seconds: int = 48 * 3600
    wallet_refresh_token_seconds: int = 90 * 24 * 3600
    quiet: bool = False
    listens_on: str = "127.0.0.1"
    hosts: tuple[str, ...] = ()
    callback_hosts: tuple[str, ...] = ()
    public_url: str = ""
    shop_order_url: str = ""
    kill_url: str = ""

    @property
    def exposed(self) -> bool:
        """Return whether other machines may reach the server."""
        try:
            return not ip_address(self.listens_on).is_loopback
        except ValueError:
            return self.listens_on != "localhost"

    def print(self, *lines: str) -> None:
        """Print lines and flush, for whoever waits for the address."""
        if not self.quiet:
            sys.stdout.write("".join(f"{line}\n" for line in lines))
            sys.stdout.flush()


def settings_from(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the ``SANDBOX_`` variables of a sandbox; raise ValueError for a bad one."""
    return Settings(
        database=Path(environment.get("SANDBOX_DATABASE") or DEFAULT_DATABASE),
        order_seconds=positive_number(environment, "SANDBOX_ORDER_SECONDS", 900),
        hosts=names(environment.get("SANDBOX_HOSTS", "")),
        callback_hosts=names(environment.get("SANDBOX_CALLBACK_HOSTS", "")),
        public_url=origin(environment, "SANDBOX_PUBLIC_URL"),
        shop_order_url=address_of_orders(environment, "SANDBOX_SHOP_ORDER_URL"),
        kill_url=local_origin(environment, "SANDBOX_KILL_URL"),
    )


def names(said: str) -> tuple[str, ...]:
    """Return the host names in a text with commas between them."""
    return tuple(name.strip().lower() for name in said.split(",") if name.strip())


def origin(environment: Mapping[str, str], name: str) -> str:
    """Return ``scheme://host[:port]`` from the environment; a ValueError names the variable."""
    said = environment.get(name, "").rstrip("/")
    if said and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", said):
        raise ValueError(f"{name} must be an address like https://pay.example, not {said!r}")
    return said


def local_origin(environment: Mapping[str, str], name: str) -> str:
    """Return an origin of this machine, which the dashboard may ask; a ValueError names it."""
    said = origin(environment, name)
    if said and urlsplit(said).hostname not in ("127.0.0.1", "localhost"):
        raise ValueError(f"{name} must be an address of this machine, not {said!r}")
    return said


def address_of_orders(environment: Mapping[str, str], name: str) -> str:
    """Return a web address with ``{reference}`` in it; a ValueError names the variable."""
    said = environment.get(name, "")
    if said and not re.fullmatch(r"https?://[^\s{}]*\{reference\}[^\s{}]*", said):
        raise ValueError(f"{name} must be like https://shop.example/of/{{reference}}, not {said!r}")
    return said


def positive_number(environment: Mapping[str, str], name: str, default: int) -> int:
    """Return an integer above zero from the environment; a ValueError names the variable."""
    said = environment.get(name) or str(default)
    if not said.isascii() or not said.isdigit() or int(said) < 1:
        raise ValueError(f"{name} must be a whole number above zero, not {said!r}")
    return int(said)
