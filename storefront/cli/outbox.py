"""`outbox ...`: list dead letters and send them again."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from storefront.core.services import current_services
from storefront.notifications import dispatcher, outbox

outbox_commands = AppGroup("outbox", help="What is told to shoppers and to the merchant.")


@outbox_commands.command("dead")
def dead_letters() -> None:
    """Print what could not be delivered, a line each: key, tries, last error."""
    for message in outbox.given_up():
        click.echo(f"{message.key}\t{message.tries} tries\t{message.last_error}")


@outbox_commands.command("retry")
@click.argument("key")
def retry(key: str) -> None:
    """Try a dead letter again, as if it were new."""
    if not dispatcher.try_again(key, current_services().clock()):
        raise click.ClickException(f"there is no dead letter {key}")
    click.echo(f"{key} will be tried again")
