"""docs/sandbox/ says what the source says, and its scripts and programs work as they stand."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import jibit_sandbox
from jibit_sandbox.testing import SandboxWorld
from tests.sandbox.merchant import Merchant
from tests.sandbox.tables import ENDING, PAGES, TABLES, opening, page_of

pytest_plugins = ["jibit_sandbox.pytest_plugin"]
FOLDER = Path(jibit_sandbox.__file__).parent


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_what_the_source_says(name: str) -> None:
    printed = page_of(name).read_text("utf-8").split(opening(name))[1].split(ENDING)[0]
    assert printed == TABLES[name](), "run python -m tests.sandbox.tables"


@pytest.mark.skipif(not shutil.which("curl"), reason="the lines are for people who have curl")
def test_the_lines_of_the_front_page_work_as_they_stand(tmp_path: Path) -> None:
    words = (PAGES.parent.parent / "README.md").read_text("utf-8")
    block = re.search(r"<!-- walk -->\n\n```sh\n(.*?)```", words, re.DOTALL)
    assert block
    assert block[1].count("\n") <= 11
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    folder = Path(sys.executable).parent
    settings = {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "SANDBOX_DATABASE": str(tmp_path / "sandbox.sqlite3"),
    }
    lines = block[1].replace("8001", port)
    walked = subprocess.run(
        ["bash", "-c", lines],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | settings,
    )
    assert walked.returncode == 0, walked.stderr
    assert "the answer is lost, the money is taken" in walked.stdout
    assert '"status":"SUCCESS"' in walked.stdout
    alone = lines.partition("\n")[2]  # without a sandbox nothing may look like a success
    failed = subprocess.run(["bash", "-c", alone], capture_output=True, text=True, check=False)
    assert "the money is taken" not in failed.stdout
    assert "FAILED" in failed.stderr


def test_the_fixture_gives_every_test_a_world_of_its_own(jibit_world: SandboxWorld) -> None:
    merchant = Merchant(jibit_world)
    assert merchant.generate().ok
    assert merchant.listed() == []
    assert jibit_world.name.startswith("test-")
    merchant.session.close()


def test_the_folders_that_the_page_names_are_those_of_the_package() -> None:
    section = (
        (PAGES / "inside.md").read_text("utf-8").split("## Where things are")[1].split("\n## ")[0]
    )
    named = set(re.findall(r"`([a-z0-9_]+)/[a-z0-9_/]*`", section)) - {"jibit_sandbox"}
    assert named == {path.parent.name for path in FOLDER.glob("*/__init__.py")}
