"""Run the checks: all at once, none stopped by another, each given up after its time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from threading import Thread
from time import monotonic

from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from payment_engine.redaction import redact_text
from storefront.core.availability import DatabaseBusy
from storefront.core.database import db
from storefront.doctor.findings import Check, Finding, Findings, not_checked, wrong

NO_DATABASE = (DBAPIError, PoolTimeout, DatabaseBusy)
LONGEST_REASON = 200


def examine(checks: Iterable[Check]) -> Findings:
    """Start all checks at once; yield what they find in their order."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy has it
    running = [_Running(app, each) for each in checks]
    for each in running:
        yield from each.findings()


def look(check: Check) -> list[Finding]:
    """Return what a check finds, here and now, whatever becomes of it."""
    found: list[Finding] = []
    _collect(check, found)
    return found


class _Running:
    """A check in a thread of its own, which no longer matters once its time is up."""

    def __init__(self, app: Flask, check: Check) -> None:
        self._app, self._check = app, check
        self._found: list[Finding] = []
        self._ends_at = monotonic() + check.seconds
        self._thread = Thread(target=self._run, name=f"doctor: {check.title}", daemon=True)
        self._thread.start()

    def findings(self) -> Findings:
        """Wait for the end of the check or of its time."""
        self._thread.join(max(0.0, self._ends_at - monotonic()))
        late = self._thread.is_alive()
        yield from list(self._found)
        if late:
            sentence = f"it had no answer within {self._check.seconds:g} s"
            yield replace(
                wrong(sentence, "try again, then look at what it asks"), check=self._title
            )

    @property
    def _title(self) -> str:
        return self._check.title

    def _run(self) -> None:
        with self._app.app_context():
            _collect(self._check, self._found)


def _collect(check: Check, found: list[Finding]) -> None:
    """Add what a check finds, and what stopped it."""
    try:
        for each in check.look():
            found.append(replace(each, check=check.title))
    except NO_DATABASE:
        db.session.rollback()
        unknown = not_checked("the database does not answer, or lacks tables", "see above")
        found.append(replace(unknown, check=check.title))
    except Exception as error:  # noqa: BLE001 - a check that fails is a line like any other
        reason = redact_text(f"{type(error).__name__}: {error}".partition("\n")[0])
        failed = wrong(f"the check failed: {reason[:LONGEST_REASON]}", "report it, with this line")
        found.append(replace(failed, check=check.title))
