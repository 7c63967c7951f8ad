"""One request being answered: what it asks for, in which world, and with which behaviour."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any, Literal, Protocol, cast

from flask import Request, Response, current_app, g
from sqlalchemy.orm import Session

from jibit_sandbox.bank.orders import settle_due
from jibit_sandbox.core.clock import now_in
from jibit_sandbox.core.held_calls import Holds
from jibit_sandbox.core.models import Order, World
from jibit_sandbox.core.settings import Settings
from jibit_sandbox.core.store import Store
from jibit_sandbox.core.worlds import Switches, expiry_delay, world_named

Fields = dict[str, Any]
TokenKind = Literal["access", "refresh"]


class Wire(Protocol):
    """What the sandbox's inside must know of a gateway's own language.

    Its blueprints bear its ``name``: the calls of ``name``, the shopper's pages of ``name_pages``.
    """

    name: str
    prefix: str
    paid_word: str  # what its callback says of a payment that was made
    fields: Mapping[str, str]  # what its answers call an order's amount, currency and reference

    def world_of(self, session: Session, request: Request) -> str | None:
        """Whose request this is, as far as it can be told from its credentials; None if not."""

    def credentials(self, world: str) -> dict[str, str]:
        """The body of its first token call, for the merchant of this world."""

    def new_token(self, kind: TokenKind, work: Work, dies_at: datetime) -> str:
        """A token as this gateway makes them."""

    def refresh_token_seconds(self, settings: Settings) -> int:
        """How long its refresh tokens live."""

    def failure(self, call: Call, status: int) -> Response:
        """This gateway's way of saying a bare HTTP error."""

    def status(self, order: Order, switches: Switches) -> str:
        """What an inquiry says of the order."""

    def with_status(self, call: Call, answer: Fields, status: str) -> Fields:
        """A good answer that claims another status, given in PPG's words."""

    def callback_url(
        self,
        order: Order,
        *,
        state: str | None = None,
        amount: str | None = None,
        identifier: str | None = None,
    ) -> str:
        """Where the payer is sent; what is given is claimed instead of the truth."""


class Refusal(Exception):
    """A call is refused, and the gateway has its own words for it."""

    def response(self, call: Call) -> Response:
        """The refusal as an answer to the call."""
        raise NotImplementedError


@dataclass(slots=True)
class Sandbox:
    """The wired sandbox, one for each application."""

    settings: Settings
    store: Store
    wires: tuple[Wire, ...]
    holds: Holds = field(default_factory=Holds)


@dataclass(slots=True)
class Call:
    """A request and its answer; ``fingerprint`` names both in the log and in error envelopes."""

    wire: Wire
    operation: str | None
    world: str
    language: str
    order_identifier: str | None = None
    reference_number: str | None = None
    behaviour: str | None = None
    source: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    keeps_changes: bool = True
    fate: str = "answered"
    exchange_id: int = 0
    fingerprint: str = field(default_factory=lambda: uuid.uuid4().hex)
    began: float = field(default_factory=perf_counter)

    def adopt(self, behaviour: str, parameters: Mapping[str, Any], source: str) -> None:
        """Let a behaviour act on this call; ``source`` says who asked for it."""
        self.behaviour = behaviour
        self.parameters = dict(parameters)
        self.source = source


@dataclass(frozen=True, slots=True)
class Work:
    """A transaction in one world, at one moment of its clock."""

    session: Session
    world: World
    now: datetime


def sandbox() -> Sandbox:
    return cast(Sandbox, current_app.extensions["sandbox"])


def current_call() -> Call | None:
    """The gateway call being answered; None on the dashboard and in the control API."""
    return cast("Call | None", g.get("call"))


def the_call() -> Call:
    """The call that traffic.py began; a gateway's endpoints are never reached without it."""
    call = current_call()
    if call is None:
        raise RuntimeError("gateway endpoints are answered inside watched traffic only")
    return call


def wire_named(name: str) -> Wire:
    return next(wire for wire in sandbox().wires if wire.name == name)


@contextmanager
def work_in(name: str) -> Iterator[Work]:
    """A transaction in a world, after everything its clock has made due was settled."""
    with sandbox().store.writing() as session:
        world = world_named(session, name)
        now = now_in(world)
        settle_due(session, name, now, expiry_delay(world))
        yield Work(session, world, now)


@contextmanager
def work_for(call: Call) -> Iterator[Work]:
    """The call's transaction. A behaviour may have it undone: answered, but nothing happened."""
    with work_in(call.world) as work:
        yield work
        if not call.keeps_changes:
            work.session.rollback()
