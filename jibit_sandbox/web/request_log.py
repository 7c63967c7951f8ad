"""The request log: every gateway call, searchable by fingerprint, order or reference."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Protocol
from urllib.parse import urlencode

from flask import Request, Response, g
from sqlalchemy import Select, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from jibit_sandbox.core.callback import Callback
from jibit_sandbox.core.chance import new_fingerprint
from jibit_sandbox.core.clock import now_in
from jibit_sandbox.core.context import Call, Work
from jibit_sandbox.core.models import Exchange, Order, World
from jibit_sandbox.web.explanations import explanation
from jibit_sandbox.web.redaction import masked_body, masked_headers, masked_path
from jibit_sandbox.web.search import call_has, said_in

SMALL_PAGE = 1000  # bytes; a larger page is only counted
FORM = "application/x-www-form-urlencoded"
LONGEST_BODY = 20_000  # characters kept of a body
UNDER_WAY = "being answered"  # the fate of a call without an answer yet


class Delivery(Protocol):
    """A callback that the sandbox itself sent; see behaviours/callback_delivery.py."""

    @property
    def sent(self) -> Callback: ...
    @property
    def status(self) -> int | None: ...
    @property
    def body(self) -> str: ...
    @property
    def took_ms(self) -> float: ...
    @property
    def fate(self) -> str: ...


# Made once and run past the mapper: they run on every call.
ARRIVED = insert(Exchange).returning(Exchange.id)
COMPLETE = update(Exchange).where(Exchange.id == bindparam("exchange_id"))


def log_arrival(work: Work, call: Call, request: Request) -> None:
    """Store the request before it is processed, so that a call that hangs is visible."""
    exchange = {
        "world": call.world,
        "gateway": call.wire.name,
        "operation": call.operation,
        "received_at": work.now,
        "remote": request.remote_addr,
        "method": request.method,
        "path": masked_path(request.full_path.rstrip("?")),
        "request_headers": masked_headers(request.headers.items()),
        "request_body": readable(request.get_data(), request.mimetype),
        "fate": UNDER_WAY,
        "fingerprint": call.fingerprint,
        "order_identifier": call.order_identifier,
        "reference_number": call.reference_number,
        "behaviour": call.behaviour,
        "source": call.source,
    }
    call.exchange_id = work.session.connection().execute(ARRIVED, exchange).scalar_one()


def log_answer(session: Session, call: Call, request: Request, response: Response) -> None:
    """Complete the entry, unless its world was emptied in the meantime.

    A response that was made and then lost is stored: its fate says so.
    """
    sent = call.fate != "never answered"
    completed = {
        "took_ms": 0.0 if g.is_seeded else round((perf_counter() - call.began) * 1000, 3),
        "fate": call.fate,
        "behaviour": call.behaviour,
        "source": call.source,
        "order_identifier": call.order_identifier,
        "reference_number": call.reference_number,
        "status": response.status_code if sent else None,
        "response_headers": masked_headers(response.headers.items()) if sent else None,
        "response_body": readable(response.get_data(), response.mimetype) if sent else None,
        "refusal": explanation(session, call, request, response) if sent else None,
    }
    session.connection().execute(COMPLETE, completed | {"exchange_id": call.exchange_id})


def log_delivery(session: Session, order: Order, delivery: Delivery) -> None:
    """Store a callback that the sandbox sent itself."""
    form, world = delivery.sent.form, session.get_one(World, order.world)
    session.add(
        Exchange(
            world=order.world,
            gateway=order.gateway,
            operation="callback",
            received_at=now_in(world),
            took_ms=delivery.took_ms if world.seed is None else 0.0,
            method="GET" if form is None else "POST",
            path=masked_path(delivery.sent.url),
            request_headers={},
            request_body="" if form is None else masked_body(urlencode(form), FORM),
            status=delivery.status,
            response_headers={},
            response_body=readable(delivery.body.encode(), "text/plain"),
            fate=delivery.fate,
            fingerprint=new_fingerprint(world),
            order_identifier=order.identifier,
            reference_number=order.reference_number,
        )
    )


SEARCHABLE = {
    "gateway": Exchange.gateway,
    "operation": Exchange.operation,
    "fingerprint": Exchange.fingerprint,
    "order": Exchange.order_identifier,
    "reference": Exchange.reference_number,
    "behaviour": Exchange.behaviour,
    "fate": Exchange.fate,
}


def find_exchanges(work: Work, wanted: Mapping[str, str]) -> list[Exchange]:
    """Return the world's entries that match every given field, the oldest first."""
    return list(work.session.scalars(searched(work, wanted).order_by(Exchange.id)))


def count_exchanges(work: Work, wanted: Mapping[str, str]) -> int:
    """Return how many entries match."""
    counted = searched(work, wanted).with_only_columns(func.count())
    return work.session.scalars(counted).one()


def searched(work: Work, wanted: Mapping[str, str]) -> Select[Exchange]:
    """Return what the fields ask for; ``q`` searches for anything, see web/search.py."""
    found, said = matching(work, wanted), said_in(wanted)
    return found.where(call_has(work.world.name, said)) if said else found


def matching(work: Work, wanted: Mapping[str, str]) -> Select[Exchange]:
    found = select(Exchange).where(Exchange.world == work.world.name)
    for name, column in SEARCHABLE.items():
        if wanted.get(name):
            found = found.where(column == wanted[name])
    after = wanted.get("after", "")
    return found.where(Exchange.id > int(after)) if is_number(after) else found


def is_number(said: str) -> bool:
    """Return whether a text is a number that a row can have."""
    return said.isascii() and said.isdigit() and len(said) < 19


def faults_by_operation(work: Work) -> dict[str, dict[str, int]]:
    """Return how often each behaviour was applied to each operation of the world."""
    counted = (
        select(Exchange.operation, Exchange.behaviour, func.count())
        .where(Exchange.world == work.world.name, Exchange.behaviour.is_not(None))
        .group_by(Exchange.operation, Exchange.behaviour)
        .order_by(Exchange.operation, Exchange.behaviour)
    )
    faults: dict[str, dict[str, int]] = {}
    for operation, behaviour, count in work.session.execute(counted):
        faults.setdefault(str(operation), {})[str(behaviour)] = count
    return faults


def readable(body: bytes, mimetype: str | None) -> str:
    if mimetype == "text/html" and len(body) > SMALL_PAGE:
        return f"({len(body)} bytes of HTML)"
    masked = masked_body(body.decode("utf-8", "replace"), mimetype or "")
    return masked[:LONGEST_BODY].encode("utf-8", "replace").decode()
