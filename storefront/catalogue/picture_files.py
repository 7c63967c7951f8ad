"""Check an uploaded picture by its content, and make the files that pages show.

Nothing of the upload is kept but what can be seen: it is turned upright, its colours become sRGB,
and it is written anew as AVIF and WebP in the sizes of the pages, without any other data.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from PIL import Image, ImageCms, ImageOps

from storefront.catalogue.files.numbers import WrongCell
from storefront.catalogue.files.problems import N_

MOST_BYTES = 15_000_000
MOST_PIXELS = 50_000_000  # what the cameras of telephones make
LEAST_SIDE = 100  # pixels
SIZES = (200, 400, 800, 1200)  # of the longer side, where the upload is as large
READ = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
WRITTEN = {"avif": {"quality": 62, "speed": 8}, "webp": {"quality": 82, "method": 4}}
NAME_LENGTH = 32
DIGEST_LENGTH = 24  # the rest of a name is random: files are never written twice
FILE_NAME = re.compile(r"[0-9a-f]{32}-(200|400|800|1200)\.(avif|webp)")
CARD = "-card.jpg"  # the end of the name of what ``cards.py`` draws of it
CARD_NAME = re.compile(r"([0-9a-f]{32})-card\.jpg")

TOO_LARGE = N_("has more than %(most)s megabytes: make it smaller")
UNKNOWN = N_("is no picture that can be read: take a JPEG, PNG, WebP, AVIF or GIF")
BROKEN = N_("is damaged: save or copy it again")
TOO_MANY_PIXELS = N_("has more than %(most)s million pixels: make it smaller")
TOO_SMALL = N_("is too small: each side should have %(least)s pixels at least")

# What Pillow's readers raise for content that is not what it seems.
_DAMAGE = (
    *(OSError, SyntaxError, ValueError, EOFError, ArithmeticError, LookupError, TypeError),
    *(AttributeError, RuntimeError, MemoryError, struct.error, zlib.error),
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)
_one_at_a_time = Lock()  # a large picture takes up to 400 MB for a moment


class WrongPicture(WrongCell):
    """An upload is no picture that can be shown; the text says what to do."""


@dataclass(frozen=True, slots=True)
class MadePicture:
    """The files of a picture by the end of their names, and the size of the largest.

    ``digest`` is that of the upload.
    """

    digest: str
    width: int
    height: int
    files: dict[str, bytes]


def made_from(content: bytes) -> MadePicture:
    """Return what pages need of an upload. Raises :class:`WrongPicture`."""
    if len(content) > MOST_BYTES:
        raise WrongPicture(TOO_LARGE, most=MOST_BYTES // 10**6)
    with _one_at_a_time:
        largest = _largest(content)
        files = {
            f"-{size}.{kind}": _written(largest, size, kind) for size in SIZES for kind in WRITTEN
        }
    digest = hashlib.sha256(content).hexdigest()[:DIGEST_LENGTH]
    return MadePicture(digest, largest.width, largest.height, files)


def _largest(content: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(content), formats=READ)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise WrongPicture(TOO_MANY_PIXELS, most=MOST_PIXELS // 10**6) from None
    except _DAMAGE:
        raise WrongPicture(UNKNOWN) from None
    if image.width * image.height > MOST_PIXELS:
        raise WrongPicture(TOO_MANY_PIXELS, most=MOST_PIXELS // 10**6)
    if min(image.size) < LEAST_SIDE:
        raise WrongPicture(TOO_SMALL, least=LEAST_SIDE)
    try:
        return _plain(image)
    except _DAMAGE:
        raise WrongPicture(BROKEN) from None


def _plain(image: Image.Image) -> Image.Image:
    """Return the picture upright, in sRGB, as large as the largest file, and nothing else of it."""
    profile = image.info.get("icc_profile")
    image.draft(None, (2 * SIZES[-1], 2 * SIZES[-1]))  # reads a large JPEG in a quarter of the time
    image = ImageOps.exif_transpose(image)
    kind = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode not in ("RGB", "RGBA", "L", "CMYK"):
        image, profile = image.convert(kind), None
    image.thumbnail((SIZES[-1], SIZES[-1]), Image.Resampling.LANCZOS)
    image = _in_srgb(image, kind, profile).convert(kind)
    clean = Image.new(kind, image.size)
    clean.paste(image)
    return clean


def _in_srgb(image: Image.Image, kind: str, profile: bytes | None) -> Image.Image:
    """Telephones have a colour space of their own: shown as sRGB, it would look dull."""
    if not profile:
        return image
    with suppress(ImageCms.PyCMSError, OSError):
        theirs, ours = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, theirs, ours, outputMode=kind) or image
    return image


def _written(largest: Image.Image, size: int, kind: str) -> bytes:
    image = largest.copy()
    image.thumbnail((size, size), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    image.save(content, kind.upper(), **WRITTEN[kind])
    return content.getvalue()


def keep(made: MadePicture, folder: Path) -> str:
    """Write the files, and return the name that theirs begin with.

    Each is complete before it has its name, and on the disk before this returns.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = made.digest + secrets.token_hex((NAME_LENGTH - DIGEST_LENGTH) // 2)
    for end, content in made.files.items():
        replace_file(folder / f"{name}{end}", content)
    _sync(folder)
    return name


def replace_file(path: Path, content: bytes) -> None:
    """Write a file that is complete before it has its name, whoever writes it at the same time."""
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _sync(folder: Path) -> None:
    """Bring the names themselves to the disk, where the system has a way to (not on Windows)."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def remove(name: str, folder: Path) -> None:
    """Remove the files of a picture; those that cannot be removed are only unused."""
    for end in (CARD, *(f"-{size}.{kind}" for size in SIZES for kind in WRITTEN)):
        with suppress(OSError):
            (folder / f"{name}{end}").unlink()
