"""Two releases share one database while shops are upgraded: the schema only grows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from flask import Flask, current_app

from drills.chaos import run
from drills.plan import Plan, WrongPlan, plans_from
from drills.releases import BEFORE_TWO_RELEASES, check_out, is_there
from storefront.core.database import db
from testkit.cases import naming
from testkit.processes import ROOT
from testkit.schemas import Schema, schema_of, taken_away

FIRST = "0033"  # from the migration after this one on, two releases share a database
PAGE = ROOT / "docs" / "operations" / "upgrades.md"
CONTRACTS = re.compile(r"^\| `(\d{4})` \| ", flags=re.M)


def _later_migrations() -> list[str]:
    config = current_app.extensions["migrate"].migrate.get_config()
    script = ScriptDirectory.from_config(config)
    found = [each.revision for each in script.walk_revisions(FIRST, "heads")]
    return [revision for revision in reversed(found) if revision != FIRST]


def _schema() -> Schema:
    with db.engine.connect() as connection:
        return schema_of(connection)


def test_a_migration_only_adds_what_the_release_before_can_leave_alone(bare_app: Flask) -> None:
    announced = set(CONTRACTS.findall(PAGE.read_text(encoding="utf-8")))
    with bare_app.app_context():
        later = _later_migrations()
        if later:
            flask_migrate.downgrade(revision=FIRST)
        before = _schema()
        for revision in later:
            flask_migrate.upgrade(revision=revision)
            after = _schema()
            with naming(revision):
                assert bool(taken_away(before, after)) is (revision in announced)
            before = after
    assert announced <= set(later)


GROWS: dict[str, Callable[[Operations], object]] = {
    "a table": lambda op: op.create_table("u", sa.Column("id", sa.Integer, nullable=False)),
    "may be empty": lambda op: op.add_column("t", sa.Column("new", sa.Integer)),
    "has a default": lambda op: op.add_column(
        "t", sa.Column("new", sa.Integer, nullable=False, server_default="0")
    ),
    "an index": lambda op: op.create_index("ix", "t", ["a"]),
}
BREAKS: dict[str, Callable[[Operations], object]] = {
    "t is gone": lambda op: op.drop_table("t"),
    "t is gone ": lambda op: op.rename_table("t", "u"),
    "t.a is gone": lambda op: op.drop_column("t", "a"),
    "t: unique:a": lambda op: op.create_index("ix", "t", ["a"], unique=True),
}


def test_what_breaks_the_release_before_is_found() -> None:
    for wanted, cases in ((False, GROWS), (True, BREAKS)):
        for name, change in cases.items():
            with naming(name):
                found = _changed(change)
                assert bool(found) is wanted
                assert not wanted or found[0].startswith(name.strip())
    required = {"t": {"a": {"required": True}}}
    assert taken_away({"t": {}}, required) == [
        "t.a must be filled in, and the release before does not know it"
    ]
    was, now = {"type": "INTEGER", "nullable": True}, {"type": "INTEGER", "nullable": False}
    assert taken_away({"t": {"a": was}}, {"t": {"a": now}}) == ["t.a may not be empty any more"]


def _changed(change: Callable[[Operations], object]) -> list[str]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER, b INTEGER)")
        before = schema_of(connection)
        change(Operations(MigrationContext.configure(connection)))
        found = taken_away(before, schema_of(connection))
    engine.dispose()
    return found


def test_the_commit_of_the_former_release_must_be_there(tmp_path: Path) -> None:
    assert plans_from({"CHAOS_UPGRADE": "abc"})["sqlite"].upgrade == "abc"
    with pytest.raises(WrongPlan, match="CHAOS_UPGRADE"):
        check_out("no-such-commit", tmp_path)


@pytest.mark.long
def test_nothing_is_lost_while_two_releases_share_a_database(
    stocked_database_url: str, tmp_path: Path
) -> None:
    if not is_there(BEFORE_TWO_RELEASES):
        pytest.skip(f"the clone is shallow: commit {BEFORE_TWO_RELEASES} is not in it")
    plan = Plan(7, storm=40, shoppers=3, kill_gaps=(2, 5), upgrade=BEFORE_TWO_RELEASES)
    outcome = run(plan, stocked_database_url, tmp_path)
    assert {name: rows for name, rows in outcome.verdict.wrong.items() if rows} == {}
    assert len(outcome.kills) >= 2
    assert len(outcome.stages) == 4
