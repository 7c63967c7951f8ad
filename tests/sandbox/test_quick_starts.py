"""Every script and program that docs/sandbox/ prints runs as it stands, and fails loudly."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jibit_sandbox import running_sandbox
from jibit_sandbox.testing import SandboxWorld
from tests.sandbox.tables import PAGES

LISTING = re.compile(r"<!-- (?:script|program): (\S+) -->\n\n```\w+\n(.*?)```", re.DOTALL)
LISTINGS = {
    name: text for page in PAGES.glob("*.md") for name, text in LISTING.findall(page.read_text())
}
PERSIAN = PAGES.parent / "fa" / "sandbox"
PAID = {"v2": "the money is taken", "v3": '"state":"SUCCESS"', "wallet": '"errorCode":0'}
PROGRAMS = {"buy.php": "php", "buy.mjs": "node"}
LOST = "the inquiry says SUCCESS"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxWorld]:
    with running_sandbox() as world:
        yield world


def run(command: str, name: str, folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    """Run a listing by a program of this machine; skip where there is none."""
    if not shutil.which(command):
        pytest.skip(f"{command} is not installed")
    (folder / name).write_text(LISTINGS[name], "utf-8")
    environment = os.environ | {"SANDBOX_URL": url}
    return subprocess.run(
        [command, name],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(not shutil.which("curl"), reason="the scripts are for people who have curl")
@pytest.mark.parametrize("name", PAID)
def test_a_script_plays_a_purchase(name: str, tmp_path: Path, sandbox: SandboxWorld) -> None:
    played = run("bash", name, tmp_path, sandbox.base_url)
    assert played.returncode == 0, played.stderr
    assert PAID[name] in played.stdout


@pytest.mark.skipif(not shutil.which("curl"), reason="the scripts are for people who have curl")
@pytest.mark.parametrize("name", PAID)
def test_a_script_says_nothing_of_money_without_a_sandbox(name: str, tmp_path: Path) -> None:
    played = run("bash", name, tmp_path, "http://127.0.0.1:9")
    assert played.returncode != 0
    assert not played.stdout
    assert "curl" in played.stderr


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_pays_whether_the_answer_comes_or_not(
    name: str, tmp_path: Path, sandbox: SandboxWorld
) -> None:
    played = run(PROGRAMS[name], name, tmp_path, sandbox.base_url)
    assert (played.returncode, played.stdout[:6]) == (0, "paid: "), played.stderr
    sandbox.behave("reset_after_commit", operation="verify")
    played = run(PROGRAMS[name], name, tmp_path, sandbox.base_url)
    assert played.returncode == 0, played.stderr
    assert LOST in played.stdout


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_fails_loudly_without_a_sandbox(name: str, tmp_path: Path) -> None:
    played = run(PROGRAMS[name], name, tmp_path, "http://127.0.0.1:9")
    assert played.returncode != 0
    assert "paid" not in played.stdout


@pytest.mark.parametrize("name", [name for name in LISTINGS if name.endswith(".py")])
def test_a_python_program_can_be_read(name: str) -> None:
    compile(LISTINGS[name], name, "exec")


def test_a_persian_page_prints_the_programs_of_the_english_one() -> None:
    for page in PERSIAN.glob("*.md"):
        assert code_on(page) <= code_on(PAGES / page.name), page.name


def code_on(page: Path) -> set[str]:
    """Return the listings of a page without their comments, which are in its language."""
    listings = re.findall(r"```\w+\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    return {re.sub(r"(?<!:)//.*", "", listing) for listing in listings}
