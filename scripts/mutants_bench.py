"""Make mutmut's runs bearably quick: a pytest plugin for them alone (`-p scripts.mutants_bench`).

The databases' templates are made once: every mutant has a process of its own, forked from one that
has run all tests, so what is made before the fork is there for all of them. And the quick tests run
first, since the first that fails is the last one that runs.
"""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

import pytest

from testkit import databases

prepare = databases.prepare


@cache
def template(*, stocked: bool) -> Path:
    """A prepared SQLite file, to be copied."""
    path = Path(tempfile.mkdtemp(prefix="storefront-mutants-")) / "template.sqlite3"
    prepare(f"sqlite:///{path}", stocked=stocked)
    return path


def copied(url: str, *, stocked: bool) -> None:
    """What ``prepare`` does, from the template."""
    shutil.copy(template(stocked=stocked), url.removeprefix("sqlite:///"))


databases.prepare = copied


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that need the sandbox's server behind those that need none."""
    items.sort(key=lambda item: "sandbox" in getattr(item, "fixturenames", ()))
