"""Processes that start in a tenth of a second: forked from one that has imported everything."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [
        "django.core.management",
        "django.core.wsgi",
        "django.db.models",
        "flask_sqlalchemy",
        "payment_engine.gateways.jibit_ppg",
        "payment_engine.sqlalchemy_store",
        "psycopg",
        "storefront.app",
        "werkzeug.serving",
    ]
)


def settle(environment: Mapping[str, str], log: Path) -> None:
    """Give a forked process its environment; all that it says is added to the log."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(environment)
