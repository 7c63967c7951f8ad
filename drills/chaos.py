"""Chaos: a load generator, faults on the wire and kill -9, and then the ledgers are compared.

``make chaos``. Exit code 0: every promise was kept; 1: one was broken; 2: it could not be run.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import Engine, create_engine, text

from drills import faults, pg_programs
from drills.comparison import Verdict, compare
from drills.failover import Failover, Failovers, prepared_pair
from drills.killer import Kill, Killer
from drills.ledgers import Ledgers, open_things, read_ledgers, rows, their_ledger
from drills.load import GOODS, LoadGenerator
from drills.merchant import SECRET, Merchant, open_merchant
from drills.pg_programs import NoPrograms
from drills.plan import PAIRS, Plan, WrongPlan, plans_from
from drills.poison import poison_letters
from drills.readings import Period, pass_through
from drills.releases import Swap, former_release
from drills.report import as_tables
from drills.server_pair import ServerPair
from drills.system import LOCAL, System
from drills.transfers import fail_some_transfers, let_transfers_end
from storefront.devserver.supervisor import say
from testkit.databases import PostgresServer, SqliteFiles
from testkit.processes import ROOT

A_FORTUNE = 10**14  # Rials in the wallet that all shoppers pay from


@dataclass(frozen=True)
class Outcome:
    """One database's run, and what was found afterwards."""

    periods: list[Period]
    kills: list[Kill]
    statistics: dict[str, Any]
    visits: int
    ledgers: Ledgers
    verdict: Verdict
    drained_in: float
    tracebacks: int
    failovers: list[Failover]
    shown: int
    stages: Sequence[str]


def run(
    plan: Plan,
    database_url: str,
    folder: Path,
    pair: ServerPair | None = None,
    build: Callable[..., System] = System,
    here: str = LOCAL,
) -> Outcome:
    """Storm, drain, compare, on one prepared database, whose primary may be one of a pair.

    ``build`` makes the system; ``here`` is where it reaches the merchant's own systems.
    """
    engine = create_engine(database_url, pool_pre_ping=True)
    former = former_release(plan.upgrade, database_url, folder)
    received = _fill_catalogue(engine)
    with open_merchant(plan.seed, here) as merchant:
        webhook = {"WEBHOOK_URL": merchant.url, "WEBHOOK_SECRET": SECRET}
        system = build(database_url, folder, plan, webhook, former or ROOT)
        swap = Swap(system, former) if former else None
        try:
            system.start_all()
            return _run(plan, system, engine, received, merchant, pair, swap)
        finally:
            system.stop()
            engine.dispose()


def _run(
    plan: Plan,
    system: System,
    engine: Engine,
    received: Mapping[str, int],
    merchant: Merchant,
    pair: ServerPair | None,
    swap: Swap | None,
) -> Outcome:
    system.bank.set_balance(A_FORTUNE)
    system.bank.switch(v3_refund=True)
    system.bank.chaos(plan.seed, faults.RATES)
    over = Event()
    load = LoadGenerator(system.shop_urls, system.bank, plan, over)
    visits, kills, periods, failovers = _storm(plan, system, load, over, engine, pair, swap)
    system.wait()
    statistics = system.bank.end_chaos()
    system.bank.forget_behaviours()
    drained_in = _drain(plan, engine)
    let_transfers_end(system.bank, engine)
    system.kill("merchant")
    drained_in += _drain(plan, engine)
    ledgers = read_ledgers(engine, {**os.environ, **system.environment}, their_ledger(system.bank))
    ledgers.told = set(merchant.numbers.values())
    verdict = compare(
        ledgers,
        plan,
        received,
        load.shown.paid,
        system.reachable_seconds,
        lambda identifier: system.bank.requests_seen(order=identifier),
        [
            *(kill.at for kill in kills if kill.victim != "gateway"),
            *(moment for each in failovers for moment in each.moments()),
            *system.cuts,
        ],
        load.shown.gone(ledgers),
    )
    tracebacks = sum(_tracebacks(log.read_text()) for log in system.folder.glob("*.log"))
    return Outcome(
        periods,
        kills,
        statistics,
        visits,
        ledgers,
        verdict,
        drained_in,
        tracebacks,
        failovers,
        load.shown.things,
        swap.stages if swap else (),
    )


def _tracebacks(log: str) -> int:
    """Count all but those of the letters that cannot be made."""
    return log.count("Traceback") - log.count("outbox: row")


