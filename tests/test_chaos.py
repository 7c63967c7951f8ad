"""`make chaos` for a few seconds, and that its comparison finds what it is there to find."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import psutil
import pytest

from drills.books import Books
from drills.chaos import run
from drills.comparison import ANOTHER, TOO_LATE, Verdict, compare
from drills.plan import Plan, WrongPlan, plan_from

# In so short a window nobody is promised to be paid, and none may be paid wrongly.
SHORT = Plan(4, storm=7, shoppers=6, window=10, later_there=1, entitled=10, kill_gaps=(0.8, 1.6))
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_faults_and_kills_lose_nothing_and_leave_no_process(
    stocked_database_url: str, tmp_path: Path
) -> None:
    outcome = run(SHORT, stocked_database_url, tmp_path)
    wrong = {name: rows for name, rows in outcome.verdict.wrong.items() if rows}
    wrong.pop("nobody was paid at all", None)  # a busy machine may need longer than this run takes
    assert wrong == {}
    assert outcome.kills.total() >= 2
    assert outcome.statistics["calls"]["create"] > 0
    assert _parts_still_running() == []


def test_the_seed_fixes_who_is_killed_and_when() -> None:
    first, again, other = (list(islice(Plan(seed).strikes(), 50)) for seed in (1, 1, 2))
    assert first == again != other


def test_the_environment_shares_the_time_between_the_databases() -> None:
    plan = plan_from({"CHAOS_SEED": "7", "CHAOS_SECONDS": "90", "CHAOS_SWITCHES": "a=b c=0"})
    assert (plan.seed, plan.storm, plan.switches) == (7, 45, {"a": "b", "c": 0})
    assert plan_from({"CHAOS_SECONDS": "90", "CHAOS_DATABASE": "sqlite"}).storm == 90


@pytest.mark.parametrize("variable", ["CHAOS_SEED", "CHAOS_SECONDS", "CHAOS_DATABASE"])
def test_a_wrong_variable_is_named(variable: str) -> None:
    with pytest.raises(WrongPlan, match=variable):
        plan_from({variable: "oracle"})


def test_books_that_agree_break_no_promise() -> None:
    assert _broken(_books()) == []


@pytest.mark.parametrize(
    ("changed", "promise"),
    [
        ({"ours": [{"state": "expired"}], "orders": [{"state": "lapsed"}]}, "lost"),
        ({"theirs": [{"state": "expired"}]}, "shipped unpaid"),
        ({"theirs": [{}, {"identifier": "B"}]}, "double"),
        ({"theirs": [{"amount_rials": 2000}]}, "captured for another amount"),
        ({"orders": [{"state": "lapsed"}]}, "order and payments disagree"),
        ({"orders": [{"amount_rials": 2000}]}, "order and payments disagree"),
        ({"stock": [{"sold": 2, "free": 3}]}, "stock not conserved"),
        ({"stock": [{"received": 6, "free": 5}]}, "stock not conserved"),
        ({"ours": [{"state": "in_doubt"}]}, "open or in doubt"),
        ({"ours": [{"state": "needs_review"}]}, "waiting for a person"),
        ({"seen_paid": {"1", "2"}}, "shown as paid"),
        ({"theirs": [], "ours": [], "orders": [], "stock": []}, "nobody was paid"),
    ],
)
def test_the_comparison_finds(changed: dict[str, Any], promise: str) -> None:
    seen_paid = changed.pop("seen_paid", {"1"})
    found = _broken(_books(**changed), seen_paid)
    assert any(name.startswith(promise) for name in found), found


def test_who_paid_in_time_is_entitled_and_who_paid_too_late_is_not() -> None:
    in_time, late = _sent_home(paid_after=10), _sent_home(paid_after=20)
    assert [len(verdict.wrong["entitled and not paid"]) for verdict in (in_time, late)] == [1, 0]
    assert (in_time.home, late.home) == ({}, {TOO_LATE: 1})


def test_a_silent_gateway_makes_nobody_entitled() -> None:
    assert _sent_home(paid_after=0, silent=20).home == {TOO_LATE: 1}


def test_a_spare_payment_goes_home_because_another_attempt_was_paid() -> None:
    theirs = [{}, {"identifier": "B", "state": "expired"}]
    assert _compared(_books(theirs=theirs), {"1"}).home == {ANOTHER: 1}


def _parts_still_running() -> list[str]:
    """Of the run's own processes; the worker's browser and database server come and go."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            words = child.cmdline()
            if {"storefront.sandbox", "granian", "worker"} & set(words):
                found.append(" ".join(words))
    return found


def _broken(books: Books, seen_paid: set[str] | None = None) -> list[str]:
    verdict = _compared(books, {"1"} if seen_paid is None else seen_paid)
    return [name for name, rows in verdict.wrong.items() if rows]


def _sent_home(*, paid_after: float, silent: float = 0) -> Verdict:
    """A payment that was paid at the bank so late, and expired there; the window is 36 s."""
    moves = [{"at": (NOON + timedelta(seconds=paid_after)).isoformat(), "state": "paid"}]
    lapsed = _books(
        theirs=[{"state": "expired", "moves": moves}],
        ours=[{"state": "expired"}],
        orders=[{"state": "lapsed"}],
    )
    return _compared(lapsed, set(), silent)


def _compared(books: Books, seen_paid: set[str], silent: float = 0) -> Verdict:
    def reachable(since: datetime, until: datetime) -> float:
        return (until - since).total_seconds() - silent

    return compare(books, Plan(seed=1, window=36, entitled=20), {"bowl": 5}, seen_paid, reachable)


def _books(**changed: list[Mapping[str, Any]]) -> Books:
    """One order, paid here and captured there; ``changed`` says of some tables what differs."""
    paid = {"at": NOON.isoformat(), "state": "paid"}
    same = {"reference_number": "R", "amount_rials": 1000}
    stock = {"received": 5, "free": 4, "reserved": 0, "sold": 1}
    usual: dict[str, dict[str, Any]] = {
        "theirs": {
            **same,
            "identifier": "A",
            "state": "captured",
            "created_at": NOON.isoformat(),
            "moves": [paid],
        },
        "ours": {**same, "order_identifier": "A", "order_number": "1", "state": "paid"},
        "orders": {"number": "1", "state": "paid", "amount_rials": 1000},
        "stock": {"slug": "bowl", **stock, "must_be_sold": 1, "must_be_reserved": 0},
    }
    tables = {
        name: [{**row, **change} for change in changed.get(name, [{}])]
        for name, row in usual.items()
    }
    return Books(**tables)
