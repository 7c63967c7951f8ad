"""Keep an uploaded catalogue file between its preview and the import, for a day at most."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from storefront.catalogue.files.tables import MOST_BYTES

KEPT = timedelta(days=1)
_NAME = re.compile(r"[0-9a-f]{32}")


class Gone(Exception):
    """The file was imported already, is being imported, or is too old."""


def keep(content: BinaryIO, folder: Path, now: datetime) -> str:
    """Keep a file, as far as an import would read it, and return its name; forget old ones."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _forget_old(folder, now)
    name = secrets.token_hex(16)
    path = folder / name
    path.write_bytes(content.read(MOST_BYTES + 1))
    os.utime(path, (now.timestamp(), now.timestamp()))
    return name


def path_of(name: str, folder: Path) -> Path:
    """Return where a file is. Raises :class:`Gone`."""
    path = folder / name
    if not _NAME.fullmatch(name) or not path.is_file():
        raise Gone(name)
    return path


@contextmanager
def taken(name: str, folder: Path) -> Iterator[Path]:
    """Take a file out of others' reach and, if all went well, remove it. Raises :class:`Gone`.

    So a button that was pressed twice imports once.
    """
    path = path_of(name, folder)
    ours = path.with_suffix(".taken")
    try:
        path.rename(ours)
    except FileNotFoundError:
        raise Gone(name) from None
    try:
        yield ours
    except BaseException:
        ours.rename(path)
        raise
    ours.unlink()


def _forget_old(folder: Path, now: datetime) -> None:
    for path in folder.iterdir():
        with suppress(OSError):
            if path.stat().st_mtime < (now - KEPT).timestamp():
                path.unlink()
