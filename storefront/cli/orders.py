"""`orders ...`: show orders and record that they were sent."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from storefront.cli.renamed import note_new_name
from storefront.core.services import current_services
from storefront.core.typed import plain_code
from storefront.fulfilment import shipping
from storefront.fulfilment.shipping import Held, NotNow
from storefront.orders import history
from storefront.orders import models as orders
from storefront.orders.sendable import Hold
from storefront.orders.timeline import in_words

HELD = {
    Hold.DISPUTED: "must not be sent yet: one of its payments waits for a person's decision",
    Hold.REFUNDING: "must not be sent: all of its money is on its way back to the customer",
}
orders_commands = AppGroup("orders", help="What was ordered.")


def _number(_: click.Context, __: click.Parameter, typed: str) -> str:
    return plain_code(typed)


@orders_commands.command("fulfil")
@click.argument("order_number", callback=_number)
def fulfil(order_number: str) -> None:
    """Record that the items of a paid order were sent, and tell the shopper."""
    try:
        shipping.send(current_services(), order_number, by=None)
    except LookupError:
        raise click.ClickException(f"there is no order {order_number}") from None
    except Held as held:
        raise click.ClickException(f"order {order_number} {HELD[held.why]}") from None
    except NotNow as refused:
        sentence = f"order {order_number} is {refused}; only a paid order can be fulfilled"
        raise click.ClickException(sentence) from None
    click.echo(f"order {order_number} is fulfilled")


@orders_commands.command("history")
@click.argument("order_number", callback=_number)
@click.option("--language", type=click.Choice(["fa", "en"]), default="en", show_default=True)
def show_history(order_number: str, language: str) -> None:
    """Print what happened to an order, oldest first; times are UTC."""
    order = orders.by_number(order_number)
    if order is None:
        raise click.ClickException(f"there is no order {order_number}")
    with force_locale(language):
        for entry in map(in_words, history.of_order(order)):
            sentences = " ".join((*entry.sentences, entry.reason or "")).strip()
            click.echo(f"{entry.at:%Y-%m-%d %H:%M:%S}  {entry.who:9} {sentences}")


@orders_commands.command("journal", hidden=True)
@click.argument("order_number", callback=_number)
@click.option("--language", type=click.Choice(["fa", "en"]), default="en")
@click.pass_context
def journal(context: click.Context, /, **arguments: str) -> None:
    """Run ``orders history`` under its old name."""
    note_new_name("orders journal", "orders history")
    context.invoke(show_history, **arguments)
