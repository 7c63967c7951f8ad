"""The commands: `flask --app storefront ...`."""

from __future__ import annotations

from flask import Flask

from storefront.cli.catalogue import catalogue_commands
from storefront.cli.orders import orders_commands
from storefront.cli.outbox import outbox_commands
from storefront.cli.payments import payments_commands
from storefront.cli.reconciliation import audit_commands, reconciliation_commands
from storefront.cli.running import reconcile, recover, run_worker, seed


def init_app(app: Flask) -> None:
    """Give the application its commands."""
    groups = (catalogue_commands, orders_commands, payments_commands, outbox_commands)
    under_old_names = (reconcile, audit_commands)
    for command in (*groups, reconciliation_commands, run_worker, recover, seed, *under_old_names):
        app.cli.add_command(command)
