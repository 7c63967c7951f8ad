"""Check the gateways: that they know our keys, and that their clock and ours agree."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app

from jibit_client.conform import CannotBeAsked, Verdict
from storefront.core.clock import SKEW
from storefront.core.gateways import Entry
from storefront.core.services import current_services
from storefront.core.settings import configured, is_test_mode
from storefront.doctor.findings import Finding, Findings, not_checked, ok, wrong
from storefront.payments.gateway_check import Checked, check_within, date_of

TOKEN_SECONDS = 15.0
FACTS_SECONDS = 60.0
TOLERATED = 2 * SKEW  # between us and a gateway: both may be off


def tokens_and_clock(gateway: Entry) -> Findings:
    """Check one gateway by the call for tokens; one that is off has no line."""
    if gateway not in configured(current_app.config):
        return
    clock = current_services().clock
    began = clock()
    try:
        date = date_of(gateway, current_app.config, seconds=TOKEN_SECONDS)
    except CannotBeAsked as error:
        yield _cannot_be_asked(gateway, str(error))
        return
    yield ok("it knows the keys")
    yield _clock(date, began + (clock() - began) / 2)


def _cannot_be_asked(gateway: Entry, why: str) -> Finding:
    if is_test_mode(current_app.config) and "could not be asked" in why:
        todo = "start the sandbox first: make run, or systemctl start storefront-sandbox"
        return not_checked(why, todo)
    settings = (gateway.address, *gateway.credentials.values())
    names = ", ".join(f"STOREFRONT_{name}" for name in settings)
    return wrong(why.rstrip("."), f"see {names}; this host's way out, and what Jibit lets in")


def _clock(date: datetime | None, ours: datetime) -> Finding:
    if date is None:
        return not_checked("its answer has no date")
    apart = date - ours
    sentence = f"its clock is {apart.total_seconds():+.0f} s from this machine's"
    if abs(apart) > TOLERATED + timedelta(seconds=1):  # the header has whole seconds
        return wrong(sentence, "synchronise this machine's clock with NTP")
    return ok(sentence)


def facts() -> Findings:
    """Compare each gateway with what the shop relies on, as ``gateway check`` does."""
    for each in check_within(current_app.config, FACTS_SECONDS):
        yield _facts_of(each)


def _facts_of(checked: Checked) -> Finding:
    if checked.report is None:
        return not_checked(f"{checked.gateway}: {checked.trouble or 'no answer in time'}")
    differ = [each for each in checked.report.findings if each.verdict is Verdict.DIFFERENT]
    if not differ:
        return ok(f"{checked.gateway}: nothing differs from what the shop relies on")
    todo = f"run flask --app storefront gateway check {checked.gateway}, and read those lines"
    return wrong(f"{checked.gateway}: {len(differ)} facts differ: {differ[0].sentence}", todo)
