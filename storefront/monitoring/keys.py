"""Notice a host whose SECRET_KEY is another one than that of the hosts that were there before it.

Its sessions and forms would be refused by the others, and it could not read the gateways' tokens.
Every host leaves a mark of its key in the database, from which nobody can tell the key. A key that
nobody has used for some minutes counts no more: who replaces it on all hosts needs no command.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from datetime import datetime, timedelta

from flask import Flask, current_app
from sqlalchemy import ColumnElement, String, delete, exists, select
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core import availability
from storefront.core.database import INSERTS, Model, db, transaction
from storefront.core.services import current_services

logger = logging.getLogger(__name__)

PURPOSE = b"storefront: the mark of a key"
LENGTH = 32
LASTS = timedelta(minutes=3)  # workers look once a minute
LOOK_SECONDS = 60.0
OTHER_KEY = "another host has another SECRET_KEY, and had it first: set the same one on every host"


class KeyMark(Model):
    """The mark of a key that some host has, and when one was first and last seen with it."""

    __tablename__ = "key_marks"

    mark: Mapped[str] = mapped_column(String(LENGTH), primary_key=True)
    since: Mapped[datetime]
    seen_at: Mapped[datetime]


def mark_of(key: str) -> str:
    """Return what two hosts with the same key have in common."""
    return hmac.new(key.encode(), PURPOSE, hashlib.sha256).hexdigest()[:LENGTH]


def others(now: datetime) -> bool:
    """Return whether some host has, or had minutes ago, a key that this one cannot read."""
    return bool(db.session.scalar(select(exists().where(_is_strange(now)))))


def is_newcomer(now: datetime) -> bool:
    """Leave our mark; return whether another key, which we cannot read, was there before ours."""
    with transaction():
        _leave(now)
    ours = select(KeyMark.since).where(KeyMark.mark == _own()[0]).scalar_subquery()
    return bool(db.session.scalar(select(exists().where(_is_strange(now), KeyMark.since < ours))))


def look(app: Flask) -> None:
    """Leave the mark of a worker's key, and log if it is another one than that of the others."""
    with app.app_context():
        try:
            if is_newcomer(current_services().clock()):
                logger.error(OTHER_KEY)
        except availability.KINDS as error:  # the jobs say what is wrong with it
            if not availability.is_temporary(error):
                raise


def _leave(now: datetime) -> None:
    """Note that our key is in use, and forget those that are not."""
    old = (KeyMark.seen_at < now - LASTS) | (KeyMark.seen_at > now + LASTS)
    db.session.execute(delete(KeyMark).where(old))
    insert = INSERTS[db.engine.dialect.name](KeyMark.__table__)
    mine = insert.values(mark=_own()[0], since=now, seen_at=now)
    db.session.execute(mine.on_conflict_do_update(index_elements=["mark"], set_={"seen_at": now}))


def _is_strange(now: datetime) -> ColumnElement[bool]:
    return KeyMark.mark.not_in(_own()) & KeyMark.seen_at.between(now - LASTS, now + LASTS)


def _own() -> list[str]:
    """Return the marks of the keys that this process can read, the one it writes with first."""
    config = current_app.config
    return [mark_of(key) for key in (config["SECRET_KEY"], *config["SECRET_KEY_FALLBACKS"])]
