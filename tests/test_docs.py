"""What the documentation shows is what the code says."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from scripts.break_rules import broken_source
from scripts.rule_breaks import BREAKS
from testkit.processes import ROOT

RULE_NUMBERS = [*range(1, 31)]
RULES = (ROOT / "docs" / "correctness.md").read_text(encoding="utf-8")
GUARDS = re.findall(r"`(tests/\S+\.py)::(\w+)`", RULES)


def test_the_page_of_states_is_written_from_the_code() -> None:
    command = [sys.executable, "-m", "scripts.write_states", "--check"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0, (
        "docs/states.md is out of date: run python -m scripts.write_states"
    )


def test_every_rule_names_its_guard() -> None:
    rows = re.findall(r"^\| (\d+) \|.*::\w+` \|$", RULES, flags=re.M)
    assert [int(number) for number in rows] == RULE_NUMBERS
    for file, name in GUARDS:
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{name}"


def test_every_guard_of_a_rule_is_played_in_at_least_one_case(
    request: pytest.FixtureRequest,
) -> None:
    played = {
        (item.path.relative_to(ROOT).as_posix(), item.name.partition("[")[0])
        for item in request.session.items
    }
    if request.config.getoption("keyword") or {file for file, _ in GUARDS} - dict(played).keys():
        pytest.skip("only a run of all tests shows it")
    assert [guard for guard in GUARDS if guard not in played] == []


def test_every_rule_can_be_broken_on_purpose() -> None:
    assert {each.rule for each in BREAKS} == set(RULE_NUMBERS)
    for each in BREAKS:
        path, broken = broken_source(ROOT, each)
        compile(broken, path, "exec")


TUTORIALS = "".join(
    (ROOT / "docs" / page).read_text(encoding="utf-8")
    for page in ("walkthrough.md", "adding-a-gateway.md")
)
LISTINGS = re.findall(r"<!-- (\S+) -->\n```python\n(.*?)```", TUTORIALS, flags=re.S)


def test_every_listing_of_a_tutorial_names_its_file() -> None:
    assert len(LISTINGS) == TUTORIALS.count("```python") > 5


@pytest.mark.parametrize(("path", "listing"), LISTINGS)
def test_every_listing_of_a_tutorial_stands_in_the_source(path: str, listing: str) -> None:
    assert listing in (ROOT / path).read_text(encoding="utf-8")


MODULES = re.findall(r"(?:storefront|payment_engine|jibit_\w+)/[\w/]+\.py", RULES)


@pytest.mark.parametrize("path", sorted(set(MODULES)))
def test_every_module_that_the_rules_point_at_is_there(path: str) -> None:
    assert (ROOT / path).is_file()
