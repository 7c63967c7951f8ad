"""For mutmut's runs alone (`-p scripts.mutants_bench`): the databases' templates are made once.

Every mutant has a process of its own, forked from one that has run all tests; what it makes before
the fork is there for all of them.
"""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

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
