"""Put what happened to an order into one list by time: its states, its calls, and the shop's kills.

Who kills the shop tells of it at ``/events.json`` of ``SANDBOX_KILL_URL``:
``{"events": [{"at", "process", "event", "moment", "where", "back_at"}]}``. Without an answer the
list has the gateway's side alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote, urlsplit

from jibit_sandbox.core.clock import from_text, now_in, real_now
from jibit_sandbox.core.context import Work, sandbox
from jibit_sandbox.core.models import Exchange, Order, Transition
from jibit_sandbox.i18n import labels

TIMEOUT = 0.5  # seconds
MOST_BYTES = 100_000
LONGEST_WORD = 40
NEAR = timedelta(seconds=30)  # a kill just before an order, or after its last entry, may be its own


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; ``kind`` is ``state-change``, ``call`` or ``kill``, ``what`` its row."""

    at: datetime
    kind: str
    what: Any
    back_at: datetime | None = None

    @property
    def ended_at(self) -> datetime:
        return self.back_at or self.at


def timeline_of(
    work: Work,
    transitions: Sequence[Transition],
    calls: Sequence[Exchange],
    kills: Sequence[Mapping[str, Any]],
) -> list[Entry]:
    """Return the entries, the oldest first; a kill's real time is put on the world's clock."""
    entries = [Entry(each.at, "state-change", each) for each in transitions]
    entries += [Entry(each.received_at, "call", each) for each in calls]
    if entries:
        since = min(each.at for each in entries) - NEAR
        until = max(each.at for each in entries) + NEAR
        found = kill_entries(kills, ahead=now_in(work.world) - real_now())
        entries += [each for each in found if since <= each.ended_at and each.at <= until]
    return sorted(entries, key=lambda each: each.at)


def kill_entries(kills: Sequence[Mapping[str, Any]], ahead: timedelta) -> Iterator[Entry]:
    for kill in kills:
        back = from_text(kill["back_at"]) + ahead if kill["back_at"] else None
        yield Entry(from_text(kill["at"]) + ahead, "kill", kill, back)


def kills_told() -> list[Mapping[str, Any]]:
    """Return the kills that the kill button tells of; none if it does not answer."""
    url = sandbox().settings.kill_url
    try:
        told = events_at(url) if url else []
        return [kill_in(each) for each in told if each["event"] == "killed"]
    except (OSError, HTTPException, LookupError, TypeError, ValueError):
        return []


def events_at(url: str) -> list[dict[str, Any]]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        connection.request("GET", "/events.json")
        told = json.loads(connection.getresponse().read(MOST_BYTES))
        return list(told["events"])
    finally:
        connection.close()


def kill_in(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a kill with known words and bounded texts; raise ValueError for another one."""
    if event["moment"] not in labels.kill or event["process"] not in ("shop", "worker"):
        raise ValueError("an unknown kill")
    for moment in (event["at"], event["back_at"] or event["at"]):
        from_text(moment)
    return {**event, "where": str(event["where"])[:LONGEST_WORD]}


def shop_page_of(order: Order) -> str:
    """Return where the shop shows this order, if we know; empty if not."""
    address = sandbox().settings.shop_order_url
    return address.replace("{reference}", quote(order.reference_number, safe=""))
