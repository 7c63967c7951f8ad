"""`demo ...`: fill a shop in test mode, to look at its pages with life in them."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import force_locale

from storefront.cli.progress import ProgressLine
from storefront.cli.running import tally
from storefront.core.services import current_services
from storefront.core.settings import is_test_mode
from storefront.demo.drawing import NothingToSell
from storefront.demo.filling import AlreadyThere, fill

demo_commands = AppGroup("demo", help="Invented orders, for a shop in test mode.")
FEWEST, MOST = 50, 1_000_000


@demo_commands.command("month")
@click.option("--seed", type=int, default=1, show_default=True, help="Another one, other orders.")
@click.option(
    "--orders", type=click.IntRange(FEWEST, MOST), default=400, show_default=True, help="How many."
)
def fill_month(seed: int, orders: int) -> None:
    """Add a month of invented orders in every state; the same seed draws the same."""
    if not is_test_mode(current_app.config):
        raise click.ClickException("the gateway is real: invented orders would stand beside sales")
    services = current_services()
    with force_locale("en"), ProgressLine(services.steady) as progress:
        try:
            counts = fill(
                services,
                seed=seed,
                orders=orders,
                progress=lambda done, total: progress("orders", done, total),
            )
        except NothingToSell:
            raise click.ClickException("there are no goods: run `seed` first") from None
        except AlreadyThere:
            sentence = f"the shop has the orders of seed {seed} already: choose another --seed"
            raise click.ClickException(sentence) from None
    click.echo(f"orders: {tally({state.value: n for state, n in counts.items()})}")
    click.echo("No gateway knows these payments: a comparison of the ledgers lists the last days'.")
