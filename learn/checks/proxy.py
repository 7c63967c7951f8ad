"""Proxies between a shop and its gateway, which answer some calls themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from jibit_sandbox.testing import browser
from learn.lab import PATIENCE

MOVED = "/moved"  # where the proxy sends who asks it to verify
KEPT = ("Authorization", "Content-Type")  # of a request that is passed on
REDIRECT = 302


class Proxy(BaseHTTPRequestHandler):
    """Something in front of the gateway that is not the gateway: it has lost the way to verify."""

    gateway = ""
    lost = (404, b'{"message": "no Route matched with those values"}')  # its answer to verify

    def loses(self) -> bool:
        """Return whether the call does not reach the gateway, and is answered with ``lost``."""
        return self.path.endswith("/verify") or "/order/verify/" in self.path  # of the wallet

    def changed(self, said: bytes) -> bytes:
        """Return what the shop gets of the gateway's answer."""
        return said

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        asked = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kept = {name: self.headers[name] for name in KEPT if name in self.headers}
        status, said = self.lost
        if self.path == MOVED:
            status = 200
        elif not self.loses():
            url = self.gateway + self.path
            answer = browser().request(
                self.command, url, data=asked, headers=kept, timeout=PATIENCE
            )
            status, said = answer.status_code, self.changed(answer.content)
        self.send_response(status)
        if status == REDIRECT:
            self.send_header("Location", MOVED)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def a_proxy(kind: type[Proxy] = Proxy) -> Iterator[tuple[str, type[Proxy]]]:
    """Run a proxy; yield its address and its handler, whose `gateway` is still to be set."""
    one: type[Proxy] = type("OneProxy", (kind,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), one)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
