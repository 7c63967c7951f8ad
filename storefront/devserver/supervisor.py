"""Supervise several processes in one terminal: start, restart and stop them together.

Each child leads a process group of its own, so that Ctrl-C reaches the supervisor alone and the
children are asked to stop once, in order, instead of each dying in its own way. If the supervisor
is killed, a watchdog ends them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Protocol

from storefront.devserver.watchdog import Watchdog, end_group

WINDOWS = sys.platform == "win32"
STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # those this system has are used
QUICK_DEATH_SECONDS = 5.0  # a child that dies sooner has not really started
QUICK_DEATHS_ALLOWED = 3
PAUSE_SECONDS = 0.5  # before a start; doubled by each quick death


class Listener(Protocol):
    """Hears what becomes of the services."""

    def started(self, name: str, pid: int) -> None: ...
    def ended(self, name: str, *, by_itself: bool) -> None: ...


def say(text: str) -> None:
    """Print a line at once, whole; a terminal that has been closed is no reason to fail."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the rest of our life


@dataclass
class Service:
    """A command to keep running, and how its last start went."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    watchdog: Watchdog
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_deaths: int = 0
    not_before: float = 0.0
    was_killed: bool = False  # by us: that says nothing about whether it can start

    def start(self) -> None:
        """Start the command in its own process group, with its output passed on line by line."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            list(self.command),
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=not WINDOWS,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self.watchdog.started(self.process.pid)
        threading.Thread(
            target=_pass_on, args=(self.name, self.process.stdout), daemon=True
        ).start()

    def stop(self, deadline: float) -> None:
        """Ask politely, wait until the deadline (of the monotonic clock), then end it."""
        if self.process is None:
            return
        with contextlib.suppress(OSError):  # it was faster
            self.process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"The {self.name} did not stop in time; ending it.")
        self.end()

    def kill(self) -> bool:
        """Send SIGKILL to it and all it has started; return whether it was running."""
        process = self.process
        if process is None or process.poll() is not None:
            return False
        self.was_killed = True
        end_group(process.pid)
        return True

    def end(self) -> None:
        """End the leader and whatever it started and left behind."""
        if self.process is None:
            return
        end_group(self.process.pid)
        self.process.wait()
        self.watchdog.ended(self.process.pid)


def _pass_on(name: str, output: IO[bytes] | None) -> None:
    for line in output or ():
        say(f"{name:>8} │ {line.decode(errors='replace').rstrip()}")


class Supervisor:
    """Keeps services running until it is told to stop or one of them cannot start.

    ``grace_seconds`` is how long they have, all together, from the polite request to the end.
    """

    def __init__(self, grace_seconds: float = 8.0) -> None:
        self.listener: Listener | None = None
        self._grace_seconds = grace_seconds
        self._services: list[Service] = []
        self._watchdog: Watchdog | None = None
        self._stop = threading.Event()

    @property
    def stopping(self) -> bool:
        """Return whether somebody asked for the end."""
        return self._stop.is_set()

    def listen(self) -> None:
        """Take Ctrl-C, a polite kill and a closed terminal as the wish to stop."""
        for name in STOP_SIGNALS:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: self._stop.set())

    def add(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a service and keep it running from now on."""
        self._watchdog = self._watchdog or Watchdog()
        service = Service(name, command, environment, self._watchdog)
        self._services.append(service)
        self._start(service)

    def kill(self, name: str) -> bool:
        """Kill a service, which is started again; return whether it was running. For any thread."""
        return any(each.kill() for each in self._services if each.name == name)

    def _start(self, service: Service) -> None:
        service.start()
        if self.listener and service.process:
            self.listener.started(service.name, service.process.pid)

    def watch(self) -> bool:
        """Keep the services running. True: stopped on request; False: one cannot start."""
        while not self._stop.wait(0.2):
            if not all(self._tend(service) for service in self._services):
                return False
        return True

    def _tend(self, service: Service) -> bool:
        if service.process is None:
            if time.monotonic() >= service.not_before:
                self._start(service)
            return True
        if service.process.poll() is None:
            return True
        return self._died(service, service.process.returncode)

    def _died(self, service: Service, code: int) -> bool:
        service.end()  # a killed server may leave a worker that still holds the port
        service.process = None
        was_killed, service.was_killed = service.was_killed, False
        if self.listener:
            self.listener.ended(service.name, by_itself=not was_killed)
        is_quick = time.monotonic() - service.started < QUICK_DEATH_SECONDS and not was_killed
        service.quick_deaths = service.quick_deaths + 1 if is_quick else 0
        if service.quick_deaths >= QUICK_DEATHS_ALLOWED:
            say(f"The {service.name} cannot start (exit code {code}); its last lines are above.")
            return False
        pause = PAUSE_SECONDS * 2**service.quick_deaths
        service.not_before = time.monotonic() + pause
        say(f"The {service.name} ended (exit code {code}); starting it again in {pause:g} s.")
        return True

    def stop(self) -> None:
        """Stop every service, last started first; end what does not stop in time."""
        deadline = time.monotonic() + self._grace_seconds
        for service in reversed(self._services):
            service.stop(deadline)
        if self._watchdog:
            self._watchdog.stop()
