"""The rules for Prometheus: one for each alarm, on what the shop exports, with an entry to read."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from storefront.monitoring import logins
from storefront.monitoring.alarm_words import ALARMS
from storefront.monitoring.status import (
    LATE_JOB,
    LATE_NOTIFICATION,
    LATE_RECONCILIATION,
    OLD_DOUBT,
)
from testkit.cases import naming

ROOT = Path(__file__).parents[1]
MONITORING = ROOT / "deploy" / "monitoring"
METRIC = re.compile(r"\bstorefront_\w+")
PARTS = ("Means", "Urgent", "Look", "Do", "Ends")


@cache
def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return list(group["rules"])


def of_alarm(name: str) -> dict[str, Any]:
    (rule,) = [each for each in rules() if each["labels"].get("alarm") == name]
    return rule


def entries() -> dict[str, str]:
    """The entries of the page of alarms, by the anchors of their headings."""
    text = (ROOT / "docs" / "operations" / "alarms.md").read_text(encoding="utf-8")
    _, *parts = re.split(r"^##+ (.+)$", text, flags=re.MULTILINE)
    return {
        title.lower().replace(" ", "-"): body
        for title, body in zip(parts[::2], parts[1::2], strict=True)
    }


def needed_in(entry: str) -> tuple[str, ...]:
    """What an entry has to say; one with a table says there what to do."""
    return PARTS if "| do |" not in entry else tuple(each for each in PARTS if each != "Do")


def test_each_alarm_has_a_rule_and_each_rule_an_entry_that_says_what_to_do() -> None:
    assert {rule["labels"].get("alarm") for rule in rules()} - {None} == set(ALARMS)
    page, found = "docs/operations/alarms.md#", entries()
    for rule in rules():
        with naming(rule["alert"]):
            assert rule["labels"]["severity"] in ("critical", "warning", "info")
            assert rule["annotations"]["summary"]
            link = rule["annotations"]["runbook_url"]
            assert link.startswith(page)
            entry = found[link.removeprefix(page)]
            assert [part for part in needed_in(entry) if f"**{part}**" not in entry] == []
            assert rule["labels"].get("alarm") in (None, link.removeprefix(page))


def test_the_rules_have_the_thresholds_of_the_shop() -> None:
    ages = [("jobs", LATE_JOB), ("jobs", LATE_RECONCILIATION), ("oldest_doubt", OLD_DOUBT)]
    for alarm, most in [*ages, ("oldest_notification", LATE_NOTIFICATION)]:
        with naming(alarm, most):
            assert re.search(rf"> {most.total_seconds():.0f}\b", of_alarm(alarm)["expr"])
    assert f">= {logins.MANY}" in of_alarm("failed_logins")["expr"]


def test_every_metric_of_a_rule_is_one_that_a_shop_exports(bare_app: Flask) -> None:
    exported = set(METRIC.findall(bare_app.test_client().get("/metrics").text))
    named = {name for rule in rules() for name in METRIC.findall(rule["expr"])}
    assert named - exported == set()


@pytest.mark.parametrize(
    "command",
    [
        ["check", "rules", "alerts.yml"],
        pytest.param(["test", "rules", "alerts_test.yml"], marks=pytest.mark.long),
    ],
    ids=lambda command: command[0],
)
def test_promtool_finds_the_rules_right(command: list[str]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: apt install prometheus)")
    ended = subprocess.run([promtool, *command], cwd=MONITORING, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
