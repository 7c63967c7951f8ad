"""Name the files of backups, and tell how old the last one is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

STAMP = "%Y%m%dT%H%M%SZ"
FILE_NAME = re.compile(r"storefront-(\d{8}T\d{6}Z)\.zip")
DAILY = 26  # hours: a daily backup may begin late and take long


def stamp(at: datetime) -> str:
    """Return a moment as names of files have it, in UTC."""
    return at.astimezone(UTC).strftime(STAMP)


def file_name(at: datetime) -> str:
    """Return what a backup of this moment is called."""
    return f"storefront-{stamp(at)}.zip"


def taken_at(path: Path) -> datetime | None:
    """Return when a backup was taken, by its name; None if it is not called like one."""
    found = FILE_NAME.fullmatch(path.name)
    return datetime.strptime(found[1], STAMP).replace(tzinfo=UTC) if found else None


def backups_in(folder: Path) -> list[Path]:
    """Return the finished backups of a folder, oldest first."""
    return sorted(path for path in folder.iterdir() if taken_at(path) is not None)


def last_backup(folder: Path, now: datetime, hours: float = DAILY) -> tuple[bool, str]:
    """Return whether the last backup in a folder is young enough, and a sentence that says it."""
    try:
        found = backups_in(folder)
    except OSError as error:
        return False, f"the folder of the backups, {folder}, cannot be read: {error.strerror}"
    at = taken_at(found[-1]) if found else None
    if at is None:
        return False, f"there is no backup in {folder}"
    age = (now - at) / timedelta(hours=1)
    young = f"the last backup in {folder} is {max(age, 0):.0f} hours old"
    return age < hours, young if age < hours else f"{young}: more than {hours:g}"
