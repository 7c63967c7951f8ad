"""The commands: `flask --app storefront ...`."""

from __future__ import annotations

from flask import Flask

from storefront.cli.backup import backup, restore
from storefront.cli.catalogue import catalogue_commands
from storefront.cli.demo import demo_commands
from storefront.cli.doctor import doctor
from storefront.cli.gateway import gateway_commands
from storefront.cli.in_words import in_words
from storefront.cli.orders import orders_commands
from storefront.cli.outbox import outbox_commands
from storefront.cli.payments import payments_commands
from storefront.cli.privacy import privacy_commands
from storefront.cli.reconciliation import audit_commands, reconciliation_commands
from storefront.cli.refunds import refunds_commands
from storefront.cli.running import reconcile, recover, run_worker, seed
from storefront.cli.staff import staff_commands

GROUPS = (
    *(catalogue_commands, orders_commands, payments_commands, outbox_commands),
    *(reconciliation_commands, refunds_commands, privacy_commands, gateway_commands),
    *(staff_commands, demo_commands),
)
SINGLE = (run_worker, recover, seed, backup, restore, doctor)
UNDER_OLD_NAMES = (reconcile, audit_commands)
COMMANDS = [in_words(each) for each in (*GROUPS, *SINGLE, *UNDER_OLD_NAMES)]


def init_app(app: Flask) -> None:
    """Give the application its commands."""
    for command in COMMANDS:
        app.cli.add_command(command)
