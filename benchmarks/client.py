"""What each client costs: create + verify through it, beside a bare requests.Session.

Both ask the same server in another process, in turns; the figure is the ratio of the medians.
The sandbox is the real thing; the stub answers at once, so that nothing dilutes the overhead.
Neither reads the environment (``trust_env``), which would make the session slower.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median
from time import perf_counter
from typing import Any, ClassVar, cast

import requests

from benchmarks.rig.pairs import TIMEOUT, Pairs, PpgV2Pairs, PpgV3Pairs

RATIO_LIMIT = 1.15
ROUNDS = 11

#: What is answered to a create, and the name of the reference that it repeats.
CREATED: dict[str, tuple[dict[str, Any], str]] = {
    "/ppg/v2/orders": (
        {
            "orderIdentifier": "1ObK7QrL",
            "pspSwitchingUrl": "https://api.jibit.ir/ppg/v2/orders/1ObK7QrL/payments",
        },
        "referenceNumber",
    ),
    "/ppg/v3/purchases": (
        {
            "purchaseId": 123456789012345678,
            "purchaseIdStr": "123456789012345678",
            "pspSwitchingUrl": "https://napi.jibit.ir/ppg/v3/purchases/123456789012345678/payments",
            "currency": "IRR",
            "shaparakFee": 1200,
            "payableAmount": 200_000,
        },
        "clientReferenceNumber",
    ),
}


class Stub(asyncio.Protocol):
    """A connection to a gateway that knows a few answers and counts what it is asked."""

    counts: ClassVar = {"connections": 0, "requests": 0, "token calls": 0}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.counts["connections"] += 1
        self.transport = cast(asyncio.Transport, transport)
        self.received = b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if end and len(body) >= int(length or 0):
            self.received = b""
            answer = json.dumps(self.answer(head.split(b" ", 2)[1].decode(), body)).encode()
            start = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d"
            self.send(start % len(answer) + b"\r\n\r\n" + answer)

    def send(self, answer: bytes) -> None:
        self.transport.write(answer)

    def answer(self, path: str, body: bytes) -> dict[str, Any]:
        if path == "/counts":
            return dict(self.counts)
        self.counts["requests"] += 1
        if "/tokens" in path:
            self.counts["token calls"] += 1
            return {"accessToken": "a" * 200, "refreshToken": "r" * 200}
        if path.endswith("/verify"):
            return {"status": "Successful" if path.startswith("/ppg/v2") else "SUCCESSFUL"}
        created, reference = CREATED[path]
        return created | {reference: json.loads(body)[reference]}


def serve_stub(tell: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0)
        tell.send(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await server.serve_forever()

    asyncio.run(serve())


def serve_sandbox(tell: Connection) -> None:
    from jibit_sandbox.testing import running_sandbox  # only this process needs it

    with running_sandbox() as sandbox:
        tell.send(sandbox.base_url)
        tell.recv()


@contextmanager
def in_another_process(serve: Callable[[Connection], None]) -> Iterator[str]:
    """Run a server, and give its address."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


@dataclass
class Comparison:
    """Medians, in microseconds for a pair."""

    client: float
    bare: float

    @property
    def ratio(self) -> float:
        return self.client / self.bare


def microseconds(pair: Callable[[], None], pairs: int) -> float:
    started = perf_counter()
    for _ in range(pairs):
        pair()
    return (perf_counter() - started) / pairs * 1e6


def compare(pairs: Pairs, number: int) -> Comparison:
    """Time both in turns, so that whatever else the machine does meets both."""
    with pairs.bare_session() as session:
        sides = (pairs.through_the_client, lambda: pairs.through(session))
        for side in sides:
            microseconds(side, number)  # warm
        gc.collect()
        times = [[microseconds(side, number) for side in sides] for _ in range(ROUNDS)]
    return Comparison(*(median(column) for column in zip(*times, strict=True)))


def counted(pairs: Pairs, url: str, number: int) -> dict[str, float]:
    """Requests, new connections and token calls for a pair, as the stub saw them."""
    pairs.through_the_client()
    with requests.Session() as onlooker:
        before = onlooker.get(f"{url}/counts", timeout=TIMEOUT).json()
        for _ in range(number):
            pairs.through_the_client()
        after = onlooker.get(f"{url}/counts", timeout=TIMEOUT).json()
    return {name: (after[name] - before[name]) / number for name in before}


def broken_limits(kind: type[Pairs]) -> list[str]:
    """Run everything for one client, print the table, and return what is over its limit."""
    broken = []
    print(f"{kind.name + ': create + verify, median':37}  client      bare     ratio  limit")
    for name, serve, number in (("stub", serve_stub, 200), ("sandbox", serve_sandbox, 15)):
        with in_another_process(serve) as url, closing(kind(url)) as pairs:
            found = compare(pairs, number)
            print(
                f"  against the {name:20} {found.client:7.0f} us {found.bare:7.0f} us"
                f"  {found.ratio:8.3f}  {RATIO_LIMIT:5.2f}"
            )
            if found.ratio > RATIO_LIMIT:
                broken.append(f"{name}: ratio {found.ratio:.3f} is above {RATIO_LIMIT}")
            if serve is serve_stub:
                broken += wrong_counts(counted(pairs, url, 500))
    return [f"{kind.name}: {sentence}" for sentence in broken]


def wrong_counts(counts: dict[str, float]) -> list[str]:
    wanted = {"requests": 2, "connections": 0, "token calls": 0}
    for name, want in wanted.items():
        print(f"  {name + ' for a pair':32} {counts[name]:7g}                        {want:5}")
    return [
        f"{counts[name]:g} {name} for a pair" for name in wanted if counts[name] != wanted[name]
    ]


if __name__ == "__main__":
    broken = broken_limits(PpgV2Pairs) + broken_limits(PpgV3Pairs)
    for sentence in broken:
        print(f"BROKEN: {sentence}")
    sys.exit(bool(broken))
