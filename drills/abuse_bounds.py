"""What a run of `make abuse` must keep to, and why those figures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import NamedTuple

from limits import RateLimitItem

from drills.honest import Seen
from drills.stranger_load import CLIENTS, MALICIOUS_CLIENTS, Sent
from storefront.web import limits

TIMES = 3.0  # what the shop bears
GENERATED = 0.9  # of that; a machine that cannot even send so much proves nothing
SLOWER = 2.0  # times the quiet p99 of the catalogue
FEWEST_PURCHASES = 50

# The call that opens a payment, and one question of the worker in the minute.
CALLS_OF_AN_ORDER = 2
# Order, three lines, payment, its group, and the history of opening it and of each question.
ROWS_OF_AN_ORDER = 16
# The web server's limit: one form a second, after those that it lets through or wait at first.
FORMS_A_SECOND, FORMS_AT_FIRST = 1, 11
ROWS_OF_A_FORM = 2  # that begins a cart; every other that is served writes less, or is an order
# The counters of all limits, and those of the order numbers that were guessed at: 20 by client.
ROWS_OF_A_CLIENT = 100


@dataclass
class Count:
    """What was counted between two moments."""

    orders: int
    calls: int
    rows: int


def most(seconds: float) -> Count:
    """Return what strangers can cause in so many seconds, if every limit holds."""
    orders = MALICIOUS_CLIENTS * _served(limits.CHECKOUTS, seconds)
    # A callback that names its payment has the gateway asked once; those of a client are limited.
    questions = MALICIOUS_CLIENTS * _served(limits.CALLBACKS, seconds)
    forms = CLIENTS * (FORMS_AT_FIRST + FORMS_A_SECOND * math.ceil(seconds))
    rows = orders * ROWS_OF_AN_ORDER + forms * ROWS_OF_A_FORM + CLIENTS * ROWS_OF_A_CLIENT
    return Count(orders, orders * CALLS_OF_AN_ORDER + questions, rows)


def _served(limit: RateLimitItem, seconds: float) -> int:
    """Return how often a client is served: limits count in fixed windows, and one may end."""
    return limit.amount * (math.ceil(seconds / limit.get_expiry()) + 1)


@dataclass
class Outcome:
    """A run: the quiet part, then the part with strangers, ``seconds`` long."""

    capacity: float
    quiet: Seen
    quietly: Count
    seen: Seen
    counted: Count
    sent: Sent
    seconds: float
    tracebacks: int

    @property
    def rate(self) -> float:
        """How many requests strangers sent in a second."""
        return sum(self.sent.by_kind.values()) / self.seconds

    def by_strangers(self, what: str) -> int:
        """Return how many of these are not what the honest purchases cause, as the quiet part says.

        ``what`` is the name of a field of :class:`Count`.
        """
        for_one: float = getattr(self.quietly, what) / max(1, len(self.quiet.purchases))
        counted: int = getattr(self.counted, what)
        return round(counted - for_one * len(self.seen.purchases))


class Line(NamedTuple):
    """A line of the table; ``good`` is None where nothing is promised."""

    name: str
    value: str
    bound: str = ""
    good: bool | None = None


def lines(run: Outcome, fewest_purchases: int = FEWEST_PURCHASES) -> Iterator[Line]:
    """Give every line of the table, in the order in which it is printed."""
    yield from _load(run)
    yield from _honest(run, fewest_purchases)
    yield from _caused(run)


def _load(run: Outcome) -> Iterator[Line]:
    yield Line("the shop serves, quiet, requests a second", f"{run.capacity:.0f}")
    times = run.rate / run.capacity
    wanted = TIMES * GENERATED
    yield Line(
        "strangers send, times that", f"{times:.1f}", f"at least {wanted:.1f}", times >= wanted
    )
    for kind, number in sorted(run.sent.by_kind.items()):
        yield Line(f"  {kind.replace('_', ' ')}, requests", str(number))
    yield Line("  slow bodies, connections", str(run.sent.slow_bodies))
    for status, number in sorted(run.sent.by_status.items()):
        crash = status == HTTPStatus.INTERNAL_SERVER_ERROR
        bound, good = ("0", False) if crash else ("", None)
        yield Line(f"  answered with {status or 'nothing'}", str(number), bound, good)


def _honest(run: Outcome, fewest_purchases: int) -> Iterator[Line]:
    made, failed = len(run.seen.purchases), len(run.seen.failures)
    yield Line(
        "honest purchases", str(made), f"at least {fewest_purchases}", made >= fewest_purchases
    )
    yield Line("  that failed", str(failed), "0", failed == 0)
    yield Line(
        "looks at the catalogue that failed",
        str(run.seen.failed_looks),
        "0",
        run.seen.failed_looks == 0,
    )
    yield Line(
        "catalogue, p50, quiet and then, ms", f"{_ms(run.quiet.usual)}, {_ms(run.seen.usual)}"
    )
    yield Line("catalogue, p99, quiet and then, ms", f"{_ms(run.quiet.p99)}, {_ms(run.seen.p99)}")
    slower = run.seen.p99 / run.quiet.p99
    yield Line("  times the quiet p99", f"{slower:.2f}", f"at most {SLOWER:.2f}", slower <= SLOWER)


def _caused(run: Outcome) -> Iterator[Line]:
    names = {"orders": "orders", "calls": "gateway calls", "rows": "database rows"}
    for what, bound in asdict(most(run.seconds)).items():
        caused = run.by_strangers(what)
        yield Line(f"{names[what]} by strangers", str(caused), f"at most {bound}", caused <= bound)
    yield Line("tracebacks in the logs", str(run.tracebacks), "0", run.tracebacks == 0)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"
