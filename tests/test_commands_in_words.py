"""A command that the database does not serve says so in a sentence, on any terminal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from storefront.catalogue.files import BUNDLED
from testkit.cases import naming
from testkit.settings import quiet_environment

OpenShop = Callable[..., Flask]
COMMANDS = (
    ["catalogue", "export"],
    ["catalogue", "import", str(BUNDLED), "--dry-run"],
    ["orders", "history", "1234567890"],
    ["outbox", "dead"],
    ["payments", "export"],
    ["privacy", "export", "09121234567"],
    ["reconciliation", "run"],
    ["recover"],
    ["seed"],
)


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        pytest.param("sqlite:///{folder}/empty.sqlite3", "run flask --app", id="without tables"),
        pytest.param("postgresql://me:secret@127.0.0.1:1/none", "not answer", id="unreachable"),
    ],
)
def test_every_command_says_what_the_database_needs(
    another_shop: OpenShop, tmp_path: Path, url: str, advice: str
) -> None:
    app = another_shop(DATABASE_URL=url.format(folder=tmp_path))
    for words in COMMANDS:
        with naming(*words):
            result = app.test_cli_runner().invoke(args=words)
            assert result.exit_code == 1
            (line,) = result.stderr.splitlines()
            assert line.startswith("Error: the database")
            assert advice in line
            assert "secret" not in result.output


@pytest.mark.long
def test_persian_is_printed_where_the_terminal_has_no_such_letters(
    stocked_database_url: str,
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "storefront", "catalogue", "export"],
        env={
            **quiet_environment(DATABASE_URL=stocked_database_url),
            "PYTHONIOENCODING": "cp1252",
        },
        capture_output=True,
        check=True,
    )
    assert "سفال" in done.stdout.decode("utf-8")
