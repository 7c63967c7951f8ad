"""`audit` and `audit close`: our book and the gateway's, compared."""

from __future__ import annotations

import json
from datetime import datetime

import click
from flask.cli import with_appcontext

from payment_engine import reconciliation
from storefront.cli import reconciliation_report
from storefront.core.services import current_services


def _moment(_: click.Context, option: click.Parameter, text: str | None) -> datetime | None:
    try:
        return (
            reconciliation_report.moment(text, end_of_day=option.name == "until") if text else None
        )
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
    services = current_services()
    try:
        span = reconciliation.span_between(services.clock(), since, until)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    report = reconciliation.run_once(services.engine.services, span)
    as_text = json.dumps(reconciliation_report.as_object(report), ensure_ascii=False)
    click.echo(as_text if as_json else reconciliation_report.as_table(report))
    context.exit(reconciliation_report.exit_code(report))


@run_audit.command("close")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="What you know and did; kept with the difference.")
@with_appcontext
def close_difference(number: int, reason: str) -> None:
    """Put difference NUMBER away, after a person has looked into it."""
    try:
        row = current_services().engine.decide_discrepancy(number, reason)
    except LookupError:
        raise click.ClickException(f"there is no open difference {number}") from None
    click.echo(f"difference {number} ({row.kind}) is closed")
