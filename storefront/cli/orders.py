"""`orders ...`: what was ordered, and what became of it."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from storefront.core.database import transaction
from storefront.core.states import ImpossibleMove, OrderState
from storefront.orders import history
from storefront.orders import models as orders
from storefront.orders.history import Actor
from storefront.orders.timeline import tell
from storefront.payments.services import current_till

orders_commands = AppGroup("orders", help="What was ordered.")


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
        history.write("order_fulfilled", order_id=order.id, at=now, actor=Actor.MERCHANT)
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
        for told in map(tell, history.of_order(order.id)):
            sentences = " ".join((*told.sentences, told.reason or "")).strip()
            click.echo(f"{told.at:%Y-%m-%d %H:%M:%S}  {told.who:9} {sentences}")
