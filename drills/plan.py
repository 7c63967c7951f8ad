"""What one run of chaos is made of; everything that is left to chance comes from its seed."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

DATABASES = ("sqlite", "postgresql")
VICTIMS = {"shop, one server": 3, "shop, all of it": 2, "worker 1": 2, "worker 2": 2, "gateway": 2}


class WrongPlan(ValueError):
    """A variable of the environment is not what it should be; the message names it."""


@dataclass(frozen=True, slots=True)
class Strike:
    """kill -9, so many seconds after the last one; the victim is started again after ``pause``.

    ``patient``: the next strike waits until this victim is there again.
    """

    gap: float
    victim: str
    pause: float
    patient: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. Times are in seconds.

    The gateway's window is ``later_there`` longer than the shop's, so that a shopper may start a
    second attempt and then pay both. Who paid with ``entitled`` of a reachable gateway left must
    end paid. ``switches`` are the sandbox's readings of what PPG's document leaves open.
    """

    seed: int
    databases: tuple[str, ...] = DATABASES
    storm: float = 60
    shoppers: int = 10
    window: int = 24
    later_there: int = 12
    entitled: float = 16
    kill_gaps: tuple[float, float] = (0.5, 3.5)
    switches: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def policy(self) -> str:
        """Where a verification kills an unpaid order, it must wait until the last minute."""
        return "last_minute" if self.switches.get("verify_unpaid") == "fails" else "poll"

    @property
    def drain_limit(self) -> float:
        """How long everything may take to come to rest once the faults have stopped."""
        settling = 130 if self.switches.get("verify_again") == "Failed" else 0
        return self.window + self.later_there + settling + 60

    def strikes(self) -> Iterator[Strike]:
        """Who is killed next: the same for the same seed, for as long as the storm lasts."""
        chance = Random(f"{self.seed}/kills")  # noqa: S311 - repeatable is the point
        while True:
            yield Strike(
                gap=chance.uniform(*self.kill_gaps),
                victim=chance.choices(list(VICTIMS), list(VICTIMS.values()))[0],
                pause=chance.choice((0, 0, 0.3, 1.5)),
                patient=chance.random() < 0.7,
            )


def plan_from(environment: Mapping[str, str]) -> Plan:
    """Read CHAOS_SEED, CHAOS_SECONDS, CHAOS_DATABASE and CHAOS_SWITCHES."""
    databases = _databases(environment.get("CHAOS_DATABASE") or "both")
    seconds = _number(environment, "CHAOS_SECONDS", 120)
    return Plan(
        seed=_number(environment, "CHAOS_SEED", secrets.randbelow(10**6)),
        databases=databases,
        storm=seconds / len(databases),
        switches=_switches(environment.get("CHAOS_SWITCHES") or ""),
    )


def _databases(word: str) -> tuple[str, ...]:
    if word != "both" and word not in DATABASES:
        raise WrongPlan(f"CHAOS_DATABASE should be sqlite, postgresql or both, not {word!r}")
    return DATABASES if word == "both" else (word,)


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    said = environment.get(name) or str(default)
    if not (said.isascii() and said.isdigit()):
        raise WrongPlan(f"{name} should be a whole number, not {said!r}")
    return int(said)


def _switches(text: str) -> dict[str, str | int]:
    pairs = [word.partition("=") for word in text.split()]
    if not all(equals for _, equals, _ in pairs):
        raise WrongPlan("CHAOS_SWITCHES should be like: paid_inquiry=SUCCESS verify_again=Failed")
    return {name: _value(value) for name, _, value in pairs}


def _value(word: str) -> str | int:
    """`0` and `1` are numbers for the sandbox, everything else is a word."""
    return int(word) if word.isdecimal() else word
