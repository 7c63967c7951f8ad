"""Keep what one machine stores, its data and its keys, readable by the shop's own user alone.

Where the system has no such rights (Windows), the folder's own protection has to do.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def protect(folder: Path) -> None:
    """Create our instance folder, or take the rights of others on it and its files away.

    Files of another user are left alone, and so is a folder that we may not change.
    """
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        if os.name == "posix":
            _keep_all_to_owner(folder)


def _keep_all_to_owner(folder: Path) -> None:
    _keep_to_owner(folder)
    for path in folder.iterdir():
        if not path.is_dir():
            _keep_to_owner(path)


def _keep_to_owner(path: Path) -> None:
    with suppress(FileNotFoundError):  # SQLite removes its -wal and -shm when it likes
        found = path.lstat()
        ours = found.st_uid == os.geteuid() and not stat.S_ISLNK(found.st_mode)
        if ours and found.st_mode & FOR_OTHERS:
            path.chmod(stat.S_IMODE(found.st_mode) & ~FOR_OTHERS)


def create(path: Path) -> None:
    """Make an empty file that only we can read, unless it exists.

    SQLite gives ``-wal`` and ``-shm`` the rights of its file. Whoever cannot create the file meets
    the reason when SQLite opens it.

    A database must never be opened but by SQLite: closing the file a second time gives up every
    lock that this process holds on it, another process removes the log, and the data is damaged
    ("How To Corrupt An SQLite Database File", section 2.2). So the file is finished under another
    name first.
    """
    if not path.exists():
        with suppress(OSError):
            _publish(_fresh(path), path)


def kept_secret(path: Path) -> str:
    """Read the secret of this machine; the first process to start makes it, the others read it."""
    if not path.exists():
        fresh = _fresh(path)
        fresh.write_text(secrets.token_hex(32))
        _publish(fresh, path)
    return path.read_text()


def _fresh(path: Path) -> Path:
    """Make an empty file of our own beside this path."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    return fresh


def _publish(fresh: Path, path: Path) -> None:
    """Give the finished file its name, unless another process was first."""
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
