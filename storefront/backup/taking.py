"""Take a backup: dump, pictures and manifest in one file, which is read back before it counts."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storefront.backup import archive
from storefront.backup.kinds import Backup
from storefront.backup.manifest import Manifest, Refused
from storefront.core.backup_files import backups_in, file_name
from storefront.monitoring.installation import installation

UNFINISHED = ".storefront-backup-"
ABANDONED = timedelta(days=1)  # by a run that was killed
NOT_THE_SAME = "{} does not hold what the database held: it is removed. Try once more"


def take(
    backup: Backup, folder: Path, uploads: Path, now: datetime, *, verify: bool
) -> tuple[Path, Manifest]:
    """Write a backup into the folder, under its name only when it is whole and on the disk."""
    target = folder / file_name(now)
    if target.exists():
        raise Refused(f"{target} is there already")
    with _workroom(folder, now) as room:
        unfinished = room / target.name
        manifest = _write(backup, unfinished, uploads, now)
        _read_back(backup, unfinished, manifest, verify=verify)
        unfinished.chmod(0o600)
        archive.bring_to_disk(unfinished)
        os.replace(unfinished, target)
    archive.bring_to_disk(folder)
    return target, manifest


def keep_only(folder: Path, number: int) -> list[Path]:
    """Remove all backups but so many of the newest; return what was removed."""
    removed = backups_in(folder)[:-number]
    for path in removed:
        path.unlink()
    return removed


@contextmanager
def _workroom(folder: Path, now: datetime) -> Iterator[Path]:
    """Lend a folder that only we can read, beside the finished backups: on the same disk."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for left in folder.glob(f"{UNFINISHED}*"):
            if now - datetime.fromtimestamp(left.stat().st_mtime, UTC) > ABANDONED:
                shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=folder) as room:
            yield Path(room)
    except OSError as error:
        raise Refused(f"no backup could be written in {folder}: {error.strerror}") from None


def _write(backup: Backup, target: Path, uploads: Path, now: datetime) -> Manifest:
    """Dump first, pictures afterwards: those that the dump names are then there."""
    dump = target.with_name("dump")
    facts = backup.dump(dump)
    with archive.new(target) as file:
        with dump.open("rb") as source:
            parts = {archive.DUMP: archive.add(file, archive.DUMP, source, packed=backup.packed)}
        dump.unlink()
        parts |= archive.add_pictures(file, uploads)
        code = installation().versions["storefront"]
        manifest = Manifest(backup.kind, code, now.astimezone(UTC), facts, parts)
        file.writestr(archive.MANIFEST, manifest.as_text())
    return manifest


def _read_back(backup: Backup, path: Path, manifest: Manifest, *, verify: bool) -> None:
    dump = path.with_name("read-back")
    with archive.opened(path) as found:
        found.extract_dump(dump)
    if found.manifest != manifest:
        raise Refused(NOT_THE_SAME.format("the file"))
    if not verify:
        backup.check(dump)
    elif backup.restored(dump) != manifest.facts:
        raise Refused(NOT_THE_SAME.format("the restored copy"))