def _storm(
    plan: Plan,
    system: System,
    load: LoadGenerator,
    over: Event,
    engine: Engine,
    pair: ServerPair | None,
    swap: Swap | None,
) -> tuple[int, list[Kill], list[Period], list[Failover]]:
    troubles = system.troubles(over)
    with ThreadPoolExecutor(6 + len(troubles)) as pool:
        shopping = pool.submit(load.run)
        killing = pool.submit(Killer(system, over).run, plan.strikes(system.victims))
        poisoning = pool.submit(poison_letters, engine, over)
        failing = pool.submit(fail_some_transfers, plan.seed, system.bank, engine, over)
        replacing = pool.submit(Failovers(pair, system, over).run, plan) if pair else None
        others = [pool.submit(trouble) for trouble in troubles]
        given: list[Future[Any] | None] = [shopping, killing, poisoning, failing, replacing]
        parts = [*others, *(part for part in given if part)]
        for part in parts:
            part.add_done_callback(lambda _: over.set())  # an error of our own ends the storm
        swapping = pool.submit(swap.run, over, plan.storm) if swap else None
        try:
            periods = pass_through(plan.readings, plan.gateway_turns, plan.storm, system.bank, over)
            if swapping:
                swapping.result()
        finally:
            over.set()
        for part in parts:
            part.result()  # what went wrong in it is raised
        failovers = replacing.result() if replacing else []
        return shopping.result(), killing.result(), periods, failovers


def _drain(plan: Plan, engine: Engine) -> float:
    """Wait until nothing is open; what is still open at the limit is found by the comparison."""
    began = time.monotonic()
    while open_things(engine) and time.monotonic() < began + plan.drain_limit:
        time.sleep(0.5)
    return time.monotonic() - began


def _fill_catalogue(engine: Engine) -> dict[str, int]:
    """Stock the goods that are bought. Gives every product's pieces by slug."""
    fill = text("UPDATE products SET stock_received = :n, stock_free = :n WHERE slug = :slug")
    with engine.begin() as connection:
        connection.execute(fill, [{"slug": slug, "n": pieces} for slug, pieces in GOODS.items()])
    return {row["slug"]: row["stock_received"] for row in rows(engine, "SELECT * FROM products")}


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[str, ServerPair | None]]:
    if kind == "sqlite":
        with SqliteFiles(folder).fresh(folder / "shop", stocked=True) as url:
            yield url, None
        return
    if kind in PAIRS:
        with prepared_pair(kind) as pair:
            yield pair.url, pair
        return
    server = PostgresServer()
    try:
        with server.fresh(folder, stocked=True) as url:
            yield url, None
    finally:
        server.stop()


def main(environment: Mapping[str, str]) -> int:
    """Run the plan of the environment and print its table. Returns the exit code."""
    try:
        plans = plans_from(environment)
        if any(plan.failovers for plan in plans.values()):
            pg_programs.folder()
    except (WrongPlan, NoPrograms) as problem:
        say(str(problem))
        return 2
    with _folder() as folder:
        outcomes = {name: _on(name, plan, folder) for name, plan in plans.items()}
        say(as_tables(outcomes))
        if not all(outcome.verdict.kept for outcome in outcomes.values()):
            raise PromiseBroken
    return 0


class PromiseBroken(Exception):
    """The table says which one."""


@contextmanager
def _folder() -> Iterator[Path]:
    """For the logs and the gateway's ledger; it stays, and is named, when something went wrong."""
    folder = Path(tempfile.mkdtemp(prefix="storefront-chaos-"))
    try:
        yield folder
    except Exception:
        say(f"The logs, the gateway's ledger and what is wrong are in {folder}")
        raise
    except KeyboardInterrupt:
        shutil.rmtree(folder)
        raise
    shutil.rmtree(folder)


def _on(name: str, plan: Plan, folder: Path) -> Outcome:
    say(f"CHAOS_SEED={plan.seed}: {plan.storm:.0f} s of faults and kills on {name}")
    folder = folder / name.replace(" ", "-")
    folder.mkdir()
    with _database(plan.database, folder) as (url, pair):
        outcome = run(plan, url, folder, pair)
    wrong = {promise: rows for promise, rows in outcome.verdict.wrong.items() if rows}
    (folder / "wrong.json").write_text(json.dumps(wrong, indent=1))
    orders, kills = len(outcome.ledgers.orders), len(outcome.kills)
    say(f"{name}: {orders} orders, {kills} kills, {len(wrong)} broken promises")
    return outcome


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main(os.environ))
    except PromiseBroken:
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
