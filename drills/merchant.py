"""The merchant's own systems: a webhook that fails now and then, and what it was told."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

SECRET = "a secret of the merchant's own systems"  # noqa: S105 - of this drill alone
SLOW = 1.0  # seconds
MOODS = {"error": 8, "silence": 4, "slow": 3, "well": 85}  # of a hundred calls


class Merchant(ThreadingHTTPServer):
    """Takes webhook calls; ``told`` counts the keys of those that it has accepted."""

    daemon_threads = True

    def __init__(self, seed: int, host: str) -> None:
        self.told: Counter[str] = Counter()
        self.numbers: dict[str, str] = {}  # of paid orders, by key
        self._chance, self._lock = Random(f"{seed}/merchant"), threading.Lock()  # noqa: S311
        super().__init__((host, 0), _Call)

    @property
    def url(self) -> str:
        """Where the shop calls it."""
        return "http://{}:{}/hook".format(*self.server_address)

    def mood(self) -> str:
        """Draw what becomes of the next call."""
        with self._lock:
            return self._chance.choices(list(MOODS), list(MOODS.values()))[0]

    def accept(self, said: dict[str, Any]) -> None:
        """Note what a call said."""
        with self._lock:
            self.told[said["id"]] += 1
            if said["event"] == "order_paid":
                self.numbers[said["id"]] = said["order_number"]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a caller that was killed in the middle of its call."""


class _Call(BaseHTTPRequestHandler):
    server: Merchant

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        mood = self.server.mood()
        if mood == "silence":
            self.close_connection = True
            return
        if mood == "slow":
            time.sleep(SLOW)
        if mood != "error":
            self.server.accept(json.loads(body))
        self.send_response(500 if mood == "error" else 204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name
        """Say nothing."""


@contextmanager
def open_merchant(seed: int, host: str = "127.0.0.1") -> Iterator[Merchant]:
    """Serve until the end of the block."""
    with Merchant(seed, host) as merchant:
        threading.Thread(target=merchant.serve_forever, args=[0.05], daemon=True).start()
        yield merchant
        merchant.shutdown()
