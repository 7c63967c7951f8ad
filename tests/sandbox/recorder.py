"""Records every byte that a sandbox sends while a purchase goes through at each gateway.

A test starts two processes and compares; ``python -m tests.sandbox.recorder URL`` prints one.
"""

from __future__ import annotations

import json
import socket
import sys
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from jibit_sandbox.bank.cards import PAYING_FORM
from tests.sandbox.raw import read_all

HOST = "gateway.example"  # the same on every run, unlike the port
ORDER = {"amount": 250_000, "callbackUrl": "https://shop.example/callback"}


@dataclass
class Recorder:
    """Sends raw requests, each on a connection of its own, and keeps what comes back."""

    base_url: str
    received: list[bytes] = field(default_factory=list)
    token: str = ""

    def send(self, method: str, path: str, body: Any = None, *, form: bool = False) -> Any:
        kind = "x-www-form-urlencoded" if form else "json"
        data = (urlencode(body) if form else json.dumps(body)).encode() if body else b""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Type: application/{kind}\r\n"
            f"Content-Length: {len(data)}\r\n\r\n"
        )
        url = urlsplit(self.base_url)
        with socket.create_connection((url.hostname, url.port), timeout=20) as connection:
            connection.sendall(head.encode() + data)
            answer = read_all(connection)
        self.received.append(answer.received)
        return json.loads(answer.body) if answer.body[:1] == b"{" else None

    def pay(self, path: str) -> None:
        """Open the payment page and pay."""
        self.send("GET", path)
        self.send("POST", path, PAYING_FORM | {"action": "pay"}, form=True)

    def ppg(self) -> None:
        keys = {"apiKey": "sandbox-api-key", "secretKey": "sandbox-secret-key"}
        pair = self.send("POST", "/ppg/v2/tokens/generate", keys)
        self.token = self.send("POST", "/ppg/v2/tokens/refresh", pair)["accessToken"]
        order = ORDER | {"currency": "RIALS", "referenceNumber": "R", "userIdentifier": "u"}
        path = f"/ppg/v2/orders/{self.send('POST', '/ppg/v2/orders', order)['orderIdentifier']}"
        self.pay(f"{path}/payments")
        self.send("GET", f"{path}/verify")
        self.send("GET", path)
        self.send("GET", "/ppg/v2/orders/unknown")

    def ppg_v3(self) -> None:
        keys = {"apiKey": "sandbox-api-key", "secretKey": "sandbox-secret-key"}
        self.token = self.send("POST", "/ppg/v3/tokens", keys)["accessToken"]
        purchase = ORDER | {"currency": "IRR", "clientReferenceNumber": "R"}
        number = self.send("POST", "/ppg/v3/purchases", purchase)["purchaseIdStr"]
        self.pay(f"/ppg/v3/purchases/{number}/payments")
        self.send("POST", f"/ppg/v3/purchases/{number}/verify")
        self.send("GET", f"/ppg/v3/purchases?purchaseId={number}")

    def wallet(self) -> None:
        keys = {"username": "sandbox", "password": "sandbox-password"}
        self.token = self.send("POST", "/pg/authenticate", keys)["result"]["token"]
        order = {"amount": 250_000, "callBackUrl": ORDER["callbackUrl"]}
        order |= {"merchantOrderId": "R", "userIdentity": "09121234567"}
        number = self.send("POST", "/pg/order/initiate", order)["result"]["orderId"]
        self.pay(f"/pg/order/{number}/payment")
        self.send("POST", f"/pg/order/verify/{number}")
        self.send("GET", f"/pg/order/inquiry/{number}")


def recorded(base_url: str) -> list[bytes]:
    """Every answer to a purchase at each of the three gateways, byte by byte."""
    recorder = Recorder(base_url)
    for walk in (recorder.ppg, recorder.ppg_v3, recorder.wallet):
        walk()
    return recorder.received


if __name__ == "__main__":
    sys.stdout.buffer.write(b"\n".join(recorded(sys.argv[1])))
