"""Join an order's history with the gateway's side and the kills, in test mode.

The sandbox is asked over its control API, the supervisor of `make run` at its kill button; both are
on this machine. Neither is waited for: without them the shop's side stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import lazy_gettext as _
from requests import RequestException

from payment_engine import Payment
from storefront.core.database import end_reading
from storefront.core.formats import digits
from storefront.core.gateways import GATEWAYS, Entry
from storefront.core.settings import is_local, is_test_mode
from storefront.notifications.http_calls import get_json
from storefront.orders.timeline import TimelineEntry
from storefront.web.language import current_language

TIMEOUT = (0.5, 1.0)  # seconds: to connect, for the whole answer
MOST_BYTES = 2_000_000
MOST_ATTEMPTS = 5  # the latest
MOST_ROWS = 200
LONGEST_WORD = 40
NEAR = timedelta(seconds=30)  # a kill just before an order, or after its last entry, may be its own

WHO = {"gateway": _("Gateway"), "wire": _("Call"), "kill": _("Kill button")}
STATES = {
    "awaiting": _("The gateway opened the payment."),
    "paid": _("The money was taken at the bank's page; it is not captured yet."),
    "captured": _("The gateway captured the money."),
    "failed": _("The payment failed at the gateway."),
    "expired": _("The payment expired at the gateway."),
    "unknown": _("The gateway does not know what became of the payment."),
    "manually_captured": _("The gateway's staff found that the payment was made."),
    "reversed": _("The gateway gave the whole amount back."),
}
KILLS = {
    "now": _("%(process)s was killed."),
    "commit": _("%(process)s was killed just before a commit (%(where)s)."),
    "call": _("%(process)s was killed just before a call to the gateway (%(where)s)."),
    "answer": _("%(process)s was killed when an answer had come and was not stored (%(where)s)."),
}
PROCESSES = {"shop": _("The shop"), "worker": _("The worker")}


@dataclass(frozen=True, slots=True)
class Joined:
    """The entries of a page by time; ``missing``: the gateway's side could not be had."""

    entries: Sequence[TimelineEntry]
    missing: bool = False

    @property
    def has_more_sides(self) -> bool:
        """Return whether something stands there that the shop has not recorded."""
        return any(each.side != "shop" for each in self.entries)


def join(
    entries: Sequence[TimelineEntry], attempts: Sequence[Payment], *, begins: bool, ends: bool
) -> Joined:
    """Add what belongs between the first and the last entry of a page of the history.

    ``begins`` and ``ends`` tell whether it is the history's first page, and its last.
    """
    if not entries or not is_test_mode(current_app.config):
        return Joined(entries)
    end_reading()
    found, missing = _from_outside(attempts, entries[0].at, entries[-1].at)
    first = datetime.min.replace(tzinfo=UTC) if begins else entries[0].at
    last = datetime.max.replace(tzinfo=UTC) if ends else entries[-1].at
    between = [each for each in found if first <= each.at < last]
    began = entries[0].at if begins else first

    def when(each: TimelineEntry) -> datetime:  # a gateway's clock may be behind ours
        return each.at if each.side == "kill" else max(each.at, began)

    return Joined(sorted([*entries, *between], key=when), missing)


def _from_outside(
    attempts: Sequence[Payment], since: datetime, until: datetime
) -> tuple[list[TimelineEntry], bool]:
    found, missing = [], False
    try:
        for attempt in attempts[-MOST_ATTEMPTS:]:
            found += list(_of_gateway(attempt))[:MOST_ROWS]
    except (RequestException, LookupError, TypeError, ValueError):
        missing = True
    until = max([until, *(each.at for each in found)])
    try:
        return [*found, *_kills(since - NEAR, until + NEAR)], missing
    except (RequestException, LookupError, TypeError, ValueError):
        return found, missing


def _of_gateway(attempt: Payment) -> Iterator[TimelineEntry]:
    """Yield the gateway's states of a payment, and the calls about it."""
    entry = next((each for each in GATEWAYS if each.name == attempt.gateway), None)
    address = entry and current_app.config[entry.address]
    if entry is None or not address or not is_local(address):
        return
    asked = {"reference": attempt.reference, "world": _world(entry)}
    for order in _asked(address, "orders", asked)["orders"]:
        if order["reference_number"] == attempt.reference:
            for step in order["transitions"]:
                yield _entry("gateway", step["at"], _state(step["state"]), attempt.id)
    for call in _asked(address, "requests", asked)["requests"]:
        yield _entry("wire", call["received_at"], _call(call), attempt.id)


def _asked(gateway: str, what: str, query: Mapping[str, str]) -> Any:
    parts = urlsplit(gateway)
    address = f"{parts.scheme}://{parts.netloc}/_sandbox/{what}"
    return get_json(address, query, TIMEOUT, MOST_BYTES)


def _world(entry: Entry) -> str:
    """Return the sandbox's world, which its credentials name."""
    first = current_app.config[next(iter(entry.credentials.values()))]
    return str(first).removesuffix("-api-key")


def _state(state: str) -> str:
    return str(STATES[state]) if state in STATES else _short(state)


def _call(call: Mapping[str, Any]) -> str:
    operation, fate = _short(call["operation"] or call["method"]), _short(call["fate"])
    if call["status"] is None:
        return str(_("%(operation)s: no answer (%(fate)s)", operation=operation, fate=fate))
    answered = f"{operation}: {int(call['status'])}"
    return answered if fate == "answered" else f"{answered} ({fate})"


def _kills(since: datetime, until: datetime) -> Iterator[TimelineEntry]:
    """Yield the kills of a span, and those from which a process came back in it."""
    url = current_app.config["KILL_URL"]
    told = get_json(f"{url}/events.json", {}, TIMEOUT, MOST_BYTES)["events"] if url else ()
    for event in told:
        if event["event"] == "killed":
            kill = _entry("kill", event["at"], _kill(event))
            back = datetime.fromisoformat(event["back_at"] or event["at"])
            if since <= max(kill.at, back) and kill.at <= until:
                yield kill


def _kill(kill: Mapping[str, Any]) -> str:
    process = PROCESSES[kill["process"]]
    said = str(KILLS[kill["moment"]]) % {"process": process, "where": _short(kill["where"])}
    return f"{said} {_gap(kill)}"


def _gap(kill: Mapping[str, Any]) -> str:
    if not kill["back_at"]:
        return str(_("It is not back yet."))
    gap = datetime.fromisoformat(kill["back_at"]) - datetime.fromisoformat(kill["at"])
    seconds = digits(f"{gap.total_seconds():.1f}", current_language())
    return str(_("It was back %(seconds)s seconds later.", seconds=seconds))


def _short(word: object) -> str:
    text = "".join(each for each in str(word) if each.isprintable())
    return text[:LONGEST_WORD]


def _entry(side: str, at: str, sentence: str, payment_id: int | None = None) -> TimelineEntry:
    moment = datetime.fromisoformat(at).astimezone(UTC)
    return TimelineEntry(moment, str(WHO[side]), (sentence,), payment_id, None, side=side)
