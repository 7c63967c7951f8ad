"""The gateway of the README's example, served over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any


class ExamplePayServer(ThreadingHTTPServer):
    """Keep payments in memory; ``pay`` lets the payer pay."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.payments: dict[str, dict[str, Any]] = {}
        self.lock = Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def pay(self, name: str) -> dict[str, str]:
        """Pay, and return the parameters of the callback."""
        self.payments[name]["status"] = "paid"
        return {"id": name, "status": "paid"}

    def create(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Create a payment."""
        with self.lock:
            name = f"p-{len(self.payments) + 1}"
            self.payments[name] = {"id": name, "status": "created", **wanted}
        return {"id": name, "url": f"{self.url}/pages/{name}"}

    def capture(self, payment: dict[str, Any]) -> dict[str, str]:
        """Capture what was paid."""
        if payment["status"] not in ("paid", "captured"):
            return {"captured": "no"}
        payment["status"] = "captured"
        return {"captured": "yes"}


class _Handler(BaseHTTPRequestHandler):
    server: ExamplePayServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/payments":
            self._answer(self.server.create(json.loads(body)))
        else:
            self._about(self.path.removesuffix("/capture"), self.server.capture)

    def do_GET(self) -> None:
        self._about(self.path, dict)

    def _about(self, path: str, then: Any) -> None:
        payment = self.server.payments.get(path.removeprefix("/payments/"))
        if payment is None:
            self._answer({"error": "no such payment"}, 404)
        else:
            self._answer(then(payment))

    def _answer(self, said: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[ExamplePayServer]:
    """Serve on a free port."""
    with ExamplePayServer() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
