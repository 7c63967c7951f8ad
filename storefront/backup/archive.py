"""Write a backup's file and read it: a zip with the dump, the pictures and a manifest."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from storefront.backup.manifest import Manifest, Part, Refused, read_manifest
from storefront.catalogue import picture_files

MANIFEST, DUMP, PICTURES = "manifest.json", "database", "pictures/"
LARGEST_MANIFEST = 64_000_000  # bytes: a line for each of half a million pictures
CHUNK = 1 << 20
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def new(path: Path) -> zipfile.ZipFile:
    """Begin an archive."""
    return zipfile.ZipFile(path, "w")


def add(archive: zipfile.ZipFile, name: str, source: IO[bytes], *, packed: bool) -> Part:
    """Copy a file into the archive, and describe it."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    entry.external_attr = 0o600 << 16
    with archive.open(entry, "w", force_zip64=True) as target:
        return _copied(source, target)


def _copied(source: IO[bytes], target: IO[bytes] | None) -> Part:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
    return Part(digest.hexdigest(), size)


def add_pictures(archive: zipfile.ZipFile, folder: Path) -> dict[str, Part]:
    """Copy the uploaded pictures; one that is removed at this moment is left out."""
    parts = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = PICTURES + path.name
        if is_picture(name):
            with suppress(FileNotFoundError), path.open("rb") as source:
                parts[name] = add(archive, name, source, packed=False)
    return parts


def is_picture(name: str) -> bool:
    """Return whether this is how a picture in a backup is called."""
    rest = name.removeprefix(PICTURES)
    known = picture_files.FILE_NAME.fullmatch(rest) or picture_files.CARD_NAME.fullmatch(rest)
    return known is not None and name.startswith(PICTURES)


def bring_to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would survive a power cut."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup's file that is open for reading, and was found whole."""

    manifest: Manifest
    _file: zipfile.ZipFile

    @property
    def pictures(self) -> list[str]:
        """Return the names of the pictures in it, without their folder."""
        return [n.removeprefix(PICTURES) for n in self.manifest.parts if n != DUMP]

    def extract_dump(self, target: Path) -> None:
        """Write the database's dump into a new file that only we can read."""
        target.touch(mode=0o600, exist_ok=False)
        with self._file.open(DUMP) as source, target.open("wb") as file:
            _copied(source, file)
            file.flush()
            os.fsync(file.fileno())

    def extract_picture(self, name: str, folder: Path) -> None:
        """Write a picture, complete before it has its name."""
        picture_files.replace_file(folder / name, self._file.read(PICTURES + name))


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open a backup and check every part of it. Raises :class:`Refused`."""
    try:
        file = zipfile.ZipFile(path)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from None
    except DAMAGED:
        raise Refused(f"{path} is damaged, or no backup") from None
    with file:
        yield _checked(file, path)


def _checked(file: zipfile.ZipFile, path: Path) -> Archive:
    try:
        manifest = read_manifest(_manifest_in(file))
        wrong = _differences(file, manifest.parts)
    except DAMAGED:
        raise Refused(f"{path} is damaged") from None
    if wrong:
        raise Refused(f"{path} is damaged: {wrong[0]} is not what its manifest says")
    return Archive(manifest, file)


def _manifest_in(file: zipfile.ZipFile) -> bytes:
    try:
        with file.open(MANIFEST) as source:
            return source.read(LARGEST_MANIFEST)
    except KeyError:
        raise Refused("the file is no backup: it has no manifest") from None


def _differences(file: zipfile.ZipFile, parts: Mapping[str, Part]) -> list[str]:
    named = set(file.namelist()) - {MANIFEST}
    odd = sorted(n for n in named | set(parts) if n != DUMP and not is_picture(n))
    return odd or sorted(named ^ set(parts)) or [n for n in parts if _is_other(file, n, parts[n])]


def _is_other(file: zipfile.ZipFile, name: str, part: Part) -> bool:
    with file.open(name) as source:
        return _copied(source, None) != part
