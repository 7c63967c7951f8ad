"""For tests: start a sandbox in this process, control it, and act as the payer.

    with running_sandbox() as sandbox:
        shop.configure(sandbox.ppg_base_url, sandbox.api_key, sandbox.secret_key)
        sandbox.behave("reset_after_commit", operation="verify")
        callback_url = sandbox.pay(switching_url)

Everything goes over HTTP, so ``SandboxWorld(url)`` controls one in another process as well.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from types import EllipsisType
from typing import Any, cast

import requests

from jibit_sandbox.bank.cards import PAYING_FORM
from jibit_sandbox.core.callback import Callback, callback_in
from jibit_sandbox.core.settings import DEFAULT_WORLD

TIMEOUT = 70  # seconds; longer than any hold a test would want


class ShopperStopped(AssertionError):
    """The payment page did not redirect to the shop; its text says why."""


def browser() -> requests.Session:
    """Return a new session that uses no proxy: the sandbox is on this machine."""
    session = requests.Session()
    session.trust_env = False
    return session


class SandboxClock:
    """A world's clock."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    def now(self) -> datetime:
        """Return the world's time, in UTC."""
        return datetime.fromisoformat(self._world.control("GET", "clock")["now"])

    def freeze(self, at: datetime | None = None) -> None:
        """Stop the clock, at its own time or at a given one."""
        said = at.isoformat() if at else None
        self._world.control("PUT", "clock", {"mode": "frozen", "at": said})

    def advance(self, seconds: float) -> None:
        """Move the clock by seconds; a frozen one stays frozen."""
        self._world.control("POST", "clock/advance", {"seconds": seconds})

    def accelerate(self, rate: float) -> None:
        """Let the clock run ``rate`` times as fast."""
        self._world.control("PUT", "clock", {"mode": "accelerated", "rate": rate})

    def reset(self) -> None:
        """Return to real time."""
        self._world.control("PUT", "clock", {"mode": "real"})


