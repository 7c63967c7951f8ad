"""The control API of whole worlds and of single orders: read, write, make, and change at once."""

from __future__ import annotations

import os

from flask import Blueprint, Response, jsonify, request

from jibit_sandbox import __version__
from jibit_sandbox.bank.orders import find_order
from jibit_sandbox.control.at_once import AT_ONCE
from jibit_sandbox.control.inspection import whole_view
from jibit_sandbox.control.parameters import (
    body_object,
    text_in,
    whole_argument,
    world_name,
    world_work,
)
from jibit_sandbox.core.context import Work, sandbox
from jibit_sandbox.core.errors import ControlError, NotFound
from jibit_sandbox.core.models import Order
from jibit_sandbox.files.fields import Fields, parsed
from jibit_sandbox.files.har import har
from jibit_sandbox.files.orders import add_order
from jibit_sandbox.files.worlds import load_world, world_object
from jibit_sandbox.web.request_log import find_exchanges

worlds = Blueprint("worlds", __name__, url_prefix="/_sandbox")


@worlds.get("/health")
def health() -> Response:
    """Answer as soon as the sandbox is ready, under any name."""
    own = {"pid": os.getpid(), "parent_pid": os.getppid()}
    return jsonify(status="ok", version=__version__, **own)


@worlds.get("/world")
def export_world() -> Response:
    """Return the whole world, for a file."""
    with world_work() as work:
        return jsonify(world_object(work))


@worlds.put("/world")
def import_world() -> Response:
    """Empty the world and fill it from such a file."""
    document, name = parsed(request.get_data(as_text=True), "the body"), world_name()
    sandbox().held_calls.release(name)
    with sandbox().store.writing() as session:
        load_world(session, name, document)
    with world_work() as work:
        return jsonify(world=name, orders=len(world_object(work)["orders"]))


@worlds.post("/orders")
def make_order() -> tuple[Response, int]:
    """Make an order in any state, like ``{"state": "paid", "minutes_ago": 14}``."""
    body = body_object()
    with world_work() as work:
        return jsonify(whole_view(work, add_order(work, Fields(body)))), 201


@worlds.post("/orders/<identifier>/now")
def change_order(identifier: str) -> Response:
    """Pay, decline, expire or reset an order at once: ``{"action": "expire"}``."""
    action = text_in(body_object(), "action")
    with world_work() as work:
        return jsonify(whole_view(work, changed_at_once(work, identifier, action)))


def changed_at_once(work: Work, identifier: str, action: str | None) -> Order:
    """Change the order; raise ControlError for a wrong action, NotFound or Conflict."""
    if action is None or action not in AT_ONCE:
        raise ControlError(f"action can be one of {list(AT_ONCE)}, not {action!r}")
    order = find_order(work.session, work.world.name, identifier)
    if order is None:
        raise NotFound(f"there is no order {identifier} in this world")
    AT_ONCE[action](work, order)
    return order


@worlds.get("/har")
def export_har() -> Response:
    """Return the log as HAR 1.2, with the filters of ``GET /_sandbox/requests``."""
    whole_argument("after")  # anything else is refused
    with world_work() as work:
        found = find_exchanges(work, request.args)
        return jsonify(har(found, request.host_url.rstrip("/")))
