"""`orders ...`: what was ordered, and what became of it."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from payment_engine import Actor, ImpossibleTransition
from storefront.core.database import transaction
from storefront.core.services import current_services
from storefront.orders import history
from storefront.orders import models as orders
from storefront.orders.states import OrderState
from storefront.orders.timeline import tell

orders_commands = AppGroup("orders", help="What was ordered.")


@orders_commands.command("fulfil")
@click.argument("order_number")
def fulfil(order_number: str) -> None:
    """Note that the goods of a paid order were handed over."""
    now = current_services().clock()
    with transaction():
        order = orders.by_number(order_number)
        if order is None:
            raise click.ClickException(f"there is no order {order_number}")
        try:
            orders.locked(order.number).move(OrderState.FULFILLED, now)
        except ImpossibleTransition:
            sentence = f"order {order_number} is {order.state}; only a paid order can be fulfilled"
            raise click.ClickException(sentence) from None
        history.write("order_fulfilled", order, at=now, actor=Actor.OPERATOR)
    click.echo(f"order {order_number} is fulfilled")


@orders_commands.command("journal")
@click.argument("order_number")
@click.option("--language", type=click.Choice(["fa", "en"]), default="en", show_default=True)
def show_journal(order_number: str, language: str) -> None:
    """Tell what happened to an order, from top to bottom; times are UTC."""
    order = orders.by_number(order_number)
    if order is None:
        raise click.ClickException(f"there is no order {order_number}")
    with force_locale(language):
        for told in map(tell, history.of_order(order)):
            sentences = " ".join((*told.sentences, told.reason or "")).strip()
            click.echo(f"{told.at:%Y-%m-%d %H:%M:%S}  {told.who:9} {sentences}")
