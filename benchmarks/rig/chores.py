"""What a shop does all day, as work to be measured: pages, passes of the worker, a comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Select, func, select

from benchmarks.back_office import PAGES as OFFICE_PAGES
from benchmarks.back_office import page as office_page
from benchmarks.rig.slow_gateway import hand_over
from storefront.core.database import db, end_reading
from storefront.core.services import current_services
from storefront.core.tables import TABLES
from storefront.orders import privacy
from storefront.orders.models import Order
from storefront.worker.jobs import run_job

PAGE_LIMIT, OFFICE_LIMIT = 1.2, 1.5
# A month is all that the small shop has, so PostgreSQL reads its tables whole; the large one finds
# each sale's payment by an index. A name has more hits there: up to 3,000 are looked up; of more,
# the youngest orders are walked through until a page is full.
LIMITS = {"sales by method": 3.0, "found by name": 25.0}
PASSES = {
    "worker: lost callbacks": "recover_payments",
    "worker: stale orders": "expire_orders",
    "worker: notifications": "send_emails",
    "worker: refunds": "advance_refunds",
}
ANYTHING = timedelta(days=100_000)
A_DAY = timedelta(days=1)
THEIR_WORDS = {"paid": "SUCCESS", "returned": "SUCCESS", "failed": "FAILED", "expired": "EXPIRED"}
Work = Callable[[Flask], None]


@dataclass(frozen=True)
class Chore:
    """Something to be done, and how much more it may cost in the large shop."""

    name: str
    work: Work
    limit: float


def chores() -> Sequence[Chore]:
    """All of them, in the order of the table."""
    pages = {"front": "/", "product": "/products/good-42", "order": "/orders/{token}"}
    shown = [Chore(name, _page(address), PAGE_LIMIT) for name, address in pages.items()]
    office = [
        Chore(f"back office: {name}", office_page(address), LIMITS.get(name, OFFICE_LIMIT))
        for name, address in OFFICE_PAGES.items()
    ]
    passes = [Chore(name, _pass(job), PAGE_LIMIT) for name, job in PASSES.items()]
    return [
        *(*shown, *office, *passes),
        Chore("reconciliation of a day", compare_a_day, PAGE_LIMIT),
        Chore("erasure of an hour's orders", erase_an_hour, PAGE_LIMIT),
    ]


def _page(address: str) -> Work:
    def ask(app: Flask) -> None:
        token = app.extensions.get("a_token") or _youngest_token(app)
        app.extensions["a_token"] = token
        answer = app.test_client().get(address.format(token=token))
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status}")

    return ask


def _youngest_token(app: Flask) -> str:
    with app.app_context():
        paid = select(Order.token).where(Order.paid_at.is_not(None)).order_by(Order.id.desc())
        return str(db.session.scalar(paid.limit(1)))


def _pass(job: str) -> Work:
    def work(app: Flask) -> None:
        run_job(app, job)

    return work


def give_ledger(app: Flask, gateway: str) -> int:
    """Hand the gateway what this shop says of a day; return how many payments that are."""
    with app.app_context():
        found = db.session.execute(_rows_of(*_the_day())).all()
        end_reading()
    known = [(*row[:3], THEIR_WORDS.get(row[3], "IN_PROGRESS")) for row in found]
    hand_over(gateway, known)
    return len(known)


def compare_a_day(app: Flask) -> None:
    """Compare the gateway's ledger of a day with ours."""
    with app.app_context():
        since, until = _the_day()
        report = current_services().engine.reconcile_once(since, until)
        if not report.complete or not report.counts.get("there"):
            raise RuntimeError(f"not compared: {report.error} {report.counts}")


def erase_an_hour(app: Flask) -> None:
    """Erase the personal data of the oldest orders that have any, an hour more at each call."""
    with app.app_context():
        services = current_services()
        cut = app.extensions.get("erased_to") or _oldest()
        app.extensions["erased_to"] = cut = cut + timedelta(hours=1)
        policy = privacy.RetentionPolicy(unpaid=ANYTHING, paid=services.clock() - cut)
        privacy.erase_due(services, policy)


def _oldest() -> datetime:
    personal = select(func.min(Order.paid_at)).where(Order.erased_at.is_(None))
    return db.session.scalars(personal).one() or current_services().clock()


def _the_day() -> tuple[datetime, datetime]:
    """From three days ago to two: all of it has settled."""
    now = current_services().clock()
    return now - 3 * A_DAY, now - 2 * A_DAY


def _rows_of(since: datetime, until: datetime) -> Select[Any]:
    payments = TABLES.payments.c
    names = (payments.gateway_payment_id, payments.reference, payments.amount_rials, payments.state)
    opened = payments.gateway_payment_id.is_not(None)
    query = select(*names).where(opened, payments.created_at.between(since, until))
    return query.order_by(payments.created_at.desc())
