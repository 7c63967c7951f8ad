"""What the shop bears: how much of a simple mix it serves to a few at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

from drills.plain_client import PlainClient, Site

CLIENTS, THREADS = 160, 4
MIX = ("/", "/products/turquoise-bowl", "/search?q=tea", "/products")


def capacity(site: Site, seconds: float) -> float:
    """Return how many requests a second of a simple mix the shop serves to four at once.

    They come from many addresses, so that no limit is met. Four keep both of its processes busy
    and wait for each other hardly, so the latency is honest.
    """
    clients = [PlainClient(site, f"127.0.6.{number + 1}") for number in range(CLIENTS)]
    end = time.monotonic() + seconds

    def visit(thread: int) -> int:
        served = 0
        for client, path in zip(cycle(clients[thread::THREADS]), cycle(MIX)):
            if time.monotonic() >= end:
                break
            served += client.get(path).status == 200
        return served

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(visit, range(THREADS))) / seconds
