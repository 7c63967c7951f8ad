"""Look whether the files are there that no page is whole without: translations, styles, fonts.

Without compiled translations every page is in English, whatever language it says.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from flask import Flask
from flask_babel import force_locale, get_babel, get_translations

LANGUAGES = {"fa": "Persian"}  # the texts themselves are English
PAGES_NEED = ("css/house.css", "fonts/regular.woff2", "fonts/semibold.woff2")
COMPILE = "run pybabel compile --directory storefront/translations, and restart the shop"
MAKE_FONTS = "run python scripts/make_fonts.py"
CHECK_OUT = "install this version of the shop anew"


class Lack(NamedTuple):
    """A file that pages need and cannot use: what is wrong, and what to do."""

    trouble: str
    todo: str

    def __str__(self) -> str:
        return f"{self.trouble}: {self.todo}"


def lacks(app: Flask) -> Iterator[Lack]:
    """Find what is missing, the worst first."""
    yield from untranslated(app)
    yield from missing_static_files(app)


def untranslated(app: Flask) -> Iterator[Lack]:
    """Find each language whose compiled translations are missing, damaged or old."""
    folder = Path(get_babel(app).translation_directories[0])
    for code, name in LANGUAGES.items():
        texts = folder / code / "LC_MESSAGES" / "messages.po"
        if trouble := _trouble(texts.with_suffix(".mo"), texts):
            yield Lack(f"the {name} translations {trouble}, so pages are in English", COMPILE)


def _trouble(compiled: Path, texts: Path) -> str | None:
    if not compiled.is_file():
        return "are not compiled"
    try:
        with compiled.open("rb") as file:
            gettext.GNUTranslations(file)
        return "are older than their texts" if _is_stale(compiled, texts) else None
    except (OSError, ValueError, PoFileError) as error:
        return f"cannot be read ({type(error).__name__})"


def _is_stale(compiled: Path, texts: Path) -> bool:
    """Return whether the texts say something else; a copy may have mixed up the files' times."""
    if not texts.exists() or compiled.stat().st_mtime >= texts.stat().st_mtime:
        return False
    fresh = io.BytesIO()
    with texts.open("rb") as file:
        write_mo(fresh, read_po(file))
    return fresh.getvalue() != compiled.read_bytes()


def read_translations(app: Flask) -> None:
    """Read the compiled translations anew, and keep them: what was missing before is remembered."""
    get_babel(app).instance.domain_instance.cache.clear()
    for code in LANGUAGES:
        with force_locale(code):
            get_translations()


def missing_static_files(app: Flask) -> Iterator[Lack]:
    """Find each file that is not there, empty or not ours to read."""
    for name in PAGES_NEED:
        trouble = _why_unreadable(Path(str(app.static_folder)) / name)
        if trouble:
            todo = MAKE_FONTS if name.startswith("fonts/") else CHECK_OUT
            yield Lack(f"static/{name} {trouble}", todo)


def _why_unreadable(file: Path) -> str | None:
    try:
        with file.open("rb") as opened:
            return None if opened.read(1) else "is empty"
    except OSError as error:
        return "is missing" if isinstance(error, FileNotFoundError) else "cannot be read"
