"""Two releases on one database: swap the code in the middle of a storm, and go back.

The former release is checked out from git. The schema is upgraded while it serves; the new one
comes up beside it, the former one ends; then the same back again, without the schema.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event

import flask_migrate

from drills.plan import WrongPlan
from drills.system import PATIENCE, System
from storefront.devserver.main import flask_command
from storefront.devserver.supervisor import say
from testkit.databases import in_a_shop_on
from testkit.processes import ROOT, Process, wait_until

BEFORE_TWO_RELEASES = "52d48cb"  # the last commit before upgrades without a stop were rehearsed
COMPILE = "from storefront.cli.first_start import compile_translations; compile_translations()"
PAUSE = 1 / 8  # of the storm, before each of four steps; it lasts longer if these do


def is_there(revision: str) -> bool:
    """Return whether git has this commit here; a shallow clone may not."""
    found = _git("cat-file", "-e", f"{revision}^{{commit}}")
    return found.returncode == 0


def former_release(revision: str | None, database_url: str, folder: Path) -> Path | None:
    """Return the code of the release that serves first; the new database gets its schema."""
    if revision is None:
        return None
    code = check_out(revision, folder)
    take_schema_back(database_url, code)
    return code


def check_out(revision: str, folder: Path) -> Path:
    """Write the code of a commit into a folder. Raises WrongPlan if there is no such commit."""
    if not is_there(revision):
        raise WrongPlan(f"CHAOS_UPGRADE should be a commit that is here, not {revision!r}")
    code = folder / "former-release"
    packed = io.BytesIO(_git("archive", "--format=tar", revision).stdout)
    with tarfile.open(fileobj=packed) as archive:
        archive.extractall(code, filter="data")
    subprocess.run([sys.executable, "-c", COMPILE], cwd=code, check=True)
    return code


def _git(*words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, check=False)


def take_schema_back(database_url: str, code: Path) -> None:
    """Give a database that was just made the schema of a release."""
    last = max(path.name for path in (code / "migrations" / "versions").glob("[0-9]*.py"))
    revision = last.partition("_")[0]
    in_a_shop_on(database_url, lambda: flask_migrate.downgrade(revision=revision))


class Swap:
    """Brings the new release up beside the former one in a storm, and goes back."""

    def __init__(self, system: System, former: Path) -> None:
        self._system, self._former = system, former
        self.stages: list[str] = []  # that were reached

    def run(self, over: Event, storm: float) -> None:
        """Go through the stages, unless the storm is over before; it lasts until this is done."""
        for name, step in self._steps().items():
            if over.wait(storm * PAUSE):
                return
            step()
            self.stages.append(name)
            say(name)
        over.wait(storm * PAUSE)

    def _steps(self) -> Mapping[str, Callable[[], None]]:
        return {
            "the schema is upgraded, the new release serves beside the former one": self._go_on,
            "the former release has ended": self._system.end_former,
            "the former release serves beside the new one": self._go_back,
            "the new release has ended": self._system.end_former,
        }

    def _go_on(self) -> None:
        migration = Process(
            flask_command("db", "upgrade"), self._system.environment, self._system.log("migration")
        )
        migration.start()
        wait_until(migration.ended, "the schema is upgraded", PATIENCE)
        if migration.wait():
            raise RuntimeError(migration.output)
        self._system.come_beside(ROOT)

    def _go_back(self) -> None:
        self._system.come_beside(self._former)
