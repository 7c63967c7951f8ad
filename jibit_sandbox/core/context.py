"""The context of a request: its gateway, world, transaction and behaviour."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import BoundedSemaphore
from time import perf_counter
from typing import Any, Literal, Protocol, cast

from flask import Request, Response, current_app, g
from sqlalchemy.orm import Session

from jibit_sandbox.bank.contradictions import settle_due_contradictions
from jibit_sandbox.bank.orders import expire_due_orders
from jibit_sandbox.core.callback import Callback
from jibit_sandbox.core.clock import now_in
from jibit_sandbox.core.held_calls import HeldCalls
from jibit_sandbox.core.list_turns import ListTurns
from jibit_sandbox.core.models import Order, World
from jibit_sandbox.core.settings import Settings
from jibit_sandbox.core.store import Store
from jibit_sandbox.core.worlds import Switches, expiry_delay, switches_of, world_named
from jibit_sandbox.web.coercion import Kinds

Fields = dict[str, Any]
TokenKind = Literal["access", "refresh"]
# Dashboards that are told of news as it comes. Each has a thread and a connection for itself, and a
# browser opens only six to one address: two are left for pages.
MOST_STREAMS = 4


def endpoint_name(request: Request) -> str | None:
    """Return the name of the endpoint, which is the operation at most calls."""
    return (request.endpoint or "").rpartition(".")[2] or None


class Wire(Protocol):
    """What the shared code must know of one gateway's wire.

    Its blueprints' names begin with its ``name``; that of the payer's pages is ``name_pages``.
    """

    name: str
    prefix: str
    paid_status: str  # what its callback says of a payment that was made
    fields: Mapping[str, str]  # what its answers call an order's amount, currency and reference
    kinds: Kinds  # how legacy worlds read the fields of its bodies
    older_names: Mapping[str, str]  # of its keys

    def world_of(self, session: Session, request: Request) -> str | None:
        """Return the world that the request's credentials belong to; None if unknown."""

    def operation(self, request: Request) -> str | None:
        """Return the operation that behaviours and the log know this request by."""

    def named_order(self, session: Session, request: Request, world: str) -> str | None:
        """Return the order that a query or a body names; None where only paths name orders."""

    def credentials(self, world: str) -> dict[str, str]:
        """Return the body of the first token call for this world's merchant."""

    def new_identifier(self, world: World) -> str:
        """Return the identifier of a new order."""

    def new_token(self, kind: TokenKind, work: Work, expires_at: datetime) -> str:
        """Return a token in this gateway's format."""

    def refresh_token_seconds(self, settings: Settings) -> int:
        """Return the lifetime of a refresh token in seconds."""

    def failure(self, call: Call, status: int) -> Response:
        """Return this gateway's response for a bare HTTP error."""

    def message(self, code: str, language: str) -> str | None:
        """Return the message of an error's code; None for an unknown one."""

    def status(self, order: Order, switches: Switches) -> str:
        """Return the status that an inquiry gives."""

    def with_status(self, call: Call, answer: Fields, status: str) -> Fields:
        """Return a successful response with another status, given in PPG's terms."""

    def callback(
        self,
        work: Work,
        order: Order,
        *,
        state: str | None = None,
        amount: str | None = None,
        identifier: str | None = None,
    ) -> Callback | None:
        """Return how the payer returns to the shop; given values replace the true ones.

        None: this gateway sends nobody back in the order's state.
        """


class Refusal(Exception):
    """A call is refused; each gateway has its own response for it.

    ``fields`` are those that are wrong, where the refusal is about fields.
    """

    fields: tuple[str, ...] = ()

    def response(self, call: Call) -> Response:
        """Return the refusal as a response to the call."""
        raise NotImplementedError


@dataclass(slots=True)
class Sandbox:
    """The wired sandbox, one for each application."""

    settings: Settings
    store: Store
    wires: tuple[Wire, ...]
    held_calls: HeldCalls = field(default_factory=HeldCalls)
    list_turns: ListTurns = field(default_factory=ListTurns)
    streams: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(MOST_STREAMS))


@dataclass(slots=True)
class Call:
    """A request and its response; ``fingerprint`` names both in the log and in error envelopes."""

    wire: Wire
    operation: str | None
    world: str
    language: str
    order_identifier: str | None = None
    reference_number: str | None = None
    callback: Callback | None = None  # set as soon as the response sends the payer to the shop
    behaviour: str | None = None
    source: str | None = None
    refused_fields: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    keeps_changes: bool = True
    fate: str = "answered"
    exchange_id: int = 0
    fingerprint: str = ""  # drawn as soon as its world is known
    began: float = field(default_factory=perf_counter)

    def adopt(self, behaviour: str, parameters: Mapping[str, Any], source: str) -> None:
        """Give this call a behaviour; ``source`` says where it comes from."""
        self.behaviour = behaviour
        self.parameters = dict(parameters)
        self.source = source


@dataclass(frozen=True, slots=True)
class Work:
    """A unit of work: a transaction in one world, at one moment of its clock."""

    session: Session
    world: World
    now: datetime


def sandbox() -> Sandbox:
    return cast(Sandbox, current_app.extensions["sandbox"])


def end_list_turn(_: BaseException | None = None) -> None:
    """Let the client's next list call at PPG v3 begin, if this was one."""
    world = g.pop("list_turn", None)
    if world is not None:
        sandbox().list_turns.give_back(world)


def current_call() -> Call | None:
    """Return the gateway call being answered; None on the dashboard and in the control API."""
    return cast("Call | None", g.get("call"))


def require_call() -> Call:
    """Return the call that web/call_pipeline.py began; gateway endpoints always have one."""
    call = current_call()
    if call is None:
        raise RuntimeError("gateway endpoints are answered inside watched traffic only")
    return call


def switches_for(call: Call) -> Switches:
    """Return the switches of the call's world; its own transaction is over by now."""
    with sandbox().store.reading() as session:
        world = session.get(World, call.world)
        return switches_of(world) if world else Switches()  # a reset may have come in between


def error_in(call: Call, code: str) -> Fields:
    """Return one error of PPG's envelopes; by switch its message is null."""
    has_message = switches_for(call).error_message == "text"
    return {
        "code": code,
        "message": call.wire.message(code, call.language) if has_message else None,
    }


def wire_at(path: str) -> Wire | None:
    """Return the wire of the gateway that the path is of; two slashes count as one."""
    whole = squeezed(f"{path}/")
    return next((wire for wire in sandbox().wires if whole.startswith(f"{wire.prefix}/")), None)


def squeezed(path: str) -> str:
    """Return the path with one slash where a base URL that ends in one has left two."""
    return re.sub("//+", "/", path)


def wire_named(name: str) -> Wire:
    return next(wire for wire in sandbox().wires if wire.name == name)


def enter(world: World) -> World:
    """Note that the answer to this request is about a seeded world: it says no real time."""
    g.is_seeded = world.seed is not None
    return world


@contextmanager
def work_in(name: str) -> Iterator[Work]:
    """Begin a transaction in a world, after the transitions that are due."""
    with sandbox().store.writing() as session:
        world = enter(world_named(session, name))
        now = now_in(world)
        expire_due_orders(session, name, now, expiry_delay(world))
        settle_due_contradictions(session, name, now)
        yield Work(session, world, now)


@contextmanager
def work_for(call: Call) -> Iterator[Work]:
    """Begin the call's transaction; a behaviour may have it rolled back at the end."""
    with work_in(call.world) as work:
        yield work
        if not call.keeps_changes:
            work.session.rollback()
