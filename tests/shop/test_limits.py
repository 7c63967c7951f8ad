"""Counting what strangers repeat: on both databases and on a real Redis server."""

from __future__ import annotations

import logging
import sqlite3
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from limits import RateLimitItemPerMinute
from sqlalchemy import text

from storefront.core.database import db
from storefront.core.limits import PAUSE_SECONDS, Limits, current_limits
from storefront.core.limits_storage import COUNTERS, PRUNED_AT_ONCE
from testkit.clock import MovingClock
from testkit.databases import SqliteFiles
from testkit.processes import free_port
from testkit.redis_server import NO_SERVER, redis_server, server_program

THREE = RateLimitItemPerMinute(3, namespace="three in a minute")
MANY = RateLimitItemPerMinute(1_000, namespace="many")

OpenShop = Callable[..., Flask]


@pytest.fixture
def shop(database_url: str, another_shop: OpenShop) -> Iterator[Flask]:
    app = another_shop(DATABASE_URL=database_url)
    with app.app_context():
        yield app


@pytest.fixture
def limits(shop: Flask) -> Limits:
    with limits_of(shop) as found:
        return found


@contextmanager
def limits_of(app: Flask) -> Iterator[Limits]:
    with app.app_context():
        yield current_limits()


def stored(app: Flask) -> dict[str, int]:
    """What stands in the database, by key."""
    engine = db.engine
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(beside(app))) as connection:
            return dict(connection.execute("SELECT key, hits FROM rate_limits").fetchall())
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT key, hits FROM rate_limits"))
        return {row.key: row.hits for row in rows}


def beside(app: Flask) -> Path:
    path = Path(app.config["DATABASE_URL"].removeprefix("sqlite:///"))
    return path.with_name(f"{path.stem}-limits{path.suffix}")


def test_a_client_has_its_tries_and_then_waits_for_the_window_to_end(
    limits: Limits, clock: MovingClock
) -> None:
    assert [limits.take(THREE, "a") for _ in range(3)] == [0, 0, 0]
    clock.advance(20)
    assert limits.take(THREE, "a") == limits.wait(THREE, "a") == 40
    assert limits.take(THREE, "b") == 0, "another client has its own"
    clock.advance(40)
    assert limits.take(THREE, "a") == 0
    assert limits.seen(THREE, "a") == 1, "a new window begins"


@pytest.mark.both_databases
def test_two_processes_count_together(
    limits: Limits, database_url: str, another_shop: OpenShop
) -> None:
    other = another_shop(DATABASE_URL=database_url)
    assert [limits.take(THREE, "a") for _ in range(2)] == [0, 0]
    with limits_of(other) as others:
        assert others.take(THREE, "a") == 0
        assert others.take(THREE, "a") > 0
    assert limits.take(THREE, "a") > 0


@pytest.mark.both_databases
def test_whoever_counts_at_the_same_time_is_counted_exactly(shop: Flask) -> None:
    def count(_number: int) -> None:
        with limits_of(shop) as limits:
            for _ in range(10):
                limits.count(MANY, "a")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(count, range(8)))
    assert current_limits().seen(MANY, "a") == 80


def test_a_client_that_is_over_writes_nothing(shop: Flask) -> None:
    limits = current_limits()
    for _ in range(3):
        limits.take(THREE, "a")
    before = stored(shop)
    assert all(limits.take(THREE, "a") for _ in range(50))
    assert stored(shop) == before
    assert list(before.values()) == [3]


def test_counters_that_are_over_go_as_new_ones_come(shop: Flask, clock: MovingClock) -> None:
    limits = current_limits()
    for number in range(PRUNED_AT_ONCE):
        limits.count(THREE, f"old {number}")
    clock.advance(61)
    limits.count(THREE, "new")
    assert len(stored(shop)) == 1


def test_a_clock_that_was_set_back_locks_nobody_out(limits: Limits, clock: MovingClock) -> None:
    for _ in range(3):
        limits.take(THREE, "a")
    clock.set_by(-3600)
    assert limits.take(THREE, "a") == 0
    assert limits.seen(THREE, "a") == 1


def test_the_storage_does_what_the_library_asks_of_one(limits: Limits, clock: MovingClock) -> None:
    storage = limits.storage
    assert storage.check()
    assert [storage.incr("a", 60, amount) for amount in (1, 4)] == [1, 5]
    assert storage.get_expiry("a") == clock.now().timestamp() + 60
    assert (storage.get("b"), storage.get_expiry("b")) == (0, clock.now().timestamp())
    storage.clear("a")
    assert storage.get("a") == 0
    storage.incr("a", 60)
    storage.incr("b", 60)
    assert storage.reset() == 2


def test_on_sqlite_counting_never_waits_for_who_writes_in_the_shop(shop: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL locks rows, not files")
    with closing(sqlite3.connect(shop.config["DATABASE_URL"].removeprefix("sqlite:///"))) as writer:
        writer.isolation_level = None
        writer.execute("BEGIN IMMEDIATE")
        assert current_limits().take(THREE, "a") == 0
        assert current_limits().seen(THREE, "a") == 1
        writer.execute("ROLLBACK")
    assert stat.S_IMODE(beside(shop).stat().st_mode) == 0o600


def test_a_shop_that_cannot_count_goes_on_and_says_so_once_in_a_while(
    shop: Flask, clock: MovingClock, caplog: pytest.LogCaptureFixture
) -> None:
    _lose_the_counters(shop)
    limits = current_limits()
    with caplog.at_level(logging.ERROR):
        assert [limits.take(THREE, "a") for _ in range(20)] == [0] * 20
        assert limits.is_down
        assert len(caplog.records) == 1
        clock.advance(PAUSE_SECONDS)
        assert limits.take(THREE, "a") == 0
    assert len(caplog.records) == 2


def _lose_the_counters(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        beside(app).mkdir()
    else:
        with db.engine.begin() as connection:
            connection.execute(text(f"DROP TABLE {COUNTERS.name}"))


@pytest.fixture
def program() -> str:
    found = server_program()
    if found is None:
        pytest.skip(NO_SERVER)
    return found


def test_redis_counts_for_all_processes_and_the_shop_survives_its_end(
    sqlite_url: str, another_shop: OpenShop, program: str, tmp_path: Path
) -> None:
    with redis_server(tmp_path, program) as (url, server):
        shops = [another_shop(DATABASE_URL=sqlite_url, LIMITS_URL=url) for _ in range(2)]
        with limits_of(shops[0]) as first, limits_of(shops[1]) as second:
            assert [first.take(THREE, "a"), second.take(THREE, "a"), first.take(THREE, "a")] == [
                0
            ] * 3
            assert 0 < second.take(THREE, "a") <= 60
            assert second.seen(THREE, "a") == 3, "one that is over is not counted"
            server.kill()
            assert [second.take(THREE, "a") for _ in range(3)] == [0] * 3
            assert second.is_down


def test_a_redis_that_was_never_there_stops_no_shop(
    sqlite_url: str, another_shop: OpenShop
) -> None:
    shop = another_shop(DATABASE_URL=sqlite_url, LIMITS_URL=f"redis://127.0.0.1:{free_port()}")
    with limits_of(shop) as limits:
        assert limits.take(THREE, "a") == 0


@pytest.fixture
def sqlite_url(sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[str]:
    with sqlite_files.fresh(tmp_path / "shop", stocked=False) as url:
        yield url
