"""What one storm of chaos is made of; everything that is left to chance comes from its seed."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from drills.readings import FORMS, MEANINGS, Reading, combinations, in_time_and_late, with_v3

DATABASES = ("sqlite", "postgresql")
PAIRS = ("failover", "failover-async")  # a primary and a standby, which is waited for or is not
VICTIMS = {
    "shop, one server": 3,
    "shop, all of it": 1,
    "v3 shop": 2,
    "worker 1": 2,
    "worker 2": 2,
    "merchant": 2,
    "gateway": 2,
}
EVERY = "every"  # the word for: every combination of the switches
LAST_CHANCE = 30  # seconds before the end of a window; see payment_engine/decision.py
NOTHING_SET: tuple[Reading, ...] = ({},)
# As the shop calls them. A shop offers one version of the card gateway, and the wallet.
CARDS = {"ppg": 2, "ppg_v3": 3}  # how often
WALLET = "wallet"
BY_CARD = 2 / 3  # of the shoppers


class WrongPlan(ValueError):
    """A variable of the environment is not what it should be; the message names it."""


class Conditions(NamedTuple):
    """VERIFY_WITHOUT_CALLBACK, and how the gateway reads its document meanwhile."""

    policy: str
    readings: tuple[Reading, ...]
    forms: tuple[Reading, ...] = NOTHING_SET


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
    """One storm on one database. Times are in seconds.

    The gateway's window is ``later_there`` longer than the shop's. Who paid with ``entitled`` of a
    reachable gateway left must end paid. Of ``refunds`` percent of the orders that are paid at PPG
    v3, money is returned. For an answer of the gateway the shop waits ``patience``. The primary
    database is ended ``failovers`` times.
    ``policy`` is VERIFY_WITHOUT_CALLBACK. The gateway goes by each of the ``readings`` in turn, and
    by each of the ``forms`` meanwhile; in each of them its expiry is in time, and then
    ``expiry_late``. ``upgrade`` is the commit of the release that serves first, if two share a
    database.
    """

    seed: int
    database: str = "sqlite"
    storm: float = 60
    shoppers: int = 10
    window: int = 24
    later_there: int = 12
    entitled: float = 16
    kill_gaps: tuple[float, float] = (0.5, 3.5)
    patience: int = 1
    refunds: int = 70
    failovers: int = 0
    policy: str = "poll"
    readings: tuple[Reading, ...] = NOTHING_SET
    forms: tuple[Reading, ...] = NOTHING_SET
    upgrade: str | None = None

    @property
    def reconcile_after(self) -> int:
        """How often the worker asks: several times in a window, however short that is."""
        return max(1, self.window // 12)

    @property
    def settle_after(self) -> int:
        """SETTLE_AFTER_SECONDS: as much longer than the windows as it must be at a real gateway."""
        return self.window + self.later_there

    @property
    def refund_settles_after(self) -> int:
        """REFUND_SETTLES_AFTER_SECONDS: much longer than any call is on its way here."""
        return 10 * self.patience

    @property
    def expiry_late(self) -> int:
        """How late the gateway's expiry is at times: less than ``settle_after``, the limit."""
        return self.settle_after // 2

    @property
    def gateway_turns(self) -> tuple[Reading, ...]:
        """The forms, with an expiry in time and late, and with and without v3's features."""
        return with_v3(in_time_and_late(self.forms, self.expiry_late))

    @property
    def drain_limit(self) -> float:
        """How long everything may take to come to rest once the faults have stopped.

        The last window ends, the gateway's expiry is late, and SUCCESS is believed when it has
        lasted. What has been in doubt for long is asked about after half as long again.
        """
        ends = self.window + self.later_there + self.expiry_late
        return ends + 2 * self.settle_after + 60

    def strikes(self, victims: Mapping[str, int] = VICTIMS) -> Iterator[Strike]:
        """Who is killed next: the same for the same seed, for as long as the storm lasts."""
        chance = Random(f"{self.seed}/kills")  # noqa: S311 - repeatable is the point
        while True:
            yield Strike(
                gap=chance.uniform(*self.kill_gaps),
                victim=chance.choices(list(victims), list(victims.values()))[0],
                pause=chance.choice((0, 0, 0.3, 1.5)),
                patient=chance.random() < 0.7,
            )


