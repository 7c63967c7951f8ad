"""`gateway check`: compare the live gateways with what the shop assumes about them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import AppGroup

from jibit_client import conform
from jibit_client.conform.report import NOT_ASKED
from payment_engine import Policy
from payment_engine.redaction import redact_text
from storefront.core.gateways import Entry
from storefront.core.settings import configured
from storefront.payments.wiring import policy_from

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
    found = configured(current_app.config)
    entries = {entry.name: entry for entry in found if entry.name in conform.GATEWAYS}
    if name is None and entries:
        return list(entries.values())
    if name not in entries:
        there_are = ", ".join(entries) or "none"
        raise click.UsageError(f"no such gateway to check; configured: {there_are}")
    return [entries[name]]


def _checked(entry: Entry, config: Mapping[str, Any]) -> tuple[dict[str, object], str, int]:
    """Return what was found as an object and as text, and the exit code for it."""
    policy = policy_from(config)
    try:
        report = conform.check(_target(entry, config, policy))
    except conform.CannotBeAsked as error:
        sentence = f"{entry.name}: {error}"
        return {"gateway": entry.name, "error": str(error)}, sentence, NOT_ASKED
    findings = (*report.findings, _redirect_is_trusted(report.redirect_url, policy))
    report = replace(report, findings=findings)
    return report.as_object(), report.as_text(), report.exit_code


def _target(entry: Entry, config: Mapping[str, Any], policy: Policy) -> conform.Target:
    names = conform.GATEWAYS[entry.name].credentials
    return conform.Target(
        entry.name,
        config[entry.address],
        {names[argument]: config[name] for argument, name in entry.credentials.items()},
        policy.callback_for("gateway-check"),
        connect_timeout=config["GATEWAY_CONNECT_TIMEOUT"],
        read_timeout=config["GATEWAY_READ_TIMEOUT"],
    )


def _redirect_is_trusted(url: str | None, policy: Policy) -> conform.Finding:
    """Return whether the shop would send the payer where the answer to the create says."""
    if url is None:
        verdict, detail = conform.Verdict.NOT_SEEN, "no order could be created"
    elif policy.may_redirect_to(url):
        verdict, detail = conform.Verdict.AGREED, ""
    else:
        verdict, detail = conform.Verdict.DIFFERENT, redact_text(urlsplit(url).netloc[:255])
    sentence = "The payer is sent to a host in PSP_HOSTS"
    return conform.Finding("Settings", "redirect_host", "H", sentence, verdict, detail)
