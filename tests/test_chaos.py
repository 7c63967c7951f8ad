"""`make chaos` for a few seconds, and that its comparison finds what it is there to find."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import create_engine, event, text

from drills.chaos import run
from drills.comparison import (
    ANOTHER,
    CANCELLED,
    IN_DOUBT,
    SPOILED,
    TOO_LATE,
    UNMAKABLE,
    Verdict,
    compare,
)
from drills.kill_positions import JOURNEY, STEPS, steps_in
from drills.ledgers import Ledgers, Row, rows_of_one_moment
from drills.plan import Plan, WrongPlan, plans_from
from drills.readings import FOREVER, FORMS, MEANINGS, Period, combinations
from drills.refunder import HALF, TWO_HALVES, WHOLE, next_amount
from payment_engine import Refund, RefundMethod, RefundState
from testkit.processes import ROOT

# In so short a window nobody is promised to be paid, and none may be paid wrongly.
SHORT = Plan(
    4, storm=8, shoppers=6, window=6, later_there=1, entitled=6, kill_gaps=(1.2, 2.4), patience=2
)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DUMP = """what the process said before
Thread 0x00007f01 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 320 in wait
  File "/srv/storefront/jibit_sandbox/core/held_calls.py", line 31 in hold
  File "/srv/storefront/jibit_sandbox/gateways/ppg_v2/api.py", line 82 in create
Thread 0x00007f02 (most recent call first):
  File "/srv/storefront/jibit_client/transport.py", line 132 in call
  File "/srv/storefront/payment_engine/gateways/jibit_ppg.py", line 105 in verify
  File "/srv/storefront/payment_engine/completion.py", line 145 in inner
  File "/srv/storefront/payment_engine/completion.py", line 95 in complete

Current thread 0x00007f03 (most recent call first):
  File "/usr/lib/python3.11/http/client.py", line 1386 in getresponse
  File "/srv/storefront/payment_engine/gateways/jibit_wallet.py", line 108 in verify
  File "/srv/storefront/payment_engine/callbacks.py", line 57 in handle_callback
