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

make_templates = databases.make_sqlite_templates


@cache
def templates() -> Path:
    """The folder of the prepared SQLite files, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="storefront-mutants-"))
    make_templates(folder)
    return folder


def copy_templates(folder: Path) -> None:
    """What ``make_sqlite_templates`` does, once for all."""
    shutil.copytree(templates(), folder, dirs_exist_ok=True)


databases.make_sqlite_templates = copy_templates


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that need the sandbox's server behind those that need none."""
    items.sort(key=lambda item: "sandbox" in getattr(item, "fixturenames", ()))
