"""A gateway that takes its time for every answer, counts captures, and has a list of orders.

Orders are those that it was asked to sell, those whose id tells all about them (`id-17` bears
`reference-17`), as `rig/filling.py` writes them, and those of a ledger that it was handed.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import requests

from benchmarks.rig.gateway import ORDERS, PaidStub

AMOUNT_RIALS = 4_845_500  # of every order that `rig/filling.py` writes
PAGE = 100  # orders of a page of the list
LEDGER = "/ledger"


class SlowStub(PaidStub):
    """Keeps an answer back for some seconds; tokens are given at once."""

    delay: ClassVar[float] = 0.0
    verified: ClassVar[Counter[str]] = Counter()
    ledger: ClassVar[list[dict[str, Any]]] = []

    def send(self, answer: bytes) -> None:
        """Send it when its time has come; the connection waits, others do not."""
        asyncio.get_running_loop().call_later(self.delay, self.transport.write, answer)

    def answer(self, path: str, body: bytes) -> dict[str, Any]:
        """What PPG v2.4 says, and what only a measurement asks for."""
        if path == LEDGER:
            self.ledger[:] = json.loads(body)
            self.orders.update({row["id"]: row for row in self.ledger})
            return {}
        if path == "/captures":
            return {"once": len(self.verified), "all": self.verified.total()}
        if path.startswith(f"{ORDERS}?"):
            return self._page(path)
        if path.endswith("/verify"):
            self.verified[path.split("/")[-2]] += 1
        elif path.startswith(f"{ORDERS}/"):
            return self._order(path.rpartition("/")[2])
        return super().answer(path, body)

    def _order(self, identifier: str) -> dict[str, Any]:
        known = self.orders.get(identifier)
        return known or _row(identifier, f"reference-{identifier[3:]}", AMOUNT_RIALS, "SUCCESS")

    def _page(self, path: str) -> dict[str, Any]:
        number = int(parse_qs(urlsplit(path).query).get("page", ["1"])[0])
        rows = self.ledger[(number - 1) * PAGE : number * PAGE]
        return {
            "pageNumber": number,
            "size": PAGE,
            "numberOfElements": len(self.ledger),
            "hasNext": number * PAGE < len(self.ledger),
            "hasPrevious": number > 1,
            "elements": rows,
        }


def _row(identifier: str, reference: str, amount: int, status: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "amount": amount,
        "currency": "RIALS",
        "referenceNumber": reference,
        "userIdentifier": "09121234567",
        "callbackUrl": "http://127.0.0.1/callback",
        "status": status,
        "payerCard": "603799******7893",
    }


def answering_after(seconds: float) -> Callable[[Connection], None]:
    """A server for :func:`benchmarks.client.in_another_process`."""
    return partial(_serve, seconds)


def _serve(delay: float, tell: Connection) -> None:
    SlowStub.delay = delay

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(SlowStub, "127.0.0.1", 0, backlog=1024)
        tell.send(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await server.serve_forever()

    asyncio.run(serve())


def captured_twice(url: str) -> int:
    """How many captures were asked for beyond one for each order."""
    seen = requests.get(f"{url}/captures", timeout=60).json()
    return int(seen["all"] - seen["once"])


def hand_over(url: str, rows: list[tuple[str, str, int, str]]) -> None:
    """Give it a ledger: id, reference, amount and status of each order, the youngest first."""
    ledger = [_row(*each) for each in rows]
    requests.post(f"{url}{LEDGER}", json=ledger, timeout=60).raise_for_status()
