"""Run the worker, one pass of recovery, or the first import of products."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from payment_engine import recovery, refunding
from storefront.catalogue import files
from storefront.cli.renamed import note_new_name
from storefront.core.services import current_services
from storefront.orders import expiry
from storefront.worker import jobs


@click.command("worker")
@with_appcontext
def run_worker() -> None:
    """Run every job of the worker until stopped: recovery, expiry, notifications and so on."""
    jobs.run(current_app._get_current_object())  # type: ignore[attr-defined]  # the proxy's own way out


@click.command("recover")
@with_appcontext
def recover() -> None:
    """Ask the gateway about every payment and refund that is due, once, and print the tally."""
    services = current_services()
    engine = services.engine.services
    asked = {**recovery.ask_due(engine), **refunding.advance_due(engine)}
    expired = {**recovery.look_up_due(engine), **expiry.expire_once(services)}
    click.echo(f"asked: {tally(asked)}")
    click.echo(f"expired: {tally(expired)}")


@click.command("reconcile", hidden=True)
@click.pass_context
def reconcile(context: click.Context) -> None:
    """Run ``recover`` under its old name."""
    note_new_name("reconcile", "recover")
    context.invoke(recover)


def tally(counts: dict[str, int]) -> str:
    """Return counts in one line, sorted by name."""
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items())) or "nothing due"


@click.command("seed")
@with_appcontext
def seed() -> None:
    """Put the bundled products into an empty shop."""
    counts = files.seed()
    click.echo("the shop has products already" if counts is None else f"seeded: {tally(counts)}")
