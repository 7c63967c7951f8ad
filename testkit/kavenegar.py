"""A small Kavenegar, after its document: one account, what it was given, and a code to answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

KEY = "6F2D3B4C5A697887A9B0C1D2E3F40516"
LINE = "10004346"


@dataclass
class Account:
    """What Kavenegar knows. ``sent`` maps a ``localid`` to the message that it was sent for."""

    sent: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: int = 0
    code: int = 200
    credit_rials: int = 1_500_000
    raw: bytes | None = None  # answered in the place of JSON
    url: str = ""

    def answer(self, path: str, said: dict[str, str]) -> tuple[int, bytes]:
        """Return status and body for a call."""
        self.calls += 1
        if self.raw is not None:
            return 502, self.raw
        known = {f"/v1/{KEY}/sms/send.json", f"/v1/{KEY}/account/info.json"}
        code = self.code if path in known else 403
        if code != 200:
            return code, json.dumps({"return": {"status": code, "message": "-"}}).encode()
        if path.endswith("/account/info.json"):
            entries = {"remaincredit": self.credit_rials, "expiredate": 13548889, "type": "Master"}
            return 200, json.dumps({"return": {"status": 200}, "entries": entries}).encode()
        sent = self.sent.setdefault(said["localid"], said)
        entry = {"messageid": 8792343 + len(self.sent), "status": 1, **sent, "cost": 120}
        entry["receptor"], entry["date"] = sent["receptor"], 1356619709
        whole = {"return": {"status": 200, "message": "تایید شد"}, "entries": [entry]}
        return 200, json.dumps(whole).encode()


class _Server(ThreadingHTTPServer):
    account: Account


class _Session(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        said = {name: values[0] for name, values in parse_qs(body).items()}
        status, answer = self.server.account.answer(self.path, said)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def running_kavenegar() -> Iterator[Account]:
    """Run one on a free port."""
    with _Server(("127.0.0.1", 0), _Session) as server:
        account = server.account = Account()
        account.url = f"kavenegar://{KEY}@127.0.0.1:{server.server_address[1]}/?sender={LINE}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield account
        finally:
            server.shutdown()
            thread.join()
