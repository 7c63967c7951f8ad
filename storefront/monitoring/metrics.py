"""Give the shop's status to Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric

from storefront.monitoring.status import ShopStatus


def metrics(now: ShopStatus) -> Iterator[Metric]:
    """Yield the status as gauges; ages are seconds, 0 where there is nothing to be old.

    An age below zero stays below zero: the clock was set back, and an alert must see it.
    """
    yield _by("payments", "state", "Payments that are not final", now.open_payments)
    yield _one("oldest_doubt_seconds", "Age of the oldest doubt", _seconds(now.oldest_doubt))
    yield _one(
        "oldest_notification_seconds",
        "Age of the oldest unsent notification",
        _seconds(now.oldest_notification),
    )
    yield _one("discrepancies", "Open discrepancies between the ledgers", len(now.discrepancies))
    yield _one("refunds", "Refunds that want a person", len(now.refunds))
    yield _one("dead_letters", "Notifications that could not be sent", len(now.dead_letters))
    yield _one("texts_over_cap", "Text messages that wait for another day", now.texts_over_cap)
    yield _one("orders_with_many_callbacks", "The last one within a day", len(now.many_callbacks))
    yield _one("odd_answers", "Answers of gateways with odd fields, last day", now.odd_answers)
    yield _one("contradictions", "Answers against a payment's end, last day", now.contradictions)
    yield _by("left_behind", "gateway", "Open payments, gateway turned off", now.left_behind)
    failing = {"payments": len(now.failing_payments), "orders": len(now.failing_orders)}
    yield _by("failing_rows", "queue", "Rows that raise an error at every try", failing)
    failed = {job: int(job in now.job_errors) for job in now.jobs}
    yield _by("job_failed", "job", "1 if the last run of a job ended in an error", failed)
    ages = {job: _seconds(age) for job, age in now.jobs.items() if age is not None}
    yield _by("job_age_seconds", "job", "How long ago each job of the worker ended", ages)
    opened = {name: int(state == "open") for name, state in now.breakers.items()}
    yield _by("breaker_open", "gateway", "1 while new payments pause, in this process", opened)
    yield _one("held_pieces", "Pieces that unpaid orders hold", now.held_pieces)
    yield _one("products_held", "Products half held by unpaid orders", len(now.much_held))
    yield _one("failed_logins", "Wrong passwords for these pages, last day", now.failed_logins)
    yield _one("limits_down", "1 while limits are not counted, in this process", now.limits_down)
    yield _one("alarms", "How many things want a person to look", len(now.alarms))


def _one(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"storefront_{name}", meaning, value=value)


def _by(name: str, label: str, meaning: str, values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(f"storefront_{name}", meaning, labels=[label])
    for key, value in values.items():
        family.add_metric([str(key)], value)
    return family


def _seconds(age: timedelta | None) -> float:
    return age.total_seconds() if age else 0.0
