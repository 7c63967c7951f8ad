"""Hosts of a drill: network namespaces that hang on one switch, which has a namespace of its own.

Nothing leads out of them. They need root and Linux's ``ip``.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from drills.namespaces import PORT, Place, ip

DELAY = "1ms"  # on each cable, where the kernel can delay (netem)
GIVES_UP_AFTER = "net.ipv4.tcp_retries2=4"  # as docs/operations/many-hosts.md sets it


@dataclass(frozen=True)
class Network:
    """Where each host is: the same for everybody who knows the network's number."""

    number: int
    hosts: tuple[str, ...]

    def address(self, host: str) -> str:
        """Return the host's address."""
        return f"10.213.{self.number % 250}.{10 + self.hosts.index(host)}"

    def within(self, host: str) -> tuple[str, ...]:
        """Return what a command begins with that runs on the host."""
        return ("ip", "netns", "exec", self._space(host))

    def place(self, host: str) -> Place:
        """Return the host as a place for a database server."""
        return Place(self.address(host), PORT, self.within(host))

    def pull(self, host: str) -> None:
        """From now on nothing gets there or comes from there."""
        ip("-n", self._switch, "link", "set", self._cable(host), "down")

    def plug_in(self, host: str) -> None:
        """Let it be reached again."""
        ip("-n", self._switch, "link", "set", self._cable(host), "up")

    def build(self) -> bool:
        """Make the hosts and their cables. Return whether the cables delay."""
        ip("netns", "add", self._switch)
        ip("-n", self._switch, "link", "add", "switch", "type", "bridge")
        ip("-n", self._switch, "link", "set", "switch", "up")
        delaying = [self._add(host) for host in self.hosts]  # all of them, whatever the first says
        return all(delaying)

    def _add(self, host: str) -> bool:
        space, cable = self._space(host), self._cable(host)
        ip("netns", "add", space)
        ends = ("type", "veth", "peer", "name", "eth0", "netns", space)
        ip("-n", self._switch, "link", "add", cable, *ends)
        ip("-n", self._switch, "link", "set", cable, "master", "switch", "up")
        ip("-n", space, "addr", "add", f"{self.address(host)}/24", "dev", "eth0")
        for device in ("eth0", "lo"):
            ip("-n", space, "link", "set", device, "up")
        run([*self.within(host), "sysctl", "-q", "-w", GIVES_UP_AFTER])
        delay = ("tc", "qdisc", "add", "dev", "eth0", "root", "netem", "delay", DELAY)
        return run([*self.within(host), *delay])

    def remove(self) -> None:
        """End what still runs there, and remove everything."""
        for host in self.hosts:
            _end_all_in(self._space(host))
            ip("netns", "del", self._space(host), must=False)
        ip("netns", "del", self._switch, must=False)  # the cables go with it

    @property
    def _switch(self) -> str:
        return f"hosts{self.number}-switch"

    def _space(self, host: str) -> str:
        return f"hosts{self.number}-{self.hosts.index(host)}"

    def _cable(self, host: str) -> str:
        return f"cable{self.hosts.index(host)}"


@contextmanager
def network(hosts: Sequence[str]) -> Iterator[tuple[Network, bool]]:
    """Lend hosts on one switch, and whether their cables delay."""
    lent = Network(os.getpid(), tuple(hosts))
    try:
        yield lent, lent.build()
    finally:
        lent.remove()


def run(command: Sequence[str]) -> bool:
    """Run a command to its end. Return whether it went well."""
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603


def _end_all_in(space: str) -> None:
    """Kill what runs in a namespace of ours: nobody else is there."""
    found = subprocess.run(  # noqa: S603
        ["ip", "netns", "pids", space],  # noqa: S607
        check=False,
        capture_output=True,
        text=True,
    )
    for pid in found.stdout.split():
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
