"""The ways to read what the gateway's document leaves open, and when the gateway went by which.

``MEANINGS`` change what answers mean for money; ``FORMS`` change only what calls look like. Beside
them the gateway's expiry is in time or late. Not among them are the switches by which a gateway
stops trading (``merchant``, ``channel``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, product
from threading import Event

import requests

from jibit_sandbox.core.worlds import choices
from jibit_sandbox.testing import SandboxWorld

Reading = Mapping[str, str | int | bool]
MEANINGS = ("verify_again", "verify_unpaid", "paid_inquiry", "reused_reference", "old_access")
FORMS = ("legacy", "first_page", "total_spelling")
V3_FEATURES: tuple[Reading, ...] = (
    {"v3_auto_verify": False, "v3_reverse": False},
    {"v3_auto_verify": True, "v3_reverse": True},
    {"v3_auto_verify": True, "v3_reverse": False},
    {"v3_auto_verify": False, "v3_reverse": True},
)
FOREVER = datetime.max.replace(tzinfo=UTC)
MOMENT = 0.2  # seconds until a gateway that was just killed is told again


def combinations(names: Sequence[str], **fixed: str) -> tuple[Reading, ...]:
    """Every combination of these switches; the documented values come last.

    The first name changes least often. So what ``verify_again=Failed`` keeps in doubt for minutes
    is still under it while it waits.
    """
    possible = choices() | {name: (value,) for name, value in fixed.items()}
    values = product(*(reversed(possible[name]) for name in names))
    return tuple(dict(zip(names, combination, strict=True)) for combination in values)


def in_time_and_late(forms: Sequence[Reading], late: int) -> tuple[Reading, ...]:
    """Each of the forms twice: the gateway's expiry is in time, and so many seconds late."""
    return tuple({**form, "expiry_late": seconds} for form in forms for seconds in (0, late))


def with_v3(turns: Sequence[Reading]) -> tuple[Reading, ...]:
    """Let PPG v3 capture by itself, and reverse, in half of the turns each."""
    enough = turns if len(turns) >= len(V3_FEATURES) else [*turns, *turns]
    return tuple(
        {**turn, **features} for turn, features in zip(enough, cycle(V3_FEATURES), strict=False)
    )


@dataclass(frozen=True, slots=True)
class Period:
    """A time in which the gateway went by one reading; the last one lasts for good."""

    reading: Reading
    since: datetime
    until: datetime = FOREVER

    def overlaps(self, since: datetime, until: datetime) -> bool:
        """Whether something that lived between two moments saw this period."""
        return self.since <= until and since < self.until


def pass_through(
    readings: Sequence[Reading],
    forms: Sequence[Reading],
    seconds: float,
    bank: SandboxWorld,
    over: Event,
) -> list[Period]:
    """Let the gateway go by each reading for an equal part of the time, in every form meanwhile.

    Raises ValueError if there is no such switch.
    """
    began, beginnings = time.monotonic(), []
    share = seconds / len(readings) / len(forms)
    for turn, (reading, form) in enumerate(product(readings, forms), start=1):
        _tell(bank, {**reading, **form}, over)
        if form is forms[0]:
            beginnings.append((reading, datetime.now(UTC)))
        if over.wait(max(0.0, began + turn * share - time.monotonic())):
            break
    return list(_periods(beginnings))


def _tell(bank: SandboxWorld, switches: Reading, over: Event) -> None:
    while not over.is_set():
        with suppress(requests.RequestException):  # it was killed a moment ago
            bank.switch(**switches)
            return
        over.wait(MOMENT)


def _periods(beginnings: Sequence[tuple[Reading, datetime]]) -> Iterator[Period]:
    ends = [since for _, since in beginnings[1:]] + [FOREVER]
    for (reading, since), until in zip(beginnings, ends, strict=True):
        yield Period(reading, since, until)