"""


@pytest.mark.long  # `make chaos` is the same for two minutes
def test_faults_and_kills_lose_nothing_and_leave_no_process(
    stocked_database_url: str, tmp_path: Path
) -> None:
    others = _parts_running()  # the shop that this worker's browser tests have open
    outcome = run(SHORT, stocked_database_url, tmp_path)
    wrong = {name: rows for name, rows in outcome.verdict.wrong.items() if rows}
    wrong.pop("nobody was paid at all", None)  # a busy machine may need longer than this run takes
    assert wrong == {}
    assert len(outcome.kills) >= 2
    assert outcome.statistics["calls"]
    assert _parts_running() <= others


def test_the_seed_fixes_who_is_killed_and_when() -> None:
    first, again, other = (list(islice(Plan(seed).strikes(), 50)) for seed in (1, 1, 2))
    assert first == again != other


def test_the_environment_shares_the_time_between_the_storms() -> None:
    plans = plans_from({"CHAOS_SEED": "7", "CHAOS_SECONDS": "90", "CHAOS_SWITCHES": "a=b c=0"})
    assert list(plans) == ["sqlite", "postgresql"]
    assert {plan.database: plan.storm for plan in plans.values()} == {
        "sqlite": 45,
        "postgresql": 45,
    }
    assert plans["sqlite"].readings == ({"a": "b", "c": 0},)


def test_every_combination_of_the_switches_is_rehearsed_on_each_database() -> None:
    plans = plans_from({"CHAOS_SWITCHES": "every", "CHAOS_SECONDS": "400"})
    assert [plan.storm for plan in plans.values()] == [100] * 4
    for database in ("sqlite", "postgresql"):
        assert len(plans[f"{database} last_minute"].readings) == 2 ** len(MEANINGS)
        assert len(plans[f"{database} last_minute"].forms) == len(combinations(FORMS))


def test_verifying_at_every_question_is_rehearsed_only_where_it_is_harmless() -> None:
    readings = plans_from({"CHAOS_SWITCHES": "every"})["sqlite poll"].readings
    assert len(readings) == 2 ** len(MEANINGS) / 2
    assert {reading["verify_unpaid"] for reading in readings} == {"unchanged"}
    careful = plans_from({"CHAOS_SWITCHES": "verify_unpaid=fails"})["sqlite"]
    assert (careful.policy, careful.window) == ("last_minute", 45)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CHAOS_SEED", "oracle"),
        ("CHAOS_SECONDS", "oracle"),
        ("CHAOS_DATABASE", "oracle"),
        ("CHAOS_SWITCHES", "oracle"),
        ("CHAOS_SHOPPERS", "many"),
        ("CHAOS_KILL_EVERY", "0.5"),
        ("CHAOS_REFUNDS", "some"),
    ],
)
def test_a_wrong_variable_is_named(variable: str, value: str) -> None:
    with pytest.raises(WrongPlan, match=variable):
        plans_from({variable: value})


def test_a_window_without_a_last_minute_cannot_rehearse_it() -> None:
    with pytest.raises(WrongPlan, match="CHAOS_WINDOW"):
        plans_from({"CHAOS_WINDOW": "30", "CHAOS_SWITCHES": "verify_unpaid=fails"})


def test_auto_verify_is_rehearsed_with_an_expiry_in_time_and_late() -> None:
    turns = plans_from({})["sqlite"].gateway_turns
    pairs = {(turn["v3_auto_verify"], bool(turn["expiry_late"])) for turn in turns}
    assert pairs == {(False, False), (False, True), (True, False), (True, True)}
    assert {turn["v3_reverse"] for turn in turns if turn["v3_auto_verify"]} == {False, True}


def test_an_order_belongs_to_every_period_that_it_lived_in() -> None:
    first, second = Period({}, NOON, NOON + MINUTE), Period({}, NOON + MINUTE, FOREVER)
    long, short = (NOON, NOON + 2 * MINUTE), (NOON, NOON)
    assert (first.overlaps(*long), second.overlaps(*long)) == (True, True)
    assert (first.overlaps(*short), second.overlaps(*short)) == (True, False)


def test_a_dump_tells_in_which_step_a_thread_stood() -> None:
    assert list(steps_in(DUMP)) == [
        "verification: about to be sent",
        "verification: sent, not answered",
    ]
    assert set(steps_in(DUMP)) <= set(JOURNEY)


@pytest.mark.parametrize(("file", "function"), STEPS)
def test_every_step_is_a_public_function_that_there_is(file: str, function: str) -> None:
    assert not function.startswith("_")
    assert f"def {function}(" in (ROOT / file).read_text()


def test_ledgers_that_agree_break_no_promise() -> None:
    assert _broken(_ledgers()) == []


@pytest.mark.parametrize(
    ("changed", "promise"),
    [
        ({"ours": [{"state": "expired"}], "orders": [{"state": "expired"}]}, "lost"),
        ({"theirs": [{"state": "expired"}]}, "shipped unpaid"),
        ({"theirs": [{}, {"identifier": "B"}]}, "double"),
        ({"theirs": [{"amount_rials": 2000}]}, "captured for another amount"),
        ({"orders": [{"state": "expired"}]}, "order and payments disagree"),
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
    found = _broken(_ledgers(**changed), seen_paid)
    assert any(name.startswith(promise) for name in found), found


REVERSED: dict[str, Any] = {"state": "reversed"}
DONE: dict[str, Any] = {"amount_rials": 400, "state": "done"}
BACK: dict[str, Any] = {"amount_rials": 400, "state": "TRANSFERRED"}


@pytest.mark.parametrize(
    ("there", "refunds", "order"),
    [
        ({"transfers": [BACK]}, [DONE], {"refunded_rials": 400}),
        ({"transfers": [BACK]}, [{**DONE, "state": "in_progress"}], {}),
        ({"transfers": [{**BACK, "state": "FAILED"}]}, [{**DONE, "state": "failed"}], {}),
        (REVERSED, [{**DONE, "amount_rials": 1000}], {"refunded_rials": 1000, "state": "refunded"}),
    ],
    ids=["a part", "on its way", "refused by a bank", "reversed"],
)
def test_refunds_that_agree_break_no_promise(
    there: dict[str, Any], refunds: list[Row], order: dict[str, Any]
) -> None:
    assert _broken(_refunded(there, refunds, order)) == []


@pytest.mark.parametrize(
    ("there", "refunds", "order", "promise"),
    [
        ({"transfers": [BACK, BACK]}, [DONE], {"refunded_rials": 400}, "refunded twice"),
        ({"transfers": [BACK]}, [{**DONE, "state": "failed"}], {}, "refunded twice"),
        (REVERSED, [], {}, "refunded twice"),
        ({}, [{**DONE, "state": "in_doubt"}], {}, "refund lost"),
        ({}, [{**DONE, "state": "failed", "said": None}], {}, "refund lost"),
        ({}, [DONE], {"refunded_rials": 400}, "refunded here, not"),
        ({"transfers": [{**BACK, "state": "FAILED"}]}, [DONE], {"refunded_rials": 400}, "refunded"),
        ({"transfers": [BACK]}, [DONE], {}, "refunds and their order"),
        (
            {"transfers": [BACK]},
            [DONE],
            {"refunded_rials": 400, "state": "refunded"},
            "refunds and",
        ),
    ],
)
def test_the_comparison_finds_among_refunds(
    there: dict[str, Any], refunds: list[Row], order: dict[str, Any], promise: str
) -> None:
    found = _broken(_refunded(there, refunds, order))
    assert any(name.startswith(promise) for name in found), found


def test_what_the_order_could_not_keep_must_be_on_its_way_back() -> None:
    kept = _ledgers(ours=[{"state": "returned"}], orders=[{"state": "expired"}])
    kept.stock = []
    assert "returned here, and the money is not on its way back" in _broken(kept, set())
    back = _ledgers(
        theirs=[{"transfers": [{**BACK, "amount_rials": 1000}]}],
        ours=[{"state": "returned"}],
        orders=[{"state": "expired"}],
    )
    back.stock, back.refunds = [], [_refund({**DONE, "amount_rials": 1000})]
    assert set(_broken(back, set())) == {"nobody was paid at all", "entitled and not paid"}


def _refund(row: Row) -> Row:
    return {"id": 1, "reference_number": "R", "said": "storm", "last_failure": None, **row}


def _refunded(there: dict[str, Any], refunds: list[Row], order: dict[str, Any]) -> Ledgers:
    """An order that was paid, and of which something was to go back."""
    ledgers = _ledgers(theirs=[there], orders=[order])
    ledgers.refunds, ledgers.told = [_refund(row) for row in refunds], {"1"}
    return ledgers


@pytest.mark.parametrize(
    ("wish", "refunds", "amount"),
    [
        (WHOLE, [], 1001),
        (HALF, [], 500),
        (HALF, [("done", 500)], None),
        (TWO_HALVES, [("done", 500)], 501),
        (TWO_HALVES, [("failed", 500)], 500),
        (WHOLE, [("failed", 1001)], 1001),
        (WHOLE, [("in_progress", 1001)], None),
        (WHOLE, [("done", 1001)], None),
    ],
)
def test_the_merchant_asks_for_what_is_not_back_yet(
    wish: str, refunds: list[tuple[str, int]], amount: int | None
) -> None:
    asked = [
        Refund(
            payment_id=1,
            order_key="1",
            gateway="ppg_v3",
            amount_rials=rials,
            method=RefundMethod.REFUND,
            state=RefundState(state),
            reason="r",
            requested_by="b",
            requested_at=NOON,
            next_check_at=NOON,
        )
        for state, rials in refunds
    ]
    assert next_amount(wish, 1001, asked) == amount


def test_who_paid_in_time_is_entitled_and_who_paid_too_late_is_not() -> None:
    in_time, late = _sent_home(paid_after=10), _sent_home(paid_after=20)
    assert [len(verdict.wrong["entitled and not paid"]) for verdict in (in_time, late)] == [1, 0]
    assert (in_time.home, late.home) == ({}, {TOO_LATE: 1})


def test_a_silent_gateway_makes_nobody_entitled() -> None:
    assert _sent_home(paid_after=0, silent=20).home == {TOO_LATE: 1}


def test_a_spare_payment_goes_home_because_another_attempt_was_paid() -> None:
    theirs = [{}, {"identifier": "B", "state": "expired"}]
    assert _compared(_ledgers(theirs=theirs), {"1"}).home == {ANOTHER: 1}


def test_who_has_cancelled_the_order_is_not_entitled() -> None:
    paid = {"at": NOON.isoformat(), "state": "paid"}
    ledgers = _ledgers(
        theirs=[{"state": "expired", "moves": [paid]}],
        ours=[{"state": "expired"}],
        orders=[{"state": "cancelled"}],
    )
    assert _compared(ledgers, set()).home == {CANCELLED: 1}


def test_who_was_kept_out_by_a_payment_that_may_have_been_captured_is_not_entitled() -> None:
    assert _sent_home(paid_after=0, unanswered=["R2"]).home == {IN_DOUBT: 1}
    for others in (["R"], ["R3"]):  # its own doubt excuses nothing, nor that of another order
        verdict = _sent_home(paid_after=0, unanswered=others)
        assert verdict.wrong["entitled and not paid"] == ["A"]


def _call(second: float, operation: str, behaviour: str | None = None, status: int = 200) -> Row:
    """A call that the gateway has logged."""
    return {
        "received_at": (NOON + timedelta(seconds=second)).isoformat(),
        "operation": operation,
        "behaviour": behaviour,
        "status": status,
        "fate": "answered",
    }


LOST = [_call(second, "inquiry", "reset") for second in (2, 4)]
TRUE = _call(6, "inquiry")
SPOILED_VERIFICATION = [TRUE, _call(7, "verify", "reset"), _call(8, "inquiry")]


@pytest.mark.parametrize(
    "log",
    [
        [*LOST, _call(6, "inquiry", None, 401)],
        [*LOST, *SPOILED_VERIFICATION],
        [*LOST, TRUE, _call(7, "verify", None, 401), _call(9, "inquiry", "error_500")],
        [*LOST, _call(6, "inquiry", "reset"), _call(37, "inquiry"), _call(38, "inquiry")],
    ],
    ids=["no true answer", "verification lost", "token dead", "true only after the window"],
)
def test_a_gateway_whose_every_answer_is_spoiled_makes_nobody_entitled(log: list[Row]) -> None:
    assert _sent_home(paid_after=0, log=log).home == {SPOILED: 1}


def test_who_asked_and_was_killed_at_once_let_no_true_answer_pass() -> None:
    def sent_home(*kills: float, log: Sequence[Row] = (*LOST, TRUE)) -> Verdict:
        moments = [NOON + timedelta(seconds=second) for second in kills]
        return _sent_home(paid_after=0, log=log, kills=moments)

    assert sent_home(3, 6.9).home == {SPOILED: 1}
    verified = [*LOST, TRUE, _call(7, "verify")]
    for verdict in (sent_home(5.9, 7.1), sent_home(6.9, log=verified)):
        assert verdict.wrong["entitled and not paid"] == ["A"]


@pytest.mark.parametrize(
    "log",
    [
        [],
        LOST,
        [*LOST, TRUE],
        [*LOST, TRUE, _call(8, "inquiry", "reset")],
        [*LOST, TRUE, _call(7, "verify")],
        [*LOST, *SPOILED_VERIFICATION, _call(10, "inquiry")],
    ],
    ids=["never asked", "too seldom", "true", "not verified", "verified", "true later"],
)
def test_who_asks_too_seldom_or_lets_a_true_answer_pass_breaks_the_promise(log: list[Row]) -> None:
    assert _sent_home(paid_after=0, log=log).wrong["entitled and not paid"] == ["A"]


def _parts_running() -> set[tuple[int, str]]:
    """Shops, workers and gateways below this process: their numbers and commands."""
    found = set()
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            words = child.cmdline()
            if {"jibit_sandbox", "granian", "worker"} & set(words):
                found.add((child.pid, " ".join(words)))
    return found


def test_a_merchant_who_was_not_told_or_told_wrongly_is_found() -> None:
    silent, wrong = _ledgers(), _ledgers()
    silent.told, wrong.told = set(), {"1", "2"}
    assert _broken(silent) == ["paid, and the merchant was not told"]
    assert _broken(wrong) == ["told to the merchant, and is not paid"]


def test_a_letter_that_waits_behind_one_that_cannot_be_made_is_found() -> None:
    ledgers = _ledgers()
    ledgers.letters = {"delivered": 5, UNMAKABLE: 2}
    assert _broken(ledgers) == []
    ledgers.letters = {**ledgers.letters, "waiting": 1}
    assert _broken(ledgers) == ["a letter that no other was to wait for"]


def _broken(ledgers: Ledgers, seen_paid: set[str] | None = None) -> list[str]:
    verdict = _compared(ledgers, {"1"} if seen_paid is None else seen_paid)
    return [name for name, rows in verdict.wrong.items() if rows]


def _sent_home(
    *,
    paid_after: float,
    silent: float = 0,
    unanswered: Sequence[str] = (),
    log: Sequence[Row] = (),
    kills: Sequence[datetime] = (),
) -> Verdict:
    """A payment that was paid at the bank so late, and expired there; the window is 36 s."""
    moves = [{"at": (NOON + timedelta(seconds=paid_after)).isoformat(), "state": "paid"}]
    expired = _ledgers(
        theirs=[{"state": "expired", "moves": moves}],
        ours=[
            {"state": "expired"},
            {"state": "expired", "reference_number": "R2", "order_identifier": "B"},
            {
                "state": "expired",
                "reference_number": "R3",
                "order_identifier": "C",
                "order_number": "2",
            },
        ],
        orders=[{"state": "expired"}],
    )
    expired.unanswered = unanswered
    return _compared(expired, set(), silent, log, kills)


def _compared(
    ledgers: Ledgers,
    seen_paid: set[str],
    silent: float = 0,
    log: Sequence[Row] = (),
    kills: Sequence[datetime] = (),
) -> Verdict:
    def reachable(since: datetime, until: datetime) -> float:
        return (until - since).total_seconds() - silent

    plan = Plan(seed=1, window=36, entitled=20)
    return compare(ledgers, plan, {"bowl": 5}, seen_paid, reachable, lambda _: log, kills)


def _ledgers(**changed: Sequence[Row]) -> Ledgers:
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
        "orders": {"number": "1", "state": "paid", "amount_rials": 1000, "refunded_rials": 0},
        "stock": {"slug": "bowl", **stock, "must_be_sold": 1, "must_be_reserved": 0},
    }
    tables: dict[str, list[Row]] = {
        name: [{**row, **change} for change in changed.get(name, [{}])]
        for name, row in usual.items()
    }
    paid_numbers = {row["number"] for row in tables["orders"] if row["state"] == "paid"}
    return Ledgers(
        tables["theirs"], tables["ours"], tables["orders"], tables["stock"], told=paid_numbers
    )


@pytest.mark.both_databases
def test_what_happens_while_the_shop_is_read_is_not_seen_by_halves(database_url: str) -> None:
    reader, writer = create_engine(database_url), create_engine(database_url)
    probe = "SELECT id FROM write_probe"

    @event.listens_for(reader, "after_cursor_execute")
    def write(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement == probe:
            with writer.begin() as connection:
                connection.execute(text("DELETE FROM write_probe"))

    with writer.begin() as connection:
        connection.execute(text("DELETE FROM write_probe"))
        connection.execute(text("INSERT INTO write_probe VALUES (1, '2026-12-01 00:00:00+00')"))
    assert rows_of_one_moment(reader, probe, probe) == [[{"id": 1}], [{"id": 1}]]
    for engine in (reader, writer):
        engine.dispose()
