"""`CHAOS_DATABASE=failover` for a moment, and that it finds what a shopper was shown in vain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drills import pg_programs
from drills.chaos import run
from drills.failover import prepared_pair
from drills.ledgers import Ledgers
from drills.plan import Plan, plans_from
from drills.shown import Shown
from testkit.cases import naming

ONCE = Plan(
    5,
    database="failover",
    storm=16,
    shoppers=4,
    window=12,
    later_there=1,
    entitled=12,
    kill_gaps=(4, 6),
    patience=2,
    failovers=1,
)


@pytest.mark.long
def test_a_primary_that_is_killed_takes_nothing_with_it(tmp_path: Path) -> None:
    try:
        pg_programs.folder()
    except pg_programs.NoPrograms as why:
        pytest.skip(str(why))
    with prepared_pair(ONCE.database) as pair:
        outcome = run(ONCE, pair.url, tmp_path, pair)
        assert pair.primary.name == "shop_b"
    wrong = {name: rows for name, rows in outcome.verdict.wrong.items() if rows}
    wrong.pop("nobody was paid at all", None)  # a busy machine may need longer than this run takes
    assert wrong == {}
    assert (len(outcome.failovers), outcome.shown > 0) == (1, True)


def test_only_a_pair_fails_over() -> None:
    for database, failovers in (("failover", 3), ("failover-async", 3), ("postgresql", 0)):
        with naming(database):
            (plan,) = plans_from({"CHAOS_DATABASE": database}).values()
            assert plan.failovers == failovers
    (plan,) = plans_from({"CHAOS_DATABASE": "failover", "CHAOS_FAILOVERS": "20"}).values()
    assert plan.failovers == 20


def test_what_a_shopper_was_shown_and_is_not_there_is_found() -> None:
    there: dict[str, Any] = {"number": "1", "token": "t", "state": "placed"}
    for shown, now, gone in (
        ("placed", "paid", []),
        ("paid", "refunded", []),
        ("expired", "expired", []),
        ("paid", "placed", ["order 1: shown as paid, is placed"]),
        ("cancelled", "placed", ["order 1: shown as cancelled, is placed"]),
    ):
        with naming(shown, now):
            assert _seen(shown).gone(_ledgers({**there, "state": now})) == gone
    assert _seen("placed").gone(_ledgers()) == ["order 1: shown as placed, is gone", "page t"]
    assert _seen("placed").paid == set()
    paid = _seen("paid")
    paid.begun.add("elsewhere")
    assert paid.gone(_ledgers({**there, "state": "paid"})) == ["payment elsewhere"]


def _seen(state: str) -> Shown:
    shown = Shown()
    shown.states["1"].add(state)
    shown.tokens.add("t")
    shown.begun.add("A")
    return shown


def _ledgers(*orders: dict[str, Any]) -> Ledgers:
    payment = {"order_identifier": "A", "reference_number": "R", "order_number": "1"}
    return Ledgers(theirs=[], ours=[payment], orders=list(orders), stock=[])
