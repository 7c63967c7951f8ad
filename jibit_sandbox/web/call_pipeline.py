"""The stages of every gateway call: log it, choose a behaviour, answer, complete the log."""

from __future__ import annotations

from uuid import UUID

from flask import Response, current_app, g, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import MethodNotAllowed, NotFound

from jibit_sandbox.behaviours.catalogue import BEHAVIOURS
from jibit_sandbox.behaviours.rules import choose
from jibit_sandbox.core.chance import new_fingerprint
from jibit_sandbox.core.clock import now_in
from jibit_sandbox.core.context import Call, Wire, Work, current_call, enter, sandbox, wire_at
from jibit_sandbox.core.errors import ControlError
from jibit_sandbox.core.models import Order, World
from jibit_sandbox.core.settings import DEFAULT_WORLD
from jibit_sandbox.core.worlds import switches_of, world_named
from jibit_sandbox.web.connection import DATELESS
from jibit_sandbox.web.request_log import log_answer, log_arrival

HEADER = "X-Sandbox-Behaviour"
FINGERPRINT = "X-Sandbox-Fingerprint"


def begin_call() -> Response | None:
    """Find the call's world, choose its behaviour, log its arrival and run the effect before it."""
    wire = wire_at(request.path)
    if wire is None:
        return None
    with sandbox().store.writing() as session:
        call = g.call = new_call(wire, session)
        world = enter(world_named(session, call.world))
        call.fingerprint = new_fingerprint(world)
        if switches_of(world).fingerprint == "36":
            call.fingerprint = str(UUID(call.fingerprint))
        complaint = choose_behaviour_for(session, world, call)
        log_arrival(Work(session, world, now_in(world)), call, request)
    if complaint:
        return Response(f"{HEADER}: {complaint}\n", status=400, mimetype="text/plain")
    refuse_head()
    refuse_doubled_slash()
    return BEHAVIOURS[call.behaviour].before(call) if call.behaviour else None


def new_call(wire: Wire, session: Session) -> Call:
    identifier = (request.view_args or {}).get("identifier")
    on_page = request.blueprint == f"{wire.name}_pages"
    world = world_of_order(session, identifier) if on_page else wire.world_of(session, request)
    world = world or DEFAULT_WORLD
    if identifier is None:
        identifier = wire.named_order(session, request, world)
    operation, language = wire.operation(request), preferred_language()
    return Call(wire, operation, world, language, order_identifier=identifier)


def world_of_order(session: Session, identifier: str | None) -> str | None:
    """Return the world of the order on a payment page: a payer has no credentials."""
    order = session.get(Order, identifier)
    return order.world if order else None


def preferred_language() -> str:
    """Return ``en`` or ``fa`` by Accept-Language; English by default."""
    return request.accept_languages.best_match(["en", "fa"], "en")


def refuse_head() -> None:
    """Refuse HEAD: Flask would run the GET, and here a GET can capture money."""
    if request.method == "HEAD" and request.routing_exception is None:
        adapter = current_app.create_url_adapter(request)
        raise MethodNotAllowed(adapter.allowed_methods() if adapter else None)


def refuse_doubled_slash() -> None:
    """Answer 404 to a path that begins with two slashes: Werkzeug reads them as one."""
    if request.environ["PATH_INFO"].startswith("//"):
        raise NotFound


def choose_behaviour_for(session: Session, world: World, call: Call) -> str | None:
    """Give the call its behaviour, if any; return what is wrong with its header, if so."""
    try:
        chosen = choose(session, world, call, request.headers.get(HEADER))
    except ControlError as error:
        return str(error)
    if chosen is not None:
        call.adopt(chosen.behaviour.name, chosen.parameters, chosen.source)
        call.keeps_changes = chosen.behaviour.commits
    return None


def apply_behaviour(response: Response) -> Response:
    """Run the behaviour's effect on the response."""
    call = current_call()
    if call is None or call.behaviour is None:
        return response
    return BEHAVIOURS[call.behaviour].after(call, response)


def leave_out_date(response: Response) -> Response:
    """Send no HTTP date from a seeded world, whose answers are the same on every run."""
    request.environ[DATELESS] = g.get("is_seeded", False)
    return response


def complete_log_entry(response: Response) -> Response:
    """Complete the log before the response is sent; a header names its entry."""
    call = current_call()
    if call is not None:
        response.headers[FINGERPRINT] = call.fingerprint
        with sandbox().store.writing() as session:
            log_answer(session, call, request, response)
    return response
