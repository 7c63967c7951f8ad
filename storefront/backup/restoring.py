"""Bring a backup back: refuse what would lose data, then see to what happened since."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import flask_migrate
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import delete, inspect, literal, select, table
from sqlalchemy.exc import DatabaseError

from payment_engine import Actor, RefundState, refunding
from storefront.backup.archive import Archive
from storefront.backup.kinds import Backup
from storefront.backup.manifest import Manifest, Refused
from storefront.core.backup_files import stamp
from storefront.core.database import db, end_reading, transaction
from storefront.core.services import Services
from storefront.monitoring.runs import last_run
from storefront.orders import privacy
from storefront.orders.models import Order
from storefront.orders.payments import Refund
from storefront.staff.models import StaffSession
from storefront.worker import wanted

logger = logging.getLogger(__name__)

BY = "restore"
TICKS = 3  # so many of the worker's ticks without a run, and no worker is there
HOLDS_SOMETHING = ("orders", "products", "staff")  # tables; their rows are somebody's work


@dataclass(frozen=True, slots=True)
class Former:
    """What the database held that a backup is brought back into.

    ``erased`` are the numbers of orders whose personal data was erased; None if it cannot be read.
    """

    empty: bool
    erased: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done. ``kept`` says where the former database is.

    ``erased_again`` and ``not_erased`` are the orders whose personal data came back with the
    backup; None if nobody can tell which.
    """

    kept: str | None
    pictures: int
    erased_again: Sequence[str] | None
    not_erased: Sequence[str]


def refuse_what_does_not_fit(backup: Backup, manifest: Manifest) -> None:
    """Raise :class:`Refused` for another kind of database, and for a migration not known here."""
    if manifest.kind != backup.kind:
        raise Refused(f"the backup is of {manifest.kind}, and this shop runs on {backup.kind}")
    config = current_app.extensions["migrate"].migrate.get_config()
    try:
        ScriptDirectory.from_config(config).get_revision(manifest.facts.migration)
    except (CommandError, ResolutionError):
        raise Refused(
            f"the backup is of migration {manifest.facts.migration}, which this code does not know:"
            f" install the version that wrote it ({manifest.code}) or a newer one"
        ) from None


def look_at_what_is_there(services: Services) -> Former:
    """Find out what would be replaced. Raises :class:`Refused` while a worker is running."""
    try:
        tables = set(inspect(db.engine).get_table_names())
        if "worker_runs" in tables:
            _refuse_while_a_worker_runs(services)
        empty = not any(_has_rows(name) for name in HOLDS_SOMETHING if name in tables)
        erased = _erased() if "orders" in tables else ()
    except DatabaseError:  # damaged, perhaps: then this is why it is replaced
        logger.warning("the database that is replaced cannot be read")
        return Former(empty=False, erased=None)
    finally:
        db.session.remove()
        db.engine.dispose()
    return Former(empty, erased)


def _refuse_while_a_worker_runs(services: Services) -> None:
    run, ticks = last_run(), TICKS * current_app.config["WORKER_TICK_SECONDS"]
    age = services.clock() - run.finished_at if run else None
    if age is not None and timedelta() <= age < timedelta(seconds=ticks):
        raise Refused(
            f"a worker was at work {age.total_seconds():.0f} seconds ago: stop shop and worker, and"
            f" wait until {ticks:.0f} seconds have passed"
        )


def _has_rows(name: str) -> bool:
    query = select(literal(1)).select_from(table(name)).limit(1)
    return db.session.execute(query).first() is not None


def _erased() -> Sequence[str]:
    if "erased_at" not in {each["name"] for each in inspect(db.engine).get_columns("orders")}:
        return ()
    return db.session.scalars(select(Order.number).where(Order.erased_at.is_not(None))).all()


def bring_back(
    backup: Backup, found: Archive, services: Services, former: Former, uploads: Path
) -> Restored:
    """Replace the database, add the pictures that are not there, migrate, and see to the rest."""
    with _beside(uploads) as room:
        found.extract_dump(room / "dump")
        kept = backup.replace(room / "dump", found.manifest.facts, stamp(services.clock()))
    pictures = _add_missing_pictures(found, uploads)
    flask_migrate.upgrade()
    _doubt_refunds(services)
    with transaction():
        db.session.execute(delete(StaffSession))  # some were logged out since
        wanted.ask_for("reconcile", BY, services.clock())
    if former.erased is None:
        return Restored(kept, pictures, None, ())
    again = _numbers_to_erase(former.erased)
    done = [number for number in again if _erase(services, number)]
    return Restored(kept, pictures, done, [number for number in again if number not in done])


def _doubt_refunds(services: Services) -> None:
    """Send none that may have been sent since the backup: the worker looks for it first."""
    unsent = select(Refund.id).where(Refund.state == RefundState.REQUESTED)
    refunds = db.session.scalars(unsent).all()
    end_reading()
    for refund_id in refunds:
        refunding.count_as_sent(services.engine.services, refund_id, Actor.OPERATOR)


@contextmanager
def _beside(uploads: Path) -> Iterator[Path]:
    """Lend a folder of our own on the disk of the database, or else of the pictures."""
    name = db.engine.url.database if db.engine.dialect.name == "sqlite" else None
    place = Path(name).absolute().parent if name else uploads.parent
    with tempfile.TemporaryDirectory(prefix=".storefront-restore-", dir=place) as room:
        yield Path(room)


def _add_missing_pictures(found: Archive, uploads: Path) -> int:
    """A picture's name belongs to its content for ever: what is there already is the same."""
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    missing = [name for name in found.pictures if not os.path.lexists(uploads / name)]
    for name in missing:
        found.extract_picture(name, uploads)
    return len(missing)


def _numbers_to_erase(erased: Sequence[str]) -> list[str]:
    query = select(Order.number).where(Order.erased_at.is_(None)).order_by(Order.id)
    were = set(erased)
    came_back = [number for number in db.session.scalars(query) if number in were]
    end_reading()
    return came_back


def _erase(services: Services, number: str) -> bool:
    """Erase what was erased already when the backup was brought back; an error stops no other."""
    try:
        return privacy.erase(services, number, actor=Actor.WORKER) is privacy.Outcome.ERASED
    except Exception:
        logger.exception("the personal data of order %s could not be erased again", number)
        return False


def span_is_known() -> bool:
    """Return whether the worker's next reconciliation begins before the backup was taken.

    It begins where the last complete one ended; without any, only a few days ago.
    """
    store = current_app.extensions["services"].engine.services.store
    with store.reading() as work:
        return work.last_run(complete=True) is not None
