"""`make abuse` for a few seconds, and that its judge finds each bound that is broken."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from drills.abuse import main, run, table
from drills.abuse_bounds import Count, Outcome, lines, most
from drills.honest import Seen
from drills.pace import Pace
from drills.stranger_load import FLOODS, Sent
from testkit.nginx import NO_NGINX, nginx_program

DEPENDS_ON_THE_MACHINE = {
    "strangers send, times that",
    "honest purchases",
    "  times the quiet p99",
}
MOST = most(60)
QUIET = Seen(looks=[0.01] * 100, purchases=[0.2] * 10)
KEPT = Outcome(
    capacity=100,
    quiet=QUIET,
    quietly=Count(orders=10, calls=30, rows=200),
    seen=Seen(looks=[0.015] * 100, purchases=[0.3] * 50),
    counted=Count(orders=90, calls=250, rows=2000),
    sent=Sent(Counter(reload=18_000), Counter({200: 9_000, 429: 9_000})),
    seconds=60,
    tracebacks=0,
)


@pytest.mark.long
@pytest.mark.skipif(nginx_program() is None, reason=NO_NGINX)
def test_strangers_keep_nobody_from_buying(stocked_database_url: str, tmp_path: Path) -> None:
    outcome = run(stocked_database_url, tmp_path, seconds=6, purchases=5)
    broken = {line.name for line in lines(outcome, 5) if line.good is False}
    assert broken <= DEPENDS_ON_THE_MACHINE, table(list(lines(outcome, 5)))
    assert set(outcome.sent.by_kind) > {kind.__name__ for kind in FLOODS}
    assert outcome.sent.by_status[429] > outcome.sent.by_status[200]
    assert outcome.by_strangers("orders") > 0


def test_a_run_that_keeps_to_every_bound_is_good() -> None:
    assert _broken(KEPT) == []


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"capacity": 120}, "strangers send, times that"),
        ({"seen": Seen(QUIET.looks, purchases=[0.3] * 49)}, "honest purchases"),
        ({"seen": Seen(QUIET.looks, 0, [0.3] * 50, ["NotPaid"])}, "  that failed"),
        ({"seen": Seen(QUIET.looks, 1, [0.3] * 50)}, "looks at the catalogue that failed"),
        ({"seen": Seen([0.021] * 100, 0, [0.3] * 50)}, "  times the quiet p99"),
        ({"seen": Seen([0.01] * 97 + [1] * 3, 0, [0.3] * 50)}, "  times the quiet p99"),
        ({"counted": Count(MOST.orders + 51, 250, 2000)}, "orders by strangers"),
        ({"counted": Count(90, MOST.calls + 151, 2000)}, "gateway calls by strangers"),
        ({"counted": Count(90, 250, MOST.rows + 1001)}, "database rows by strangers"),
        ({"tracebacks": 1}, "tracebacks in the logs"),
        ({"sent": Sent(Counter(reload=18_000), Counter({500: 1}))}, "  answered with 500"),
    ],
    ids=lambda value: value.strip().replace(" ", "-") if isinstance(value, str) else "",
)
def test_the_judge_finds(changed: dict[str, object], found: str) -> None:
    assert _broken(replace(KEPT, **changed)) == [found]  # type: ignore[arg-type]


def test_what_honest_shoppers_cause_is_not_put_down_to_strangers() -> None:
    assert [KEPT.by_strangers(what) for what in ("orders", "calls", "rows")] == [40, 100, 1000]


def test_a_broken_bound_is_marked_in_the_table() -> None:
    printed = table(list(lines(replace(KEPT, tracebacks=1)))).splitlines()
    assert [line.endswith("<<<") for line in printed].count(True) == 1


def test_those_who_share_a_pace_send_no_more_than_its_rate() -> None:
    pace = Pace(rate=100, end=monotonic() + 0.1)
    turns = 0
    while pace.wait():
        turns += 1
    assert 0 < turns <= 10


@pytest.mark.parametrize("variable", ["ABUSE_SECONDS", "ABUSE_DATABASE"])
def test_a_wrong_variable_is_named(variable: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main({variable: "oracle"}) == 2
    assert variable in capsys.readouterr().out


def _broken(run: Outcome) -> list[str]:
    return [line.name for line in lines(run) if line.good is False]
