"""Readiness: an answer of 200 means that the database can be written, too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from storefront.core.database import db
from testkit.databases import SqliteFiles
from testkit.shortage import answers_when_short_of, are_open, read_only

OpenShop = Callable[..., Flask]


class Ticks:
    """A monotonic clock that only the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def readiness(app: Flask) -> tuple[int, str]:
    """What a load balancer is answered."""
    answer = app.test_client().get("/readyz")
    return answer.status_code, answer.get_json()["status"]


def test_a_read_only_database_is_not_ready(app: Flask) -> None:
    with read_only(app):
        assert readiness(app) == (503, "the database is read-only")


def test_a_file_that_is_opened_for_reading_alone_is_not_ready(
    another_shop: OpenShop, sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    with sqlite_files.fresh(tmp_path / "shop", stocked=True) as url:
        path = url.removeprefix("sqlite:///")
        app = another_shop(DATABASE_URL=f"sqlite:///file:{path}?mode=ro&uri=true")
        assert readiness(app) == (503, "the database is read-only")


def test_an_answer_about_readiness_is_kept_for_some_seconds(
    another_shop: OpenShop, stocked_database_url: str
) -> None:
    ticks = Ticks()
    app = another_shop(DATABASE_URL=stocked_database_url, MONOTONIC_CLOCK=ticks)
    assert readiness(app) == (200, "ok")
    with read_only(app):
        ticks.now += 4
        assert readiness(app) == (200, "ok")
        ticks.now += 2
        assert readiness(app)[0] == 503
    assert readiness(app)[0] == 503
    ticks.now += 6
    assert readiness(app) == (200, "ok")


def test_a_disk_that_is_almost_full_is_not_ready(
    another_shop: OpenShop, sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    with sqlite_files.fresh(tmp_path / "shop", stocked=True) as url:
        app = another_shop(DATABASE_URL=url, LEAST_FREE_BYTES=10**18)
        assert readiness(app) == (503, "the disk of the database is almost full")


def test_a_pool_without_a_free_connection_is_not_ready(
    another_shop: OpenShop, stocked_database_url: str
) -> None:
    one = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.05}
    app = another_shop(DATABASE_URL=stocked_database_url, SQLALCHEMY_ENGINE_OPTIONS=one)
    with app.app_context():
        engine = db.engine
    with engine.connect():
        assert readiness(app) == (503, "the database is busy")


@pytest.mark.long
def test_a_disk_that_takes_nothing_is_not_ready_and_pages_can_still_be_read(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    with sqlite_files.fresh(tmp_path / "shop", stocked=True) as url:
        answers = answers_when_short_of("disk", "warm", url)
    ready = answers["during"].pop("GET /readyz")
    assert (ready["status"], json.loads(ready["text"])["status"]) == (
        503,
        "the disk of the database fails, or is full",
    )
    for moment in ("before", "during", "after"):
        assert are_open(answers[moment]), moment
