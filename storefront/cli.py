"""The commands: `flask --app storefront ...`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from storefront import audit, audit_report, delivery, goods, reconciliation, worker
from storefront.completion import resolve_payment
from storefront.database import db, transaction
from storefront.shop import journal, orders, outbox
from storefront.shop.journal import Actor
from storefront.shop.payments import Payment
from storefront.shop.states import ImpossibleMove, OrderState, PaymentState
from storefront.till import current_till

catalogue_commands = AppGroup("catalogue", help="What is sold.")
orders_commands = AppGroup("orders", help="What was ordered.")
payments_commands = AppGroup("payments", help="What was paid.")
outbox_commands = AppGroup("outbox", help="What is told to shoppers and to the merchant.")


def init_app(app: Flask) -> None:
    """Give the application its commands."""
    commands = (catalogue_commands, orders_commands, payments_commands, outbox_commands)
    for command in (*commands, run_worker, reconcile, run_audit, seed):
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


def _moment(_: click.Context, option: click.Parameter, text: str | None) -> datetime | None:
    try:
        return audit_report.moment(text, end_of_day=option.name == "until") if text else None
    except (ValueError, OverflowError):
        example = "2026-11-21, 2026-11-21T18:30 or 2026-11-21T22:00+03:30"
        raise click.BadParameter(f"{text!r} is no date or moment like {example}") from None


@click.group("audit", invoke_without_command=True)
@click.option("--from", "since", callback=_moment, help="By default where the last one ended.")
@click.option("--to", "until", callback=_moment, help="By default now; a date is a whole day.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
@with_appcontext
def run_audit(
    context: click.Context, since: datetime | None, until: datetime | None, as_json: bool
) -> None:
    """Compare our book with the gateway's, both ways; UTC unless a moment names its offset.

    Exit code 0: the books agree; 1: there are open differences; 2: no complete audit was made.
    """
    if context.invoked_subcommand:
        return
    till = current_till()
    try:
        span = audit.span_between(till.clock(), since, until)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    report = audit.run_once(till, span)
    as_text = json.dumps(audit_report.as_object(report), ensure_ascii=False)
    click.echo(as_text if as_json else audit_report.as_table(report))
    context.exit(audit_report.exit_code(report))


@run_audit.command("close")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="What you know and did; kept with the difference.")
@with_appcontext
def close_difference(number: int, reason: str) -> None:
    """Put difference NUMBER away, after a person has looked into it."""
    try:
        row = audit.decide(current_till(), number, reason)
    except LookupError:
        raise click.ClickException(f"there is no open difference {number}") from None
    click.echo(f"difference {number} ({row.kind}) is closed")


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


@outbox_commands.command("dead")
def dead_letters() -> None:
    """Print what could not be delivered, a line each: key, tries, last error."""
    for notice in outbox.given_up():
        click.echo(f"{notice.key}\t{notice.tries} tries\t{notice.last_error}")


@outbox_commands.command("retry")
@click.argument("key")
def retry(key: str) -> None:
    """Try a dead letter again, as if it were new."""
    if not delivery.try_again(key, current_till().clock()):
        raise click.ClickException(f"there is no dead letter {key}")
    click.echo(f"{key} will be tried again")


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
