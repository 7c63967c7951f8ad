"""Store the merchant's own texts of letters; without one the bundled text is used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import String, Text, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Model, db, transaction
from storefront.notifications.outbox import Kind
from storefront.staff import log

LANGUAGES = ("fa", "en")


class LetterText(Model):
    """What the letters of a kind say in a language, as the merchant has written it."""

    __tablename__ = "letter_texts"

    kind: Mapped[str] = mapped_column(String(24), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(40))


def bundled(name: str, language: str) -> str:
    """Return the text that comes with the shop."""
    folder = Path(str(current_app.template_folder)) / "emails"
    return (folder / f"{name}.{language}.txt").read_text(encoding="utf-8")


def own(kind: Kind, language: str) -> LetterText | None:
    """Return the merchant's own text, if there is one."""
    query = select(LetterText).where(LetterText.kind == kind, LetterText.language == language)
    return db.session.scalar(query.execution_options(populate_existing=True))


def every_own() -> Sequence[LetterText]:
    """Return all of them."""
    return db.session.scalars(select(LetterText)).all()


def keep(kind: Kind, language: str, text: str, now: datetime, *, by: str) -> None:
    """Keep the merchant's own text, which was checked before."""
    with transaction():
        row = own(kind, language) or LetterText(kind=kind.value, language=language)
        row.text, row.changed_at, row.changed_by = text, now, by
        db.session.add(row)
        log.note("letter_changed", by, now, letter=f"{kind}.{language}")


def drop(kind: Kind, language: str, now: datetime, *, by: str) -> None:
    """Go back to the bundled text."""
    with transaction():
        chosen = (LetterText.kind == kind, LetterText.language == language)
        db.session.execute(delete(LetterText).where(*chosen))
        log.note("letter_reset", by, now, letter=f"{kind}.{language}")
