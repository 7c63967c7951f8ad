"""`payments ...`: export payments and decide about those in review."""

from __future__ import annotations

import json
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select

from payment_engine import ImpossibleTransition, PaymentState
from payment_engine.states import FINAL
from storefront.core.database import db, end_reading
from storefront.core.services import current_services
from storefront.orders import models as orders
from storefront.orders.payments import Payment

# The words of this export for scripts, which stay while ours change.
FINAL_WORDS = sorted(state.value for state in FINAL)
STATUS_WORDS = {PaymentState.AWAITING_PAYER: "awaiting_shopper"}

payments_commands = AppGroup("payments", help="What was paid.")


@payments_commands.command("export")
def export() -> None:
    """Print every payment as a line of JSON, oldest first; money is integer Rials, times UTC.

    A row that cannot be read (a damaged SQLite file) is named on stderr; then the exit code is 1.
    """
    unreadable = 0
    for payment_id in db.session.scalars(select(Payment.id).order_by(Payment.id)).all():
        try:
            line = json.dumps(_exported(db.session.get_one(Payment, payment_id)))
        except (ValueError, TypeError, LookupError) as error:
            click.echo(f"payment {payment_id} cannot be read: {type(error).__name__}", err=True)
            unreadable += 1
        else:
            click.echo(line)
        db.session.expunge_all()
    if unreadable:
        raise SystemExit(1)


@payments_commands.command("resolve")
@click.argument("reference_number")
@click.option(
    "--as", "state", required=True, type=click.Choice(sorted(each.value for each in FINAL))
)
@click.option("--reason", required=True, help="What you know, and from where; kept in the history.")
@click.option("--without-hooks", is_flag=True, help="Move the payment alone: order and stock stay.")
def resolve(reference_number: str, state: str, reason: str, *, without_hooks: bool) -> None:
    """Decide about a payment that is not final, after looking at the gateway's own panel.

    --without-hooks is the way out if the shop's own code keeps failing: what it does for the
    order, its stock and its messages must then be done by hand.
    """
    try:
        engine = current_services().engine
        payment = engine.resolve(
            reference_number, PaymentState(state), reason=reason, run_hooks=not without_hooks
        )
    except LookupError:
        raise click.ClickException(f"there is no payment {reference_number}") from None
    except (ImpossibleTransition, ValueError) as refusal:
        raise click.ClickException(str(refusal)) from None
    order = orders.by_number(payment.order_key)
    end_reading()
    stands = order.state if order else "unknown"
    click.echo(f"payment {reference_number} is {payment.state}; its order {stands}")


def _exported(payment: Payment) -> dict[str, Any]:
    return {
        "order_number": payment.order.number,
        "reference_number": payment.reference,
        "order_identifier": payment.gateway_payment_id,
        "gateway": payment.gateway,
        "state": STATUS_WORDS.get(payment.state, payment.state.value),
        "amount_rials": payment.amount_rials,
        "created_at": payment.created_at.isoformat(),
        "paid_at": payment.paid_at.isoformat() if payment.paid_at else None,
    }
