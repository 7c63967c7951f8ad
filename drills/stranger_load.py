"""Three times what the shop bears: who comes from where, how often, in a process of its own.

A flood keeps its rate whatever comes back. The patient come just slower than the web server's
limits, so that all of their requests reach the shop.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random

from drills.pace import Pace
from drills.plain_client import PlainClient, Site, trusting
from drills.strangers import (
    Visit,
    begin_carts,
    flood_callbacks,
    flood_checkout,
    guess_orders,
    guess_passwords,
    reload,
    search_oddly,
)
from testkit.slow_sender import SlowSender

Kind = Callable[[PlainClient], Visit]

FLOODING = [f"127.0.2.{number}" for number in range(1, 5)]  # few: a malicious one with some hosts
PATIENT = [f"127.0.3.{number}" for number in range(1, 5)]
CARELESS = [f"127.0.4.{number}" for number in range(1, 9)]
SLOW = [f"127.0.5.{number}" for number in range(1, 3)]
MALICIOUS_CLIENTS = len(FLOODING) + len(PATIENT)
CLIENTS = MALICIOUS_CLIENTS + len(CARELESS) + len(SLOW)

PATIENT_RATE = 2.0  # requests a second; of which two of five are forms
CARELESS_RATE = 1.0
# Of sixty connections from each address: more than the web server lets wait, so it must refuse.
FLOODS: dict[Kind, int] = {
    flood_checkout: 12,
    flood_callbacks: 18,
    search_oddly: 12,
    guess_passwords: 6,
    guess_orders: 6,
    begin_carts: 6,
}
SLOW_BODIES = 60  # at each of their addresses; the shop had 48 threads when that many froze it
LETTER_EVERY = 2.0  # seconds


@dataclass
class Sent:
    """What was sent, by kind, and what came back, by status."""

    by_kind: Counter[str] = field(default_factory=Counter)
    by_status: Counter[int] = field(default_factory=Counter)
    slow_bodies: int = 0


class StrangerLoad:
    """All of them at once, until the end."""

    def __init__(self, site: Site, rate: float, seconds: float) -> None:
        self._site, self._end = site, time.monotonic() + seconds
        self._rate, self._sent, self._lock = rate, Sent(), threading.Lock()

    def run(self) -> Sent:
        """Send until the end."""
        jobs = [*self._flooding(), *self._steady(), *self._slow()]
        with ThreadPoolExecutor(len(jobs)) as pool:
            for done in [pool.submit(job) for job in jobs]:
                done.result()
        return self._sent

    def _flooding(self) -> list[Callable[[], None]]:
        steady = len(PATIENT) * PATIENT_RATE + len(CARELESS) * CARELESS_RATE
        kinds = [kind for kind, threads in FLOODS.items() for _ in range(threads)]
        Random(1).shuffle(kinds)  # noqa: S311 - the first ones are a mixture, too
        each = max(1.0, (self._rate - steady) / len(FLOODING))
        return [job for address in FLOODING for job in self._jobs(kinds, address, each)]

    def _steady(self) -> list[Callable[[], None]]:
        patient = zip(PATIENT, cycle((flood_checkout, flood_checkout, flood_callbacks)))
        careless = zip(CARELESS, cycle((begin_carts, reload)))
        return [
            *(job for who, kind in patient for job in self._jobs([kind], who, PATIENT_RATE)),
            *(job for who, kind in careless for job in self._jobs([kind], who, CARELESS_RATE)),
        ]

    def _jobs(self, kinds: Sequence[Kind], address: str, rate: float) -> list[Callable[[], None]]:
        """Give a thread's work for each kind; together they send at this rate."""
        pace = Pace(rate, self._end)
        return [partial(self._send, kind, PlainClient(self._site, address), pace) for kind in kinds]

    def _send(self, kind: Kind, client: PlainClient, pace: Pace) -> None:
        visit = kind(client)
        while pace.wait():
            status = next(visit)
            with self._lock:
                self._sent.by_kind[kind.__name__] += 1
                self._sent.by_status[status] += 1
        client.close()

    def _slow(self) -> list[Callable[[], None]]:
        return [partial(self._keep_open, address) for address in SLOW]

    def _keep_open(self, address: str) -> None:
        """Have so many bodies on their way, whatever becomes of them."""
        senders: list[SlowSender] = []
        while time.monotonic() < self._end:
            senders = [sender for sender in senders if not sender.cut_off(0.001)]
            new = [self._sender(address) for _ in range(SLOW_BODIES - len(senders))]
            senders += [sender for sender in new if sender]
            for sender in senders:
                sender.send_a_letter()
            time.sleep(LETTER_EVERY)
        for sender in senders:
            sender.close()

    def _sender(self, address: str) -> SlowSender | None:
        with suppress(OSError):
            sender = SlowSender(
                self._site.port, source=address, tls=trusting(self._site.certificate)
            )
            with self._lock:
                self._sent.slow_bodies += 1
            return sender
        return None


def strangers_at_work(site: Site, rate: float, seconds: float) -> Sent:
    """Run the load, for a process of its own.

    The strangers' machines are not the shop's, so here they give way to it. Where Linux shares the
    processor between sessions first, that is said of a session of their own.
    """
    os.nice(19)
    with suppress(OSError):
        os.setsid()
        Path("/proc/self/autogroup").write_text("19")
    return StrangerLoad(site, rate, seconds).run()
