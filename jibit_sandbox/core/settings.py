"""The settings of a sandbox; every one has a default."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_PORT = 8001
DEFAULT_WORLD = "sandbox"
DEFAULT_DATABASE = Path("instance/sandbox.sqlite3")
YES, NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
LONGEST_SEED = 15  # digits
LARGEST_PORT = 65535
HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?")


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
    the create was sent to. ``legacy`` is that switch in every world that has not set it itself.
    ``trusted_proxies`` are the addresses and networks whose ``X-Forwarded-`` headers are believed.
    ``https_port`` serves https beside http, with a certificate made at the start.
    New worlds get ``seed``: what they draw is the same on every run.
    ``shop_order_url`` is where the shop shows an order of its own, with
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
    legacy: bool = False
    trusted_proxies: tuple[str, ...] = ()
    https_port: int | None = None
    seed: int | None = None
    shop_order_url: str = ""
    kill_url: str = ""

    @property
    def own_names(self) -> tuple[str, ...]:
        """Return the names that the sandbox is opened by, beside localhost and numbers."""
        public = urlsplit(self.public_url).hostname
        return (*self.hosts, *([public] if public else []))

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
    named = environment.get("SANDBOX_DATABASE")
    return Settings(
        database=Path(named) if named else DEFAULT_DATABASE,
        order_seconds=positive_number(environment, "SANDBOX_ORDER_SECONDS", 900),
        hosts=host_names(environment, "SANDBOX_HOSTS"),
        callback_hosts=host_names(environment, "SANDBOX_CALLBACK_HOSTS"),
        public_url=origin(environment, "SANDBOX_PUBLIC_URL"),
        legacy=truth(environment, "SANDBOX_LEGACY"),
        trusted_proxies=networks(environment, "SANDBOX_TRUSTED_PROXIES"),
        https_port=port(environment, "SANDBOX_HTTPS_PORT"),
        seed=seed_in(environment, "SANDBOX_SEED"),
        shop_order_url=address_of_orders(environment, "SANDBOX_SHOP_ORDER_URL"),
        kill_url=local_origin(environment, "SANDBOX_KILL_URL"),
    )


def host_names(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return the host names in a list; a ValueError names the variable."""
    said = names(environment.get(name, ""))
    for each in said:
        if not is_host(each):
            raise ValueError(f"{name} must be host names like shop,ci.example, not {each!r}")
    return said


def is_host(said: str) -> bool:
    """Return whether this is a name in ASCII, as the header Host has it, or a number."""
    try:
        return bool(HOST_NAME.fullmatch(said) or ip_address(said))
    except ValueError:
        return False


def names(said: str) -> tuple[str, ...]:
    """Return what stands between the commas of a text."""
    return tuple(name.strip().lower() for name in said.split(",") if name.strip())


def origin(environment: Mapping[str, str], name: str) -> str:
    """Return ``scheme://host[:port]`` from the environment; a ValueError names the variable."""
    said = environment.get(name, "").rstrip("/")
    if said and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", said):
        raise ValueError(f"{name} must be an address like https://pay.example, not {said!r}")
    return said


def truth(environment: Mapping[str, str], name: str) -> bool:
    """Return whether the environment says 1, true, yes or on; a ValueError names the variable."""
    said = environment.get(name, "").lower()
    if said not in YES + NO:
        raise ValueError(f"{name} must be 1 or 0, not {said!r}")
    return said in YES


def networks(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return the addresses and networks in a list; a ValueError names the variable."""
    said = names(environment.get(name, ""))
    for each in said:
        try:
            ip_network(each)
        except ValueError:
            raise ValueError(f"{name} must be addresses like 10.0.0.0/8, not {each!r}") from None
    return said


def port(environment: Mapping[str, str], name: str) -> int | None:
    """Return a port from the environment, None without one; a ValueError names the variable."""
    said = environment.get(name, "")
    return checked_port(name, said) if said else None


def checked_port(name: str, said: object) -> int:
    """Return the port in a text or a number, 0 for any free one; a ValueError names it."""
    text = str(said)
    if not text.isascii() or not text.isdigit() or int(text[:6]) > LARGEST_PORT:
        raise ValueError(f"{name} must be a whole number from 0 to {LARGEST_PORT}, not {said!r}")
    return int(text)


def seed_in(environment: Mapping[str, str], name: str) -> int | None:
    """Return a seed from the environment, None without one; a ValueError names the variable."""
    said = environment.get(name, "")
    return checked_seed(name, said) if said else None


def checked_seed(name: str, said: object) -> int:
    """Return the seed in a text or a number; a ValueError names where it stands."""
    text = str(said)
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST_SEED:
        says = f"a whole number of at most {LONGEST_SEED} digits"
        raise ValueError(f"{name} must be {says}, not {said!r}")
    return int(text)


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
