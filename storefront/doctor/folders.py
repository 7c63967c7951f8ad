"""Check what the shop writes: folders, the rights of its files, and room on the disks."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import current_app

from storefront.core.database import db
from storefront.core.private_files import FOR_OTHERS
from storefront.doctor.findings import Finding, Findings, not_checked, ok, warning, wrong
from storefront.monitoring.readiness import LEAST_FREE_BYTES

# Where docs/operations keeps the settings; whoever uses another file looks after it.
ENVIRONMENT_FILES = (Path("/etc/storefront.env"),)
LITTLE_BYTES = 1024**3
GIGABYTE = 1024**3


def writable() -> Findings:
    """Check that this user can write wherever the shop does, and is the user that does so."""
    folders = _folders()
    found = [each for folder in folders if (each := _unwritable(folder))]
    yield from found or [ok(f"{len(folders)} can be written: {', '.join(map(str, folders))}")]
    yield from _another_user(Path(current_app.instance_path))


def _folders() -> list[Path]:
    """Return the folders that the shop writes into, those that are there; none twice.

    SQLite's has the counters of the limits, too, in a file beside the database.
    """
    named = [Path(current_app.instance_path), Path(current_app.config["UPLOADS_FOLDER"])]
    if db.engine.dialect.name == "sqlite" and (file := _sqlite_file()):
        named.append(file.parent)
    return list(dict.fromkeys(_nearest(each.resolve()) for each in named))


def _sqlite_file() -> Path | None:
    name = (db.engine.url.database or ":memory:").removeprefix("file:").partition("?")[0]
    return None if name == ":memory:" else Path(name)


def _nearest(folder: Path) -> Path:
    """Return the folder, or the one that it would be made in."""
    return folder if folder.exists() else _nearest(folder.parent)


def _unwritable(folder: Path) -> Finding | None:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        todo = f"give it to the shop's user, and mount it to be written: chown -R USER {folder}"
        return wrong(f"{folder} cannot be written: {error.strerror}", todo)


def _another_user(folder: Path) -> Findings:
    if os.name == "posix" and folder.exists() and folder.stat().st_uid != os.geteuid():
        sentence = f"{folder} belongs to another user than the one who runs this command"
        yield warning(sentence, "run shop, worker and commands as one user: sudo -u USER flask ...")


def private() -> Findings:
    """Check that nobody else on this machine can read keys and databases."""
    if os.name != "posix":
        yield not_checked("this system has no such rights", "protect the folder instance yourself")
        return
    open_to_others = [path for path in _secret_files() if _mode(path) & FOR_OTHERS]
    yield from [
        wrong(f"{path} can be read by others", f"chmod go-rwx {path}") for path in open_to_others
    ] or [ok("only their owner can read them")]


def _secret_files() -> Iterator[Path]:
    folder = Path(current_app.instance_path)
    database = _sqlite_file() if db.engine.dialect.name == "sqlite" else None
    named = [folder, database, *ENVIRONMENT_FILES]
    yield from (path for path in named if path and path.exists())
    if os.access(folder, os.R_OK | os.X_OK):
        yield from (path for path in folder.iterdir() if path.is_file())


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def disk_space() -> Findings:
    """Check that the disks of those folders have room."""
    free = {folder: shutil.disk_usage(folder).free for folder in _folders()}
    little = {folder: room for folder, room in free.items() if room < LITTLE_BYTES}
    for folder, room in little.items():
        sentence = f"{folder} has {room / GIGABYTE:.2f} GB left"
        judge = wrong if room < LEAST_FREE_BYTES else warning
        yield judge(sentence, "make room, or move it to a larger disk")
    if not little:
        yield ok(f"{min(free.values()) / GIGABYTE:.0f} GB left")
