"""Two PostgreSQL servers, a primary and its standby, that change places when the primary dies."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drills import pg_programs
from drills.namespaces import two_places
from drills.pg_server import PATIENCE, USER, Server
from testkit.processes import wait_until

DATABASE = "shop"
FOLLOWING = "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming' AND application_name = %s"
ACKNOWLEDGING = f"{FOLLOWING} AND sync_state = 'sync'"


class ServerPair:
    """A primary and its standby, with the shop's database on both.

    ``synchronous``: nothing is committed before the standby has it.
    """

    def __init__(self, first: Server, second: Server, *, synchronous: bool) -> None:
        self.primary, self.standby, self._synchronous = first, second, synchronous
        hosts = "&".join(f"host={each.place.host}:{each.place.port}" for each in (first, second))
        self.url = f"postgresql+psycopg://{USER}@/{DATABASE}?{hosts}&connect_timeout=2"
        self.url += "&target_session_attrs=read-write"

    def start(self) -> None:
        """Start the primary with an empty database; it has no standby yet."""
        self.primary.initialise()
        self.primary.start(self.standby)
        self.primary.ask(f"CREATE DATABASE {DATABASE}")

    def add_standby(self) -> None:
        """Make the standby, and let commits wait for it from now on."""
        names = f"'FIRST 1 ({self.primary.name}, {self.standby.name})'"
        if self._synchronous:
            self.primary.ask(f"ALTER SYSTEM SET synchronous_standby_names = {names}")
        self.standby.copy(self.primary)
        self.standby.start(self.primary)
        self.primary.ask("SELECT pg_reload_conf()")
        self.wait_for_standby()

    def wait_for_standby(self) -> None:
        """Wait until the standby has all that the primary acknowledges."""
        query = ACKNOWLEDGING if self._synchronous else FOLLOWING
        wait_until(
            lambda: self.primary.ask(query, self.standby.name), "the standby follows", PATIENCE
        )

    def fail_over(self) -> None:
        """Promote the standby. The primary must be dead or cut off, or there would be two."""
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary

    def bring_back(self) -> None:
        """Let the server that was the primary follow; until then every commit waits."""
        self.standby.kill()  # fenced first: it was only cut off, perhaps
        if self.standby.place.cable:
            self.standby.place.plug_in()
        self.standby.rewind(self.primary)
        self.standby.start(self.primary)
        self.wait_for_standby()

    def silence_standby(self) -> None:
        """Let the standby receive nothing more, as if the network to it were slow."""
        receiver = self.standby.part("walreceiver")
        if receiver is not None:
            receiver.send_signal(signal.SIGSTOP)

    def forget_unread(self) -> None:
        """Throw away what the silent standby was sent and has not read; it starts anew."""
        self.standby.kill()
        self.standby.start(self.primary)

    def stop(self) -> None:
        """End both, at once."""
        for server in (self.standby, self.primary):
            server.kill()


@contextmanager
def server_pair(*, synchronous: bool) -> Iterator[ServerPair]:
    """Lend a pair whose standby is still to be added, in places of their own."""
    folder = Path(tempfile.mkdtemp(prefix="storefront-failover-"))
    pg_programs.give_to_owner(folder)
    with two_places() as (first, second):
        servers = Server("shop_a", first, folder), Server("shop_b", second, folder)
        pair = ServerPair(*servers, synchronous=synchronous)
        try:
            pair.start()
            yield pair
        finally:
            pair.stop()
            shutil.rmtree(folder)
