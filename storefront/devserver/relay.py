"""Stand before the shop at its address, so that a browser outlives a shop that is killed.

While no shop is there, a request waits for it. One whose answer was cut off is told to come again
(307, which repeats a POST with its form), as a shopper would who reloads the page. A load balancer
before two shops does the same for shoppers.
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

PATIENCE = 120.0  # seconds for the shop to be there; a busy machine takes long
PAUSE = 0.05
SLOWEST = 120.0  # seconds for an answer
MOST_BYTES = 64 * 1024 * 1024  # of a form with pictures
PIECE = 64 * 1024
OF_ONE_CONNECTION = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"}
)
CLIENT = "X-Relayed-For"


class Relay(ThreadingHTTPServer):
    """Listens at one address and asks the shop at another one of this machine."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, at: tuple[str, int], to: tuple[str, int]) -> None:
        self.address_family = socket.AF_INET6 if ":" in at[0] else socket.AF_INET
        self.to = to
        super().__init__(at, _Relayed)

    def start(self) -> None:
        """Listen on a thread, for the rest of the supervisor's life."""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """Say nothing of a browser that went away."""


class _Relayed(BaseHTTPRequestHandler):
    """One browser's connection, with one to the shop behind it."""

    protocol_version = "HTTP/1.1"
    timeout = 300
    shop: http.client.HTTPConnection | None = None

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Take every method in the same way."""
        if name.startswith("do_"):
            return self.relay
        raise AttributeError(name)

    def relay(self) -> None:
        """Ask the shop, and give its answer back."""
        length = self._form_length()
        if length is None:
            self.close_connection = True  # what follows is no request of its own
            return self._say(HTTPStatus.LENGTH_REQUIRED, Connection="close")
        form = self.rfile.read(length)
        if not self._connected():
            return self._say(HTTPStatus.SERVICE_UNAVAILABLE)
        answer = self._asked(form)
        if answer is None:
            return self._say(HTTPStatus.TEMPORARY_REDIRECT, Location="/" + self.path.lstrip("/"))
        return self._pass_on(answer)

    def _form_length(self) -> int | None:
        """Return the bytes of the form that follows; None if that is not said, or too many."""
        said = self.headers.get("Content-Length", "0")
        is_good = said.isdecimal() and len(said) < 10 and "Transfer-Encoding" not in self.headers
        return int(said) if is_good and int(said) <= MOST_BYTES else None

    def _connected(self) -> bool:
        """Wait for the shop; a connection that was kept may be to one that is dead."""
        if self.shop and not _is_cut(self.shop):
            return True
        self.finish_shop()
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            self.shop = http.client.HTTPConnection(*cast(Relay, self.server).to, timeout=SLOWEST)
            with suppress(OSError):
                self.shop.connect()
                return True
            time.sleep(PAUSE)
        return False

    def _asked(self, form: bytes) -> http.client.HTTPResponse | None:
        """Return the shop's answer; None if it was cut off."""
        shop = cast(http.client.HTTPConnection, self.shop)
        try:
            shop.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in {*OF_ONE_CONNECTION, CLIENT.lower()}:
                    shop.putheader(name, value)
            shop.putheader(CLIENT, self.client_address[0])
            with suppress(BrokenPipeError):  # it has said no before all was sent
                shop.endheaders(form)
            return shop.getresponse()
        except (OSError, http.client.HTTPException):
            self.finish_shop()
            return None

    def _pass_on(self, answer: http.client.HTTPResponse) -> None:
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in OF_ONE_CONNECTION:
                self.send_header(name, value)
        bodiless = self.command == "HEAD" or answer.status in (204, 304)
        if answer.length is None and not bodiless:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        try:
            while piece := answer.read(PIECE):
                self.wfile.write(piece)
        except (OSError, http.client.HTTPException):
            self.close_connection = True
        if answer.will_close:
            self.finish_shop()

    def _say(self, status: HTTPStatus, **headers: str) -> None:
        self.send_response_only(status)
        for name, value in ({"Cache-Control": "no-store", "Content-Length": "0"} | headers).items():
            self.send_header(name, value)
        self.end_headers()

    def finish_shop(self) -> None:
        """Let go of the connection to the shop."""
        if self.shop:
            self.shop.close()
            self.shop = None

    def finish(self) -> None:
        """End both connections together."""
        self.finish_shop()
        super().finish()

    def log_message(self, *_: object) -> None:
        """Say nothing of each request: the terminal is the shop's."""


def _is_cut(connection: http.client.HTTPConnection) -> bool:
    """Return whether the other side has closed it: nothing else is there to be read now."""
    if connection.sock is None:
        return True
    connection.sock.setblocking(False)
    try:
        connection.sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.sock.settimeout(SLOWEST)
    return True


def free_port(host: str) -> int:
    """Return a port at which the shop can listen behind a relay."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
