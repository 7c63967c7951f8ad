"""A tiny shop that only writes down the callbacks it gets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class Shop(ThreadingHTTPServer):
    """Listens on a free port. ``meeting`` makes callbacks wait until so many are there at once."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.callbacks: list[dict[str, str]] = []
        self.on_callback: Any = lambda: None
        self.meeting: Barrier | None = None

    @property
    def callback_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/callback"


class Page(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        self.note(urlsplit(self.path).query)

    def do_POST(self) -> None:
        self.note(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def note(self, claims: str) -> None:
        self.server.callbacks.append(dict(parse_qsl(claims)))
        if self.server.meeting:
            self.server.meeting.wait(5)
        self.server.on_callback()
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def listening_shop() -> Iterator[Shop]:
    with Shop() as shop:
        Thread(target=shop.serve_forever, args=(0.01,), daemon=True).start()
        yield shop
        shop.shutdown()
