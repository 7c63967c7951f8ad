"""Hear over a loopback socket at which moment a supervised process is, and let it go on.

A process says its secret and name once, then a line at each moment, and waits for an answer. Who is
killed never gets one. Both ends are here; the process's end is used by `killable.py` alone.
"""

from __future__ import annotations

import hmac
import secrets
import socket
import socketserver
import threading
from collections.abc import Mapping
from typing import cast

from storefront.devserver.kill_button import VICTIMS, KillButton

VARIABLE = "SUPERVISOR_MOMENTS"  # PORT SECRET NAME
LOCAL = "127.0.0.1"
LONGEST_LINE = 200
GO_ON = b"\n"


class MomentServer(socketserver.ThreadingTCPServer):
    """Listens to the processes of one supervisor."""

    daemon_threads = True

    def __init__(self, button: KillButton) -> None:
        super().__init__((LOCAL, 0), _Listener)
        self.button, self.secret = button, secrets.token_hex(16)

    def start(self) -> None:
        """Listen on a thread, for the rest of the supervisor's life."""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def environment(self, name: str) -> dict[str, str]:
        """Return what tells a process where to report."""
        return {VARIABLE: f"{self.server_address[1]} {self.secret} {name}"}


class _Listener(socketserver.StreamRequestHandler):
    """One process."""

    def handle(self) -> None:
        server = cast(MomentServer, self.server)
        secret, _, name = self._line().partition(" ")
        if not hmac.compare_digest(secret.encode(), server.secret.encode()) or name not in VICTIMS:
            return
        server.button.ready(name)
        while line := self._line():
            moment, _, where = line.partition(" ")
            if server.button.reached(name, moment, where):
                return
            self.wfile.write(GO_ON)

    def _line(self) -> str:
        try:
            return self.rfile.readline(LONGEST_LINE).decode(errors="replace").strip()
        except OSError:  # it was killed while we listened
            return ""


class Report:
    """The process's end: say where we are, and go on when we may."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        port, secret, name = environment[VARIABLE].split()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = socket.create_connection((LOCAL, int(port)))
        self._socket.sendall(f"{secret} {name}\n".encode())

    def __call__(self, moment: str, where: str) -> None:
        """Wait for the go-ahead; without a supervisor that answers, go on from now on."""
        with self._lock:
            if self._socket is None:
                return
            try:
                self._socket.sendall(f"{moment} {where}"[: LONGEST_LINE - 2].encode() + b"\n")
                if not self._socket.recv(1):
                    self._socket = None
            except OSError:
                self._socket = None
