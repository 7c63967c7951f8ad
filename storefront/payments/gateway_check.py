"""Compare the live gateways with what the shop assumes about them, by harmless calls only."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from jibit_client import conform
from payment_engine import Policy
from payment_engine.redaction import redact_text
from storefront.core.gateways import Entry
from storefront.core.settings import configured
from storefront.payments.wiring import policy_from

TOO_LATE_SECONDS = 1.0  # beyond its own deadline: only a host's name is looked up for longer


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of the check of one gateway: a report, or what it said instead, if anything."""

    gateway: str
    report: conform.Report | None = None
    trouble: str | None = None


def checkable(config: Mapping[str, Any]) -> list[Entry]:
    """Return the gateways that are configured and that the client library can check."""
    return [entry for entry in configured(config) if entry.name in conform.GATEWAYS]


def check_one(
    entry: Entry, config: Mapping[str, Any], *, seconds: float | None = None
) -> conform.Report:
    """Ask one gateway; what has no answer after so many ``seconds`` is not seen.

    Raises CannotBeAsked if it issues no token.
    """
    policy = policy_from(config)
    report = conform.check(_target(entry, config, policy, seconds))
    findings = (*report.findings, _redirect_is_trusted(report.redirect_url, policy))
    return replace(report, findings=findings)


def date_of(entry: Entry, config: Mapping[str, Any], *, seconds: float) -> datetime | None:
    """Get tokens of one gateway; return the moment that its answer is dated, None if it is not.

    Raises CannotBeAsked.
    """
    return conform.gateways_date(_target(entry, config, policy_from(config), seconds))


def check_within(config: Mapping[str, Any], seconds: float) -> list[Checked]:
    """Ask every gateway at the same time, and return after so many seconds whatever they do."""
    entries = checkable(config)
    pool = ThreadPoolExecutor(max(1, len(entries)))
    asked = {each.name: pool.submit(check_one, each, config, seconds=seconds) for each in entries}
    wait(asked.values(), seconds + TOO_LATE_SECONDS)
    pool.shutdown(wait=False)
    return [_checked(name, answer) for name, answer in asked.items()]


def _checked(gateway: str, answer: Future[conform.Report]) -> Checked:
    if not answer.done():
        return Checked(gateway)
    try:
        return Checked(gateway, answer.result())
    except conform.CannotBeAsked as error:
        return Checked(gateway, trouble=str(error))


def _target(
    entry: Entry, config: Mapping[str, Any], policy: Policy, seconds: float | None
) -> conform.Target:
    names = conform.GATEWAYS[entry.name].credentials
    return conform.Target(
        entry.name,
        config[entry.address],
        {names[argument]: config[name] for argument, name in entry.credentials.items()},
        policy.callback_for("gateway-check"),
        connect_timeout=config["GATEWAY_CONNECT_TIMEOUT"],
        read_timeout=config["GATEWAY_READ_TIMEOUT"],
        total_seconds=seconds,
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
