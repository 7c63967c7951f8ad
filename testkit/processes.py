"""Real processes for tests: started on free ports, killed at will, and never left behind."""

from __future__ import annotations

import http.client
import itertools
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

PATIENCE_SECONDS = 30.0  # far above what anything here takes; only a hang reaches it
ROOT = Path(__file__).resolve().parents[1]


# Below those that the system gives out itself, to clients and to who asks for any; each process
# begins elsewhere. Two that asked the system at one moment had one port: a web server shares it.
_FROM, _TO = 10_000, 32_000
_ports = itertools.count(secrets.randbelow(_TO - _FROM))


def free_port() -> int:
    """A port that nobody listens on at this moment, and that no other test is given."""
    for number in _ports:
        port = _FROM + number % (_TO - _FROM)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("the numbers never end")


def wait_until(true: Callable[[], object], what: str, patience: float = PATIENCE_SECONDS) -> None:
    """Look again until it is true; AssertionError says what we waited for in vain."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"waited {patience:g} s in vain until {what}"
        time.sleep(0.05)


def answers(port: int, path: str = "/") -> bool:
    """Whether a server on this port answers the page well."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def listening(port: int) -> bool:
    """Whether anybody accepts connections on this port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def listens(pid: int, port: int) -> bool:
    """Whether this process, or one that it started, accepts connections on this port itself."""
    with suppress(psutil.NoSuchProcess):
        leader = psutil.Process(pid)
        for each in (leader, *leader.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                found = each.net_connections("tcp")
                if any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in found):
                    return True
    return False


def alive(process: psutil.Process) -> bool:
    """Whether it still does something; what only waits to be reaped does not."""
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


class Process:
    """A command in a process group of its own, with all it says kept in a file."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path, cwd: Path = ROOT
    ) -> None:
        self._command = list(command)
        self._environment = {**_inherited(), **environment}
        self._log, self._cwd = log, cwd
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process's id; it must have been started."""
        assert self._popen is not None
        return self._popen.pid

    @property
    def output(self) -> str:
        """All that it has said so far, over all its starts."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def start(self) -> None:
        """Start it, again if need be; what it says is added to the log."""
        with self._log.open("ab") as log:
            self._popen = subprocess.Popen(
                self._command,
                cwd=self._cwd,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process alone, not to its children."""
        os.kill(self.pid, number)

    def wait(self) -> int:
        """Wait for its end. Returns the exit code; AssertionError with its words if it hangs."""
        assert self._popen is not None
        try:
            return self._popen.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it did not end; it said:\n{self.output}") from None

    def ended(self) -> bool:
        """Whether it is not running any more."""
        return self._popen is None or self._popen.poll() is not None

    def kill(self) -> None:
        """kill -9, it and all that it started, as a power cut would.

        Some of it may be in process groups of its own, as what a supervisor looks after.
        """
        if self._popen is None:
            return
        if self._popen.poll() is None:
            for each in _suspended_family(psutil.Process(self._popen.pid)):
                with suppress(psutil.NoSuchProcess):
                    each.kill()
        with suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()


def _suspended_family(process: psutil.Process) -> list[psutil.Process]:
    """Stop a process and its descendants, so that none starts another one, and list them."""
    with suppress(psutil.NoSuchProcess):
        process.suspend()
        families = [_suspended_family(child) for child in process.children()]
        return [process, *itertools.chain(*families)]
    return []


def _inherited() -> dict[str, str]:
    ours = ("STOREFRONT_", "SANDBOX_", "PORT")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
