"""An application served as `make run` serves the shop, and the CPU time that it takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from storefront.devserver.main import shop_command
from testkit.processes import Process, free_port, listening, wait_until
from testkit.settings import quiet_environment

SHOP = "storefront:create_app"


class Server:
    """A running one."""

    def __init__(self, url: str, process: Process) -> None:
        self.url, self.pid = url, process.pid
        root = psutil.Process(process.pid)
        self._pids = [root.pid, *(child.pid for child in root.children(recursive=True))]

    def cpu_seconds(self) -> float:
        """User and system time of all its processes and threads, from their own clocks."""
        return sum(time.clock_gettime(clock_of(pid)) for pid in self._pids)


def clock_of(pid: int) -> int:
    """What clock_getcpuclockid(3) gives on Linux: nanoseconds, where /proc counts hundredths."""
    return (~pid << 3) | 2


@contextmanager
def serving(
    factory: str, database_url: str, gateway_url: str, log: Path, **settings: object
) -> Iterator[Server]:
    """Serve an application on this database; ``settings`` are the shop's."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = quiet_environment(
        DATABASE_URL=database_url,
        PUBLIC_URL=url,
        PPG_BASE_URL=f"{gateway_url}/ppg/v2",
        TRUSTED_PROXIES=1,  # every visitor has an address of its own
        **settings,
    )
    process = Process([*shop_command("127.0.0.1", port)[:-1], factory], environment, log)
    process.start()
    try:
        wait_until(lambda: process.ended() or listening(port), f"{factory} listens")
        yield Server(url, process)
    finally:
        process.kill()
