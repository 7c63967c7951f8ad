"""The commands: `flask --app storefront ...`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from storefront import goods, reconciliation, worker
from storefront.completion import resolve_payment
from storefront.database import db, transaction
from storefront.shop import journal, orders
from storefront.shop.journal import Actor
from storefront.shop.orders import ImpossibleMove, OrderState
from storefront.shop.payments import Payment, PaymentState
from storefront.till import current_till

catalogue_commands = AppGroup("catalogue", help="What is sold.")
orders_commands = AppGroup("orders", help="What was ordered.")
payments_commands = AppGroup("payments", help="What was paid.")


def init_app(app: Flask) -> None:
    """Give the application its commands."""
    commands = (catalogue_commands, orders_commands, payments_commands)
    for command in (*commands, run_worker, reconcile, seed):
        app.cli.add_command(command)


@click.command("worker")
@with_appcontext
def run_worker() -> None:
    """Refresh tokens, find lost callbacks and expire stale orders until stopped."""
    worker.run(current_app._get_current_object())  # type: ignore[attr-defined]  # the proxy's own way out


@click.command("reconcile")
@with_appcontext
def reconcile() -> None:
    """Ask the gateway about every payment that is due, once, and print the tally."""
    till = current_till()
    asked, expired = reconciliation.run_once(till), reconciliation.expire_once(till)
    click.echo(f"asked: {_tally(asked)}")
    click.echo(f"expired: {_tally(expired)}")


def _tally(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items())) or "nothing due"


@click.command("seed")
@with_appcontext
def seed() -> None:
    """Put the bundled goods into an empty shop."""
    counts = goods.seed()
    click.echo("the shop has goods already" if counts is None else f"seeded: {_tally(counts)}")


@catalogue_commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_goods(file: Path) -> None:
    """Add or update goods from a CSV or JSON FILE; on any mistake nothing is changed."""
    try:
        counts = goods.store(goods.read(file))
    except goods.WrongFile as error:
        lines = "\n".join(f"  {problem}" for problem in error.problems)
        raise click.ClickException(f"nothing was imported from {file.name}:\n{lines}") from None
    click.echo(f"imported: {_tally(counts)}")


@orders_commands.command("fulfil")
@click.argument("order_number")
def fulfil(order_number: str) -> None:
    """Note that the goods of a paid order were handed over."""
    now = current_till().clock()
    with transaction():
        order = orders.by_number(order_number)
        if order is None:
            raise click.ClickException(f"there is no order {order_number}")
        try:
            orders.locked(order.id).move(OrderState.FULFILLED, now)
        except ImpossibleMove:
            sentence = f"order {order_number} is {order.state}; only a paid order can be fulfilled"
            raise click.ClickException(sentence) from None
        journal.write("order_fulfilled", order_id=order.id, at=now, actor=Actor.MERCHANT)
    click.echo(f"order {order_number} is fulfilled")


@payments_commands.command("export")
def export() -> None:
    """Print every payment as a line of JSON, oldest first; money is integer Rials, times UTC."""
    query = select(Payment).order_by(Payment.id).execution_options(yield_per=500)
    for payment in db.session.scalars(query):
        click.echo(json.dumps(_exported(payment)))


@payments_commands.command("resolve")
@click.argument("reference_number")
@click.option("--as", "state", required=True, type=click.Choice(["paid", "failed", "expired"]))
@click.option("--reason", required=True, help="What you know, and from where; kept in the journal.")
def resolve(reference_number: str, state: str, reason: str) -> None:
    """Decide about a payment that needs review, after looking at the gateway's own panel."""
    try:
        payment = resolve_payment(current_till(), reference_number, PaymentState(state), reason)
    except LookupError:
        raise click.ClickException(f"there is no payment {reference_number}") from None
    except ImpossibleMove as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(f"payment {reference_number} is {payment.state}; its order {payment.order.state}")


def _exported(payment: Payment) -> dict[str, Any]:
    return {
        "order_number": payment.order.number,
        "reference_number": payment.reference_number,
        "order_identifier": payment.order_identifier,
        "gateway": payment.gateway,
        "state": payment.state.value,
        "amount_rials": payment.amount_rials,
        "created_at": payment.created_at.isoformat(),
        "paid_at": payment.paid_at.isoformat() if payment.paid_at else None,
    }
