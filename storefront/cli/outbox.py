"""`outbox ...`: list dead letters and send them again."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from payment_engine.redaction import redact_text
from storefront.core.services import current_services
from storefront.notifications import dispatcher, outbox
from storefront.notifications.outbox import Channel

outbox_commands = AppGroup("outbox", help="Notifications to shoppers and to the merchant.")


@outbox_commands.command("dead")
def dead_letters() -> None:
    """Print what could not be delivered, a line each: key, tries, last error."""
    for message in outbox.given_up():
        why = redact_text(message.last_error or "")
        click.echo(f"{message.key}\t{message.tries} tries\t{why}")


@outbox_commands.command("retry")
@click.argument("key", required=False)
@click.option("--all", "every", is_flag=True, help="Try every dead letter again.")
@click.option("--channel", type=click.Choice([each.value for each in Channel]), help="With --all.")
def retry(key: str | None, every: bool, channel: str | None) -> None:
    """Try a dead letter again, as if it were new; or all of them."""
    if (key is None) is not every or key == "" or (channel and not every):
        raise click.UsageError("name one KEY, or say --all, perhaps with --channel")
    chosen = Channel(channel) if channel else None
    count = dispatcher.try_again(current_services().clock(), key=key, channel=chosen)
    if key and not count:
        raise click.ClickException(f"there is no dead letter {key}")
    click.echo(f"{count} will be tried again")