def plans_from(environment: Mapping[str, str]) -> dict[str, Plan]:
    """Read the variables that begin with CHAOS_ (docs/chaos.md): a plan for each storm, by name."""
    seed = _number(environment, "CHAOS_SEED", secrets.randbelow(10**6))
    seconds = _number(environment, "CHAOS_SECONDS", 120)
    all_conditions = _all_conditions(environment.get("CHAOS_SWITCHES") or "")
    databases = _databases(environment.get("CHAOS_DATABASE") or "both")
    storm = seconds / len(databases) / len(all_conditions)
    return {
        f"{database} {name}".strip(): _plan(environment, seed, database, storm, conditions)
        for database in databases
        for name, conditions in all_conditions.items()
    }


def _plan(
    environment: Mapping[str, str], seed: int, database: str, storm: float, conditions: Conditions
) -> Plan:
    every = _number(environment, "CHAOS_KILL_EVERY", 2)
    window = _number(environment, "CHAOS_WINDOW", 24 if conditions.policy == "poll" else 45)
    if conditions.policy == "last_minute" and window <= LAST_CHANCE:
        raise WrongPlan(f"CHAOS_WINDOW should be above {LAST_CHANCE} to rehearse last_minute")
    return Plan(
        seed=seed,
        database=database,
        storm=storm,
        shoppers=_number(environment, "CHAOS_SHOPPERS", 5),
        window=window,
        entitled=window * 2 // 3,
        kill_gaps=(every / 4, every * 7 / 4),
        patience=_number(environment, "CHAOS_READ_TIMEOUT", 1),
        refunds=_number(environment, "CHAOS_REFUNDS", 70),
        failovers=_number(environment, "CHAOS_FAILOVERS", 3) if database in PAIRS else 0,
        upgrade=environment.get("CHAOS_UPGRADE") or None,
        **conditions._asdict(),
    )


def _all_conditions(switches: str) -> dict[str, Conditions]:
    """What is rehearsed on each database, by the name of its column."""
    if switches != EVERY:
        reading = _switches(switches)
        cautious = reading.get("verify_unpaid") == "fails"
        return {"": Conditions("last_minute" if cautious else "poll", (reading,))}
    harmless = combinations(MEANINGS, verify_unpaid="unchanged")
    forms = combinations(FORMS)
    return {
        "poll": Conditions("poll", harmless, forms),
        "last_minute": Conditions("last_minute", combinations(MEANINGS), forms),
    }


def _databases(word: str) -> tuple[str, ...]:
    if word not in ("both", *DATABASES, *PAIRS):
        wanted = ", ".join((*DATABASES, *PAIRS))
        raise WrongPlan(f"CHAOS_DATABASE should be {wanted} or both, not {word!r}")
    return DATABASES if word == "both" else (word,)


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    said = environment.get(name) or str(default)
    if not (said.isascii() and said.isdigit()):
        raise WrongPlan(f"{name} should be a whole number, not {said!r}")
    return int(said)


def _switches(text: str) -> dict[str, str | int]:
    pairs = [word.partition("=") for word in text.split()]
    if not all(equals for _, equals, _ in pairs):
        example = "paid_inquiry=SUCCESS verify_again=Failed"
        raise WrongPlan(f"CHAOS_SWITCHES should be {EVERY}, or like: {example}")
    return {name: _value(value) for name, _, value in pairs}


def _value(word: str) -> str | int:
    """`0` and `1` are numbers for the sandbox, everything else is a word."""
    return int(word) if word.isdecimal() else word
