"""`reconciliation run` and `reconciliation close`: compare our ledger with the gateway's."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click
from flask.cli import AppGroup

from payment_engine import NotDecidable, Outcome, reconciliation
from storefront.cli import reconciliation_report
from storefront.cli.renamed import note_new_name
from storefront.core.services import current_services

reconciliation_commands = AppGroup("reconciliation", help="Our ledger and the gateway's, compared.")


def _moment(_: click.Context, option: click.Parameter, text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return reconciliation_report.moment(text, end_of_day=option.name == "until")
    except (ValueError, OverflowError):
        example = "2026-11-21, 2026-11-21T18:30 or 2026-11-21T22:00+03:30"
        raise click.BadParameter(f"{text!r} is no date or moment like {example}") from None


@reconciliation_commands.command("run")
@click.option("--from", "since", callback=_moment, help="By default where the last run ended.")
@click.option("--to", "until", callback=_moment, help="By default now; a date is a whole day.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def run(
    context: click.Context, since: datetime | None, until: datetime | None, as_json: bool
) -> None:
    """Compare our ledger with the gateway's, both ways; UTC unless a moment names its offset.

    Exit code 0: the ledgers agree; 1: there are open discrepancies; 2: the run was not complete.
    """
    services = current_services()
    try:
        span = reconciliation.span_between(services.clock(), since, until)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    report = reconciliation.run_once(services.engine.services, span)
    as_text = json.dumps(reconciliation_report.as_object(report))  # ASCII: safe for a terminal
    click.echo(as_text if as_json else reconciliation_report.as_table(report))
    context.exit(reconciliation_report.exit_code(report))


@reconciliation_commands.command("close")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="What you know and did; kept with the discrepancy.")
@click.option(
    "--as",
    "outcome",
    type=click.Choice([each.value for each in Outcome]),
    default=Outcome.NOTED.value,
    show_default=True,
    help="What becomes of the payment; the gateway must say so too.",
)
@click.option("--by", default="operator", help="Who decides; kept with the discrepancy.")
def close(number: int, reason: str, outcome: str, by: str) -> None:
    """Put discrepancy NUMBER away, after a person has looked into it.

    \b
    --as noted     both ledgers stay as they are
    --as paid      the payment that failed or expired here was captured: the order is paid
    --as returned  what was captured goes back; what was reversed there counts as refunded here
    """
    try:
        row = current_services().engine.decide_discrepancy(
            number, reason, outcome=Outcome(outcome), by=by
        )
    except LookupError:
        raise click.ClickException(f"there is no open discrepancy {number}") from None
    except NotDecidable as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(f"discrepancy {number} ({row.kind}) is closed")


@click.pass_context
def _audit(context: click.Context, /, **options: Any) -> None:
    """Run ``reconciliation run`` under its old name."""
    if context.invoked_subcommand is None:
        note_new_name("audit", "reconciliation run")
        context.invoke(run, **options)


@click.pass_context
def _audit_close(context: click.Context, /, **options: Any) -> None:
    """Run ``reconciliation close`` under its old name."""
    note_new_name("audit close", "reconciliation close")
    context.invoke(close, **options)


audit_commands = click.Group(
    "audit",
    commands={"close": click.Command("close", callback=_audit_close, params=close.params)},
    callback=_audit,
    params=run.params,
    invoke_without_command=True,
    hidden=True,
    help=_audit.__doc__,
)
