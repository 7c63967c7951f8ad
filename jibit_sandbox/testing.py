"""For tests: start a sandbox in this process, steer it, and be the shopper at its page.

    with running_sandbox() as sandbox:
        shop.configure(sandbox.ppg_base_url, sandbox.api_key, sandbox.secret_key)
        sandbox.behave("reset_after_commit", operation="verify")
        callback_url = sandbox.pay(switching_url)

Everything goes over HTTP, so ``SandboxWorld(url)`` does the same to one in another process.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import requests

from jibit_sandbox.app import create_app
from jibit_sandbox.bank.cards import PAYING_FORM
from jibit_sandbox.core.clock import from_text
from jibit_sandbox.core.context import Sandbox
from jibit_sandbox.core.settings import Settings
from jibit_sandbox.core.worlds import DEFAULT_WORLD
from jibit_sandbox.web.server import SandboxServer

TIMEOUT = 70  # seconds; longer than any hold a test would want


class ShopperStopped(AssertionError):
    """The bank's page did not send the shopper on; its text says why."""


def browser() -> requests.Session:
    """A fresh one that looks for no proxy: the sandbox is on this machine."""
    session = requests.Session()
    session.trust_env = False
    return session


class SandboxClock:
    """A world's clock."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    def now(self) -> datetime:
        """What it shows, in UTC."""
        return from_text(self._world.control("GET", "clock")["now"])

    def freeze(self, at: datetime | None = None) -> None:
        """Stop it, at its own time or at a given one."""
        said = at.isoformat() if at else None
        self._world.control("PUT", "clock", {"mode": "frozen", "at": said})

    def advance(self, seconds: float) -> None:
        """Move it; frozen stays frozen."""
        self._world.control("POST", "clock/advance", {"seconds": seconds})

    def accelerate(self, rate: float) -> None:
        """Let it run ``rate`` times as fast."""
        self._world.control("PUT", "clock", {"mode": "accelerated", "rate": rate})

    def reset(self) -> None:
        """Real time again."""
        self._world.control("PUT", "clock", {"mode": "real"})


class SandboxWorld:
    """One world of a running sandbox: its credentials, its controls, and a shopper."""

    def __init__(self, base_url: str, name: str = DEFAULT_WORLD) -> None:
        self.base_url = base_url
        self.name = name
        self.ppg_base_url = f"{base_url}/ppg/v2"
        self.api_key = f"{name}-api-key"
        self.secret_key = f"{name}-secret-key"
        self.wallet_base_url = f"{base_url}/pg"
        self.username = name
        self.password = f"{name}-password"
        self.clock = SandboxClock(self)

    def world(self, name: str) -> SandboxWorld:
        """Another world of the same sandbox; the two never meet."""
        return SandboxWorld(self.base_url, name)

    def control(self, method: str, path: str, body: Any = None, **query: Any) -> dict[str, Any]:
        """One call to the control API under ``/_sandbox/``; ValueError with its complaint."""
        with browser() as client:
            response = client.request(
                method,
                f"{self.base_url}/_sandbox/{path}",
                params={"world": self.name} | query,
                json=body,
                timeout=TIMEOUT,
            )
        answer = cast(dict[str, Any], response.json())
        if not response.ok:
            raise ValueError(answer["error"])
        return answer

    def behave(
        self,
        name: str,
        *,
        gateway: str | None = None,
        operation: str | None = None,
        order: str | None = None,
        times: int | None = 1,
        **parameters: Any,
    ) -> int:
        """Let a behaviour meet the next ``times`` calls (None: all); returns its rule's id.

        ``gateway`` is "ppg" or "wallet"; without it, the calls of either are met.
        """
        asked = {"name": name, "gateway": gateway, "operation": operation, "order": order}
        more = {"times": times, "parameters": parameters}
        rule = self.control("POST", "behaviours", asked | more)
        return int(rule["id"])

    def forget_behaviours(self) -> None:
        """Remove every behaviour, and let held calls go on."""
        self.control("DELETE", "behaviours")

    def wait_until_held(self, count: int = 1, seconds: float = 10) -> None:
        """Wait until so many calls are being held; AssertionError if they never are."""
        held = self.control("GET", "behaviours/held", count=count, seconds=seconds)["held"]
        if held < count:
            raise AssertionError(f"{held} calls are held, not {count}")

    def release(self) -> int:
        """Let held calls go on; returns how many there were."""
        return int(self.control("POST", "behaviours/release")["released"])

    def switch(self, **switches: Any) -> None:
        """Read an open point of the document otherwise, e.g. ``paid_inquiry="SUCCESS"``."""
        self.control("PUT", "switches", switches)

    def chaos(self, seed: int, rates: dict[str, float] | None = None) -> None:
        """Mix behaviours at these rates (0 to 1), the same ones for the same seed."""
        self.control("PUT", "chaos", {"seed": seed, "rates": rates})

    def end_chaos(self) -> dict[str, Any]:
        """No more chaos; returns its statistics."""
        return self.control("DELETE", "chaos")

    def requests_seen(self, **filters: str) -> list[dict[str, Any]]:
        """The log, the oldest first; filters: operation, fingerprint, order, reference, ..."""
        return list(self.control("GET", "requests", **filters)["requests"])

    def orders(self, **filters: str) -> list[dict[str, Any]]:
        """The bank's own view of every order, the oldest first; ``gateway="wallet"`` filters."""
        return list(self.control("GET", "orders", **filters)["orders"])

    def order(self, identifier: str) -> dict[str, Any]:
        """One of them."""
        return next(order for order in self.orders() if order["identifier"] == identifier)

    def press(self, identifier: str, action: str = "pay") -> str | None:
        """Press a button of an order's page without a browser: ``pay``, ``cancel``, ``decline``,
        ``vanish`` or ``leave``. Returns where a browser would be sent, if it would be."""
        pressed = self.control("POST", f"orders/{identifier}/press", {"action": action})
        return cast("str | None", pressed["location"])

    def balance(self, mobile: str) -> int:
        """Rials in a wallet."""
        answer = self.control("GET", "wallets")
        known = {wallet["mobile"]: wallet["balance_rials"] for wallet in answer["wallets"]}
        return int(known.get(mobile, answer["default_balance_rials"]))

    def set_balance(self, balance_rials: int, mobile: str | None = None) -> None:
        """Fill or empty a wallet; without a mobile number, those that nobody has used yet."""
        self.control("PUT", "wallets", {"mobile": mobile, "balance_rials": balance_rials})

    def reset(self) -> None:
        """Empty the world."""
        self.control("POST", "reset")

    def pay(self, switching_url: str, **fields: str) -> str:
        """Pay with a good card, or from the order's wallet; returns where the browser is sent."""
        return self._sent_to(self.submit(switching_url, "pay", **fields))

    def decline(self, switching_url: str) -> str:
        """The bank says no; returns the callback URL."""
        return self._sent_to(self.submit(switching_url, "decline"))

    def cancel(self, switching_url: str) -> str:
        """The shopper says no; returns the callback URL."""
        return self._sent_to(self.submit(switching_url, "cancel"))

    def pay_and_vanish(self, switching_url: str) -> None:
        """The money is taken, and no browser ever comes back."""
        self._stays_with(self.submit(switching_url, "vanish"))

    def leave(self, switching_url: str) -> None:
        """The page was opened, nothing was paid, and no browser ever comes back."""
        self._stays_with(self.submit(switching_url, "leave"))

    def submit(self, switching_url: str, action: str, **fields: str) -> requests.Response:
        """Open the page as a browser does, fill in the form (a good card unless told otherwise)
        and send it; no redirect is followed."""
        with browser() as client:
            client.get(switching_url, timeout=TIMEOUT).raise_for_status()
            form = {**PAYING_FORM, "action": action, **fields}
            return client.post(switching_url, data=form, timeout=TIMEOUT, allow_redirects=False)

    @staticmethod
    def _stays_with(response: requests.Response) -> None:
        if response.status_code != requests.codes.ok:
            raise ShopperStopped(f"{response.status_code}: {response.text}")

    @staticmethod
    def _sent_to(response: requests.Response) -> str:
        if response.status_code not in (302, 303):
            raise ShopperStopped(f"{response.status_code}: {response.text}")
        return response.headers["Location"]


@contextmanager
def running_sandbox(
    database: Path | None = None, *, host: str = "127.0.0.1", port: int = 0, **settings: Any
) -> Iterator[SandboxWorld]:
    """A sandbox on a free port, with a file of its own that goes when it goes, unless one is named.

    ``settings`` are those of :class:`~.settings.Settings`, e.g. ``order_seconds=60``.
    """
    with ExitStack() as stack:
        if database is None:
            database = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "sandbox.sqlite3"
        server = SandboxServer(host, port)
        app = create_app(Settings(database=database, **settings))
        wired: Sandbox = app.extensions["sandbox"]
        stack.callback(wired.store.close)
        server.start(app)
        stack.callback(server.stop)
        stack.callback(wired.holds.stop)
        yield SandboxWorld(server.address)
