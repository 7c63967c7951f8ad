"""Network namespaces for servers, whose cables can be pulled; they need root and Linux's ``ip``."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from testkit.processes import free_port

LOCAL = "127.0.0.1"
PORT = 5432  # each namespace has ports of its own


@dataclass(frozen=True)
class Place:
    """Where a server listens, what its command begins with, and the cable that leads there."""

    host: str
    port: int
    within: tuple[str, ...] = ()
    cable: str | None = None

    def pull(self) -> None:
        """From now on nothing gets there or comes from there: no answer, and no refusal either."""
        ip("link", "set", str(self.cable), "down")

    def plug_in(self) -> None:
        """Let it be reached again."""
        ip("link", "set", str(self.cable), "up")


@contextmanager
def two_places() -> Iterator[tuple[Place, Place]]:
    """Lend two places that reach each other: in namespaces of their own where that is possible."""
    if not possible():
        yield Place(LOCAL, free_port()), Place(LOCAL, free_port())
        return
    network = f"10.213.{os.getpid() % 250}"
    switch = _name("sw", 0)
    ip("link", "add", switch, "type", "bridge")
    try:
        ip("addr", "add", f"{network}.1/24", "dev", switch)
        ip("link", "set", switch, "up")
        yield _make(1, switch, network), _make(2, switch, network)
    finally:
        for number in (1, 2):  # a namespace takes its cable with it
            ip("netns", "del", _name("ns", number), must=False)
        ip("link", "del", switch, must=False)


def possible() -> bool:
    """Return whether we can make network namespaces here."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    tried = _name("ns", 0)
    made = ip("netns", "add", tried, must=False)
    return made and ip("netns", "del", tried, must=False)


def _make(number: int, switch: str, network: str) -> Place:
    space, here, there = (_name(each, number) for each in ("ns", "sh", "db"))
    ip("netns", "add", space)
    ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", space)
    ip("link", "set", here, "master", switch, "up")
    host = f"{network}.{number + 1}"
    ip("-n", space, "addr", "add", f"{host}/24", "dev", there)
    ip("-n", space, "link", "set", there, "up")
    ip("-n", space, "link", "set", "lo", "up")
    return Place(host, PORT, ("ip", "netns", "exec", space), here)


def _name(kind: str, number: int) -> str:
    return f"{kind}{number}-{os.getpid()}"


def ip(*arguments: str, must: bool = True) -> bool:
    """Run Linux's ``ip``. Return whether it went well; where it must, CalledProcessError if not."""
    done = subprocess.run(["ip", *arguments], check=must, capture_output=True)  # noqa: S603, S607
    return done.returncode == 0
