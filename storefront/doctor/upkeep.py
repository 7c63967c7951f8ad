"""Check what keeps the shop going: its key, its people, its worker, and who is told of trouble."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import current_app

from storefront.core.backup_files import last_backup
from storefront.core.services import current_services
from storefront.core.setting_types import MAKE_A_SECRET
from storefront.core.settings import is_test_mode
from storefront.doctor.findings import Finding, Findings, not_checked, ok, warning, wrong
from storefront.monitoring import keys
from storefront.monitoring.status import shop_status
from storefront.staff import accounts
from storefront.staff.models import Role

LEAST_DIFFERENT = 12  # characters of a key; 64 hexadecimal digits that were drawn have all 16
OTHER_SECRETS = ("METRICS_TOKEN", "WEBHOOK_SECRET", "SMS_SECRET", "PPG_SECRET_KEY")
NEW_KEY = f"make one with {MAKE_A_SECRET}; docs/operations has how to change it"
SAME_KEY = "set the same STOREFRONT_SECRET_KEY on every host, and restart shop and worker there"


def secret_key() -> Findings:
    """Check that SECRET_KEY looks like one that was drawn, and is used for nothing else."""
    key = current_app.config["SECRET_KEY"]
    if key in (key + key)[1:-1]:
        yield wrong("it repeats itself", NEW_KEY)
    elif shared := [name for name in OTHER_SECRETS if _has(current_app.config, name, key)]:
        yield wrong(f"{shared[0]} has the same value", NEW_KEY)
    elif len(set(key)) < LEAST_DIFFERENT:
        yield warning("it has few different characters", NEW_KEY)
    else:
        yield ok(f"{len(key)} characters, {len(set(key))} different ones")


def other_hosts() -> Findings:
    """Check that no host that runs has another SECRET_KEY."""
    if keys.others(current_services().clock()):
        yield wrong("one that runs has another SECRET_KEY than this one", SAME_KEY)
    else:
        yield ok("none that runs has another SECRET_KEY")


def _has(config: Mapping[str, Any], name: str, key: str) -> bool:
    value = config[name] or ()
    return key in (value if isinstance(value, tuple) else (value,))


def owner() -> Findings:
    """Check that somebody can log in to the back office and do everything there."""
    owners = [each for each in accounts.everybody() if each.role is Role.OWNER]
    able = [each for each in owners if each.password_hash and each.disabled_at is None]
    if able:
        yield ok(f"{len(able)} can log in to the back office")
    elif owners:
        yield warning("no owner has chosen a password", "open the link, or make a new one")
    else:
        todo = "run flask --app storefront staff add NAME --role owner, and open its link"
        yield wrong("nobody can log in to the back office", todo)


def backups(folder: Path) -> Findings:
    """Check that a backup was taken within the last day or so."""
    is_young, sentence = last_backup(folder, current_services().clock())
    todo = f"run flask --app storefront backup --to {folder}, and see whether its timer runs"
    yield ok(sentence) if is_young else wrong(sentence, todo)


def worker() -> Findings:
    """Check that every job of the worker has run lately and well."""
    status = shop_status(current_services())
    late = sorted(status.late_jobs)
    if len(late) == len(status.jobs):
        yield _no_worker()
    elif late:
        yield wrong(f"late: {', '.join(late)}", "read the worker's log; restart it")
    else:
        yield ok(f"all {len(status.jobs)} jobs have run in time")
    for job, error in status.job_errors.items():
        yield warning(f"{job} ended in an error: {error}", "read the worker's log")


def _no_worker() -> Finding:
    todo = "start one: flask --app storefront worker (docs/operations)"
    if is_test_mode(current_app.config):
        return not_checked("no worker runs", "start the shop first: make run, or systemctl")
    return wrong("no worker runs: payments whose browser does not come back are lost", todo)


def alarms() -> Findings:
    """Check that somebody is told when something wants a person."""
    config = current_app.config
    by_mail = bool(config["ALARM_EMAILS"])
    if by_mail and not config["SMTP_URL"] and not config["WEBHOOK_URL"]:
        yield wrong(
            "ALARM_EMAILS is set, SMTP_URL is not: no alarm leaves", "set STOREFRONT_SMTP_URL"
        )
    elif by_mail or config["WEBHOOK_URL"]:
        ways = ["e-mail"] * by_mail + ["webhook"] * bool(config["WEBHOOK_URL"])
        yield ok(f"they are sent by {' and '.join(ways)}")
    elif is_test_mode(config):
        yield not_checked("nobody is told, in test mode")
    else:
        yield warning("nobody is told of them", "set STOREFRONT_ALARM_EMAILS")


def metrics() -> Findings:
    """Check whether a monitoring program can read the metrics."""
    if current_app.config["METRICS_TOKEN"]:
        yield ok("METRICS_TOKEN opens /metrics")
    elif is_test_mode(current_app.config):
        yield ok("/metrics is open in test mode")
    else:
        todo = "set STOREFRONT_METRICS_TOKEN if Prometheus is to read /metrics"
        yield not_checked("/metrics is closed: METRICS_TOKEN is not set", todo)