class SandboxWorld:
    """One world of a running sandbox: its credentials, its control API, and a payer."""

    def __init__(self, base_url: str, name: str = DEFAULT_WORLD) -> None:
        self.base_url = base_url
        self.name = name
        self.ppg_base_url = f"{base_url}/ppg/v2"
        self.api_key = f"{name}-api-key"
        self.secret_key = f"{name}-secret-key"
        self.ppg_v3_base_url = f"{base_url}/ppg/v3"
        self.wallet_base_url = f"{base_url}/pg"
        self.username = name
        self.password = f"{name}-password"
        self.sms_url = f"{base_url}/_sandbox/sms?world={name}"
        self.clock = SandboxClock(self)
        self._controlling = browser()

    def world(self, name: str) -> SandboxWorld:
        """Return another world of the same sandbox, isolated from this one."""
        return SandboxWorld(self.base_url, name)

    def control(self, method: str, path: str, body: Any = None, **query: Any) -> dict[str, Any]:
        """Call the control API under ``/_sandbox/``; raise ValueError with its message."""
        response = self._controlling.request(
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
        """Add a behaviour for the next ``times`` calls (None: all); return its rule's id.

        ``gateway`` is "ppg", "ppg_v3" or "wallet"; without it, calls of all are meant.
        """
        requested = {"name": name, "gateway": gateway, "operation": operation, "order": order}
        more = {"times": times, "parameters": parameters}
        rule = self.control("POST", "behaviours", requested | more)
        return int(rule["id"])

    def forget_behaviours(self) -> None:
        """Remove every behaviour and release held calls."""
        self.control("DELETE", "behaviours")

    def wait_until_held(self, count: int = 1, seconds: float = 10) -> None:
        """Wait until so many calls are held; raise AssertionError if they never are."""
        held = self.control("GET", "behaviours/held", count=count, seconds=seconds)["held"]
        if held < count:
            raise AssertionError(f"{held} calls are held, not {count}")

    def release(self) -> int:
        """Release held calls; return how many there were."""
        return int(self.control("POST", "behaviours/release")["released"])

    def switch(self, **switches: Any) -> None:
        """Set switches for open points of the documents, e.g. ``paid_inquiry="SUCCESS"``."""
        self.control("PUT", "switches", switches)

    def chaos(self, seed: int, rates: dict[str, float] | None = None) -> None:
        """Mix behaviours at these rates (0 to 1), the same ones for the same seed."""
        self.control("PUT", "chaos", {"seed": seed, "rates": rates})

    def end_chaos(self) -> dict[str, Any]:
        """Stop chaos; return its statistics."""
        return self.control("DELETE", "chaos")

    def requests_seen(self, **filters: str) -> list[dict[str, Any]]:
        """Return the log, the oldest first; filters: operation, fingerprint, order, ..."""
        return list(self.control("GET", "requests", **filters)["requests"])

    def orders(self, **filters: str) -> list[dict[str, Any]]:
        """Return the bank's view of every order, the oldest first; ``gateway="wallet"`` filters."""
        return list(self.control("GET", "orders", **filters)["orders"])

    def order(self, identifier: str) -> dict[str, Any]:
        """Return the bank's view of one order."""
        return next(order for order in self.orders() if order["identifier"] == identifier)

    def press(self, identifier: str, action: str = "pay") -> str | None:
        """Press a button of an order's page without a browser; return where it redirects, if so.

        ``action`` is ``pay``, ``cancel``, ``decline``, ``vanish``, ``leave`` or, at PPG v3 only,
        ``unknown`` or ``time_out``.
        """
        press_order_button = self.control("POST", f"orders/{identifier}/press", {"action": action})
        return cast("str | None", press_order_button["location"])

    def contradict(self, identifier: str, state: str) -> None:
        """Let a purchase that was over turn out to be ``MANUALLY_SUCCESS`` or ``REVERSED``.

        ``UNKNOWN`` is for a purchase that is not over yet; ``SUCCESS``, ``FAILED`` and ``EXPIRED``
        are what the PSP says of an unknown one at last.
        """
        self.control("PUT", f"purchases/{identifier}/state", {"state": state})

    def transfers(self, identifier: str) -> list[dict[str, Any]]:
        """Return the transfers of a purchase's refund, the oldest first."""
        return list(self.control("GET", f"purchases/{identifier}/transfers")["transfers"])

    def halt_refund(
        self, identifier: str, state: str, *, number: int | None = None, reason: str | None = None
    ) -> None:
        """Keep a refund ``FAILED``, ``MANUALLY_FAILED`` or on hold; the last one by default."""
        body = {"state": state, "number": number, "reason": reason}
        self.control("PUT", f"purchases/{identifier}/transfers", body)

    def balance(self, mobile: str) -> int:
        """Return the Rials in a wallet."""
        answer = self.control("GET", "wallets")
        known = {wallet["mobile"]: wallet["balance_rials"] for wallet in answer["wallets"]}
        return int(known.get(mobile, answer["default_balance_rials"]))

    def set_balance(self, balance_rials: int, mobile: str | None = None) -> None:
        """Set a wallet's balance; without a mobile number, the default of all unused ones."""
        self.control("PUT", "wallets", {"mobile": mobile, "balance_rials": balance_rials})

    def text_messages(self) -> list[dict[str, Any]]:
        """Return what was sent by SMS, the newest first."""
        return list(self.control("GET", "sms")["messages"])

    def reset(self, seed: int | EllipsisType | None = ...) -> None:
        """Empty the world; with ``seed=7`` all it draws is the same on every run, None ends that.

        Without ``seed`` a seeded world begins again with its own.
        """
        self.control("POST", "reset", None if seed is ... else {"seed": seed})

    def make_order(self, **fields: Any) -> dict[str, Any]:
        """Make an order in any state: ``make_order(state="paid", minutes_ago=14)``."""
        return self.control("POST", "orders", fields)

    def change(self, identifier: str, action: str) -> dict[str, Any]:
        """Bring an order to another state at once: ``pay``, ``decline``, ``expire``, ``reset``."""
        return self.control("POST", f"orders/{identifier}/now", {"action": action})

    def export(self) -> dict[str, Any]:
        """Return the whole world: orders, clock, switches, balances and behaviours."""
        return self.control("GET", "world")

    def load(self, document: dict[str, Any]) -> None:
        """Replace the world by what an export returned, or by one written by hand."""
        self.control("PUT", "world", document)

    def pay(self, switching_url: str, **fields: str) -> str:
        """Pay with a valid card, or from the order's wallet; return where the browser is sent."""
        return self._sent_to(self.submit(switching_url, "pay", **fields))

    def callback(self, switching_url: str, action: str = "pay", **fields: str) -> Callback:
        """Press a button; return what the browser opens or, at PPG v3, posts at the shop.

        Post it with ``requests.post(callback.url, data=callback.form)``.
        """
        return self._callback_of(self.submit(switching_url, action, **fields))

    def decline(self, switching_url: str) -> str:
        """Let the bank decline; return the callback URL."""
        return self._sent_to(self.submit(switching_url, "decline"))

    def cancel(self, switching_url: str) -> str:
        """Let the payer cancel; return the callback URL."""
        return self._sent_to(self.submit(switching_url, "cancel"))

    def pay_and_vanish(self, switching_url: str) -> None:
        """Pay, and never return to the shop."""
        self._stays_with(self.submit(switching_url, "vanish"))

    def leave(self, switching_url: str) -> None:
        """Leave the page without paying, and never return to the shop."""
        self._stays_with(self.submit(switching_url, "leave"))

    def submit(self, switching_url: str, action: str, **fields: str) -> requests.Response:
        """Open the page like a browser and send its form, with a valid card by default.

        No redirect is followed.
        """
        with browser() as client:
            client.get(switching_url, timeout=TIMEOUT).raise_for_status()
            form = {**PAYING_FORM, "action": action, **fields}
            return client.post(switching_url, data=form, timeout=TIMEOUT, allow_redirects=False)

    @staticmethod
    def _stays_with(response: requests.Response) -> None:
        if response.status_code != requests.codes.ok:
            raise ShopperStopped(f"{response.status_code}: {response.text}")

    @classmethod
    def _sent_to(cls, response: requests.Response) -> str:
        return cls._callback_of(response).url

    @staticmethod
    def _callback_of(response: requests.Response) -> Callback:
        if response.status_code in (302, 303):
            return Callback(response.headers["Location"])
        posted = callback_in(response.text) if response.ok else None
        if posted is None:
            raise ShopperStopped(f"{response.status_code}: {response.text}")
        return posted


@contextmanager
def running_sandbox(
    database: Path | None = None, *, host: str = "127.0.0.1", port: int = 0, **settings: Any
) -> Iterator[SandboxWorld]:
    """Run a sandbox on a free port; without ``database``, with a temporary file.

    ``settings`` are those of :class:`~.core.settings.Settings`, e.g. ``order_seconds=60``.
    """
    from jibit_sandbox.app import create_app  # SandboxWorld alone needs no server
    from jibit_sandbox.core.settings import Settings
    from jibit_sandbox.web.server import SandboxServer

    with ExitStack() as stack:
        if database is None:
            database = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "sandbox.sqlite3"
        server = SandboxServer(host, port)
        app = create_app(Settings(database=database, **{"listens_on": host, **settings}))
        wired = app.extensions["sandbox"]
        stack.callback(wired.store.close)
        server.start(app)
        stack.callback(server.stop)
        stack.callback(wired.held_calls.stop)
        yield SandboxWorld(server.address)
