"""`gateway check`: compare the live gateways with what the shop assumes about them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from jibit_client import conform
from jibit_client.conform.report import NOT_ASKED
from storefront.core.gateways import Entry
from storefront.payments.gateway_check import check_one, checkable

gateway_commands = AppGroup("gateway", help="The gateways that take the payments.")


@gateway_commands.command("check")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def check(context: click.Context, name: str | None, *, as_json: bool) -> None:
    """Compare the gateway NAME, or each that is configured, with what the shop assumes.

    Harmless calls only: nothing is paid, reversed or refunded, and no order of the shop is touched.
    One or two small orders are made that nobody pays; the next reconciliation reports those of the
    card gateway as unknown_here.

    Exit code 0: all that was seen agrees; 1: something differs; 2: a gateway could not be asked.
    """
    asked = [_checked(entry, current_app.config) for entry in _chosen(name)]
    if as_json:
        click.echo(json.dumps({"gateways": [each for each, _, _ in asked]}))
    else:
        click.echo("\n\n".join(text for _, text, _ in asked))
    context.exit(max(code for _, _, code in asked))


def _chosen(name: str | None) -> list[Entry]:
    """Return the gateways to ask: those that are configured and that the client library knows."""
    entries = {entry.name: entry for entry in checkable(current_app.config)}
    if name is None and entries:
        return list(entries.values())
    if name not in entries:
        there_are = ", ".join(entries) or "none"
        raise click.UsageError(f"no such gateway to check; configured: {there_are}")
    return [entries[name]]


def _checked(entry: Entry, config: Mapping[str, Any]) -> tuple[dict[str, object], str, int]:
    """Return what was found as an object and as text, and the exit code for it."""
    try:
        report = check_one(entry, config)
    except conform.CannotBeAsked as error:
        sentence = f"{entry.name}: {error}"
        return {"gateway": entry.name, "error": str(error)}, sentence, NOT_ASKED
    return report.as_object(), report.as_text(), report.exit_code
