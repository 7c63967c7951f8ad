"""What a shop may lack for a while: a database that takes writes, file descriptors, disk space."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event

from storefront.core.database import db
from testkit.processes import PATIENCE_SECONDS, ROOT

STAYS_READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "postgresql": "SET default_transaction_read_only = on",
}


@contextmanager
def read_only(app: Flask) -> Iterator[None]:
    """The database is read-only, and so is for life each connection that is opened meanwhile."""
    with app.app_context():
        engine = db.engine

    def spoil(connection: Any, _record: Any) -> None:
        connection.cursor().execute(STAYS_READ_ONLY[engine.dialect.name])
        connection.commit()

    engine.dispose()
    event.listen(engine, "connect", spoil)
    yield
    event.remove(engine, "connect", spoil)


def answers_when_short_of(what: str, state: str, url: str) -> dict[str, Any]:
    """What pages answer in a process that runs out of something, by moment and page; the log."""
    command = [sys.executable, "-m", "testkit.scarce", what, state, url]
    ran = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
    )
    assert ran.returncode == 0, ran.stderr
    answers: dict[str, Any] = json.loads(ran.stdout)
    return {**answers, "log": ran.stderr}


def are_open(answers: dict[str, Any]) -> bool:
    """Whether every page was shown; the old form is answered with 400."""
    return {name: answer["status"] for name, answer in answers.items()} == {
        name: 400 if name.startswith("POST") else 200 for name in answers
    }
