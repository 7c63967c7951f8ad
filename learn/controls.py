"""The buttons of the course: move both clocks, let the gateway misbehave, kill the shop."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from jibit_sandbox.testing import SandboxWorld
from learn.errors import CannotDo
from learn.killing import REQUESTED, Line, find_line, request_kill
from learn.workshop import Workshop, replace_file

SANDBOX_URL = "http://127.0.0.1:8001"
SHOP_URL = "http://127.0.0.1:5000"
RUNNING = "running.json"
PATIENCE = 10.0  # seconds, for a shop to start with a request


class NoSandbox(CannotDo):
    """No sandbox answers at this address, or no course runs that would have one."""

    def __init__(self, url: str | None) -> None:
        super().__init__("silent" if url else "not served", url=url)


class SandboxRefuses(CannotDo):
    """The sandbox does not take what it was asked for."""

    def __init__(self, why: object) -> None:
        super().__init__("refused", why=why)


@dataclass(frozen=True)
class Addresses:
    """Where the shop and the sandbox of the course are."""

    sandbox: str = SANDBOX_URL
    world: str = "sandbox"
    shop: str = SHOP_URL


class Controls:
    """What the learner can do to a shop and its gateway, beside buying."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.addresses = running_addresses(workshop) or Addresses()
        self.world = SandboxWorld(self.addresses.sandbox, self.addresses.world)

    def later(self, seconds: float) -> None:
        """Move the gateway's clock and the shop's. Raises NoSandbox, SandboxRefuses."""
        with self._answering():
            self.world.clock.advance(seconds)
            self.set_shop_clock()

    def set_shop_clock(self) -> None:
        """Let the shop have the gateway's time."""
        ahead = (self.world.clock.now() - datetime.now(UTC)).total_seconds()
        if self.workshop.shop.is_dir():
            replace_file(self.workshop.shop / "clock.txt", f"{round(ahead, 1)}\n")

    def behave(
        self,
        name: str,
        operation: str | None = None,
        times: int | None = 1,
        parameters: dict[str, Any] | None = None,
    ) -> str:
        """Set a behaviour for the next calls; return its description.

        Raises NoSandbox, SandboxRefuses.
        """
        with self._answering():
            self.world.behave(name, operation=operation, times=times, **(parameters or {}))
            return next(one["description"] for one in self.behaviours() if one["name"] == name)

    def behaviours(self) -> list[dict[str, str]]:
        """Return the catalogue of the sandbox. Raises NoSandbox."""
        with self._answering():
            return list(self.world.control("GET", "behaviours")["catalogue"])

    def behave_again(self) -> None:
        """Forget the behaviours that were set. Raises NoSandbox."""
        with self._answering():
            self.world.forget_behaviours()

    def switch(self, switches: dict[str, Any]) -> None:
        """Set switches of the sandbox, as {"v3_refund": True}. Raises NoSandbox, SandboxRefuses."""
        with self._answering():
            self.world.control("PUT", "switches", switches)

    def begin_anew(self) -> None:
        """Empty the ledger of the gateway of `make learn`, if that runs; let it behave, and be now.

        The shop of a new chapter begins with an empty ledger, too.
        """
        with suppress(NoSandbox), self._answering():
            self.world.reset()
            self.set_shop_clock()

    def kill_at(self, text: str) -> Line:
        """Let the shop die before it runs this line. Raises NoSuchLine, NotBegun, NoProgram."""
        line = find_line(self.workshop.program, text)
        self._request_kill(line)
        return line

    def kill_at_no_line(self) -> None:
        """Take back what `kill_at` has asked for."""
        self._request_kill(None)

    def _request_kill(self, line: Line | None) -> None:
        with self._answering() as sandbox:
            if not listens(sandbox):
                raise NoSandbox(sandbox)
        served = listens(self.addresses.shop)
        request_kill(self.workshop.folder, line)
        if served:
            self._wait_until_armed()

    @contextmanager
    def _answering(self) -> Iterator[str]:
        """Yield the sandbox's address; a failed connection is NoSandbox, a no SandboxRefuses.

        Without a course that runs there is no address: another sandbox may stand at the usual one.
        """
        if running_addresses(self.workshop) is None:
            raise NoSandbox(None)
        try:
            yield self.addresses.sandbox
        except requests.RequestException as error:
            raise NoSandbox(self.addresses.sandbox) from error
        except ValueError as error:
            raise SandboxRefuses(error) from error

    def _wait_until_armed(self) -> None:
        """Wait until the shop was started again, with the request."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not (self.workshop.folder / REQUESTED).exists() and listens(self.addresses.shop):
                return
            time.sleep(0.05)


def remember_addresses(workshop: Workshop, addresses: Addresses) -> None:
    """Store where the running course is, for commands of another terminal."""
    workshop.folder.mkdir(parents=True, exist_ok=True)
    replace_file(workshop.folder / RUNNING, json.dumps(asdict(addresses)) + "\n")


def forget_addresses(workshop: Workshop) -> None:
    """Remove what `remember_addresses` stored."""
    (workshop.folder / RUNNING).unlink(missing_ok=True)


def listens(url: str) -> bool:
    """Return whether somebody answers at this address."""
    parts = urlsplit(url)
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((parts.hostname or "127.0.0.1", parts.port or 80)) == 0


def running_addresses(workshop: Workshop) -> Addresses | None:
    """Return what `remember_addresses` stored; a course that was killed may have left it."""
    try:
        return Addresses(**json.loads((workshop.folder / RUNNING).read_text()))
    except (OSError, ValueError, TypeError):
        return None
