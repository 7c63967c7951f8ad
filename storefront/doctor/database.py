"""Check the database: whether it serves, keeps what it was given, and has this version's tables."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from payment_engine.redaction import redact_text
from storefront.core.clock import SKEW
from storefront.core.database import db
from storefront.core.services import current_services
from storefront.doctor.findings import Findings, ok, warning, wrong
from storefront.monitoring.installation import database_name
from storefront.monitoring.migrations import migrations
from storefront.monitoring.readiness import NOT_MIGRATED, database_trouble

OLDEST_POSTGRESQL = 13  # older ones get no more mends from their makers
# What PostgreSQL must not leave out: else a power cut takes paid orders that it had confirmed.
SERVE = "see that it runs, that DATABASE_URL is right, its disk has room and its tables are there"
KEEPS = ("fsync", "synchronous_commit", "full_page_writes")


def server() -> Findings:
    """Check that it can be read and written, and loses nothing in a power cut."""
    trouble = database_trouble()
    if trouble and trouble.reason != NOT_MIGRATED:
        sentence = redact_text(f"{trouble.reason}: {trouble.said}".rstrip(": "))
        yield wrong(sentence, SERVE)
        return
    yield ok(f"{database_name()} can be read and written")
    yield from _sqlite() if db.engine.dialect.name == "sqlite" else _postgresql()


def _sqlite() -> Findings:
    mode = db.session.execute(text("PRAGMA journal_mode")).scalar_one()
    if mode == "wal":
        yield ok("its log is on (WAL)")
    else:
        sentence = f"its journal mode is {mode}, not wal: a reader blocks every order"
        yield wrong(sentence, "move the file to a local disk; a network file system has no WAL")


def _postgresql() -> Findings:
    off = [name for name in KEEPS if _setting(name) == "off"]
    if off:
        sentence = f"{', '.join(off)}: off; a power cut would lose confirmed payments"
        yield wrong(sentence, "ALTER SYSTEM SET ... = on; then SELECT pg_reload_conf()")
    else:
        yield ok(f"it keeps what it confirms ({', '.join(KEEPS)})")
    if int(_setting("server_version_num")) // 10_000 < OLDEST_POSTGRESQL:
        yield warning("this version gets no more mends", "update PostgreSQL")
    yield from _clock(db.session.execute(text("SELECT clock_timestamp()")).scalar_one())


def _setting(name: str) -> str:
    return str(db.session.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar())


def _clock(there: datetime) -> Findings:
    apart = (there - current_services().clock()).total_seconds()
    if abs(apart) > SKEW.total_seconds():
        yield wrong(f"its clock is {apart:+.0f} s from this machine's", "synchronise both with NTP")
    else:
        yield ok(f"its clock is {apart:+.1f} s from this machine's")


def tables() -> Findings:
    """Check that the database has this version's migrations, and no later ones."""
    found = migrations()
    if found.is_newer:
        sentence = f"the database is at {found.now}, which is newer than this version of the shop"
        yield wrong(
            sentence, "start the version that made it, or restore the backup from before it"
        )
    elif found.missing:
        sentence = f"the database lacks {len(found.missing)}, the first is {found.missing[0]}"
        yield wrong(sentence, "run flask --app storefront db upgrade")
    else:
        yield ok(f"the database is at {found.now}, as the code is")
