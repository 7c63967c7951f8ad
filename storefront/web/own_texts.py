"""Read the merchant's own texts, ``pages/terms.fa.md`` and the like; without one, the sample."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from flask import Flask, current_app
from markupsafe import Markup, escape

from storefront.core import formats
from storefront.core.seller import Seller, current_seller, pages_folder
from storefront.web.language import LANGUAGES, current_language
from storefront.web.markdown import Written, render

logger = logging.getLogger(__name__)

SAMPLES = Path(__file__).parent / "sample_texts"
RELEASED = SAMPLES / "released.txt"  # the fingerprint of each sample that was ever released
LARGEST = 64 * 1024  # bytes
UNKNOWN = "…"  # in the place of what no setting says
DIRECTIONS = {"fa": "rtl", "en": "ltr"}
_PHONE = Markup('<a href="{}"><bdi class="number">{}</bdi></a>')
_EMAIL = Markup('<a href="mailto:{0}"><bdi class="number">{0}</bdi></a>')


@dataclass(frozen=True, slots=True)
class OwnText:
    """A text for a page. ``file`` is where the merchant writes it; a sample is to be replaced."""

    written: Written
    language: str
    file: str
    is_sample: bool

    @property
    def heading(self) -> Markup:
        """Its first line, if that is a heading."""
        return self.written.heading

    @property
    def body(self) -> Markup:
        """The rest."""
        return self.written.body

    @property
    def summary(self) -> str:
        """The first paragraph, without marks."""
        return self.written.summary

    @property
    def direction(self) -> str:
        """Where its lines begin: it may be written in one language alone."""
        return DIRECTIONS[self.language]


class Read(NamedTuple):
    """A file that was read, and whether it is a sample of this release or of an earlier one."""

    written: Written
    is_sample: bool


def init_app(app: Flask) -> None:
    """Let templates ask for a text."""
    app.jinja_env.globals.update(own_text=own_text, text_of=text_of)


def own_text(page: str) -> OwnText | None:
    """Return the merchant's text in the page's language, else in the other one, if there is any."""
    for language in sorted(LANGUAGES, key=lambda code: code != current_language()):
        name = f"{page}.{language}.md"
        found = _read(pages_folder(current_app.config) / name, language)
        if found is not None and not found.is_sample:  # a mere copy
            return OwnText(found.written, language, name, is_sample=False)
    return None


def text_of(page: str) -> OwnText | None:
    """Return the merchant's text, else the sample that comes with the shop."""
    return own_text(page) or _sample(page)


def _sample(page: str) -> OwnText | None:
    language = current_language()
    name = f"{page}.{language}.md"
    found = _read(SAMPLES / name, language)
    if found is None:
        return None
    return OwnText(found.written, language, name, is_sample=True)


def _read(path: Path, language: str) -> Read | None:
    """Return a file's text; None if there is none, or if the log says why it cannot be shown."""
    try:
        state = path.stat()
    except OSError:
        return None
    insertions = tuple(_insertions(current_seller(), language).items())
    return _rendered(path, state.st_mtime_ns, state.st_size, insertions)


@lru_cache(64)  # it keeps refusals, too: each state of a file is complained of once
def _rendered(
    path: Path, _changed: int, size: int, insertions: tuple[tuple[str, Markup], ...]
) -> Read | None:
    if size > LARGEST:
        logger.error("%s is not shown: it has more than %s bytes", path, LARGEST)
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
        written = render(text, dict(insertions))
    except (OSError, ValueError) as error:
        logger.error("%s is not shown: %s", path, _reason(error))  # noqa: TRY400 - the merchant's file, no defect
        return None
    if not (written.heading or written.body).strip():
        logger.error("%s is not shown: it is empty", path)
        return None
    return Read(written, fingerprint(text) in _released())


def fingerprint(text: str) -> str:
    """Return what two copies of a text have in common, however their lines are broken and end."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


@cache
def _released() -> frozenset[str]:
    lines = RELEASED.read_text(encoding="utf-8").splitlines()
    return frozenset(line.partition(" ")[0] for line in lines)


def _reason(error: Exception) -> str:
    """Say it without the file's text."""
    return "it is not written in UTF-8" if isinstance(error, UnicodeError) else type(error).__name__


def _insertions(seller: Seller, language: str) -> dict[str, Markup]:
    """Return what a text may put in, by its name."""
    phone = _PHONE.format(seller.phone_link, formats.digits(seller.phone, language))
    known = {
        "shop_name": escape(seller.name(language)),
        "address": escape(getattr(seller, f"address_{language}")),
        "hours": escape(getattr(seller, f"hours_{language}")),
        "phone": phone if seller.phone else "",
        "email": _EMAIL.format(seller.email) if seller.email else "",
    }
    return {name: Markup(value or UNKNOWN) for name, value in known.items()}  # noqa: S704 - escaped
