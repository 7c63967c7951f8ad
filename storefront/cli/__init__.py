"""The commands: `flask --app storefront ...`."""

from __future__ import annotations

from flask import Flask

from storefront.cli.catalogue import catalogue_commands
from storefront.cli.orders import orders_commands
from storefront.cli.outbox import outbox_commands
from storefront.cli.payments import payments_commands
from storefront.cli.reconciling import run_audit
from storefront.cli.running import reconcile, run_worker, seed


def init_app(app: Flask) -> None:
    """Give the application its commands."""
    commands = (catalogue_commands, orders_commands, payments_commands, outbox_commands)
    for command in (*commands, run_worker, reconcile, run_audit, seed):
        app.cli.add_command(command)
