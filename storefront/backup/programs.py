"""Run PostgreSQL's own programs; the password is never on a command line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Dialect

from storefront.backup.manifest import Refused

DEBIAN = "/usr/lib/postgresql/{major}/bin"
INHERITED = ("PATH", "HOME", "LD_LIBRARY_PATH", "TZ")
LONGEST_WORDS = 300


class Programs:
    """``pg_dump`` and ``pg_restore`` of one version: in a folder, or wherever they are found."""

    def __init__(self, major: int, folder: Path | None) -> None:
        self._major = major
        path = os.environ.get("PATH", os.defpath)
        places = [str(folder)] if folder else [*path.split(os.pathsep), DEBIAN.format(major=major)]
        self._places = list(dict.fromkeys(places))

    def run(self, name: str, url: URL | None, *arguments: str) -> None:
        """Run a program, on a database if a URL is given. Raises :class:`Refused`."""
        conninfo, secret = _connection(url) if url is not None else ([], {})
        words = [self._found(name), *conninfo, *arguments]
        ended = subprocess.run(words, env=_environment() | secret, capture_output=True, check=False)
        if ended.returncode:
            raise Refused(f"{name} could not do it: {_first_error(ended.stderr)}")

    def _found(self, name: str) -> str:
        for place in self._places:
            program = shutil.which(name, path=place)
            if program and _major_of(program) == self._major:
                return program
        raise Refused(
            f"the server is PostgreSQL {self._major}, and its {name} was not found: install"
            f" postgresql-client-{self._major}, or name the folder with --programs"
        )


def _major_of(program: str) -> int | None:
    ended = subprocess.run(
        [program, "--version"], env=_environment(), capture_output=True, text=True, check=False
    )
    found = re.search(r" (\d+)[.\d]*", ended.stdout)
    return int(found[1]) if found else None


def _environment() -> dict[str, str]:
    """Return what a program needs of ours: none of the shop's settings, but PGPASSFILE and such."""
    kept = {n: v for n, v in os.environ.items() if n in INHERITED or n.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def _connection(url: URL) -> tuple[list[str], dict[str, str]]:
    dialect: Dialect = url.get_dialect()()
    given = dict(dialect.create_connect_args(url)[1])
    password = given.pop("password", None)
    secret = {"PGPASSWORD": str(password)} if password else {}
    return ["--no-password", f"--dbname={make_conninfo(**given)}"], secret


def _first_error(words: bytes) -> str:
    """Return what went wrong, without what follows it: that may be rows of the database."""
    lines = words.decode(errors="replace").splitlines()
    wrong = [line for line in lines if "error:" in line] or lines or ["it says nothing"]
    return wrong[0][:LONGEST_WORDS]
