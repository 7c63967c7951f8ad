"""What the sandbox knows of a refusal beyond its code: sentences for whoever debugs a client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Request
from sqlalchemy.orm import Session

from jibit_sandbox.core.context import Call, sandbox
from jibit_sandbox.core.models import Order
from jibit_sandbox.core.worlds import Switches
from jibit_sandbox.gateways.callback_urls import switches_accepting
from jibit_sandbox.i18n.translations import gettext_noop as _
from jibit_sandbox.web.json_requests import Body

MOST_SAID = 60  # characters of what a client sent that a hint repeats
Hint = tuple[str, dict[str, str]]  # a message, and what its placeholders stand for


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused call: what was sent and what it was told."""

    call: Call
    request: Request
    session: Session
    switches: Switches
    body: Body
    status: int
    codes: tuple[str, ...]
    fields: tuple[str, ...]


LEGACY = {  # by the type that was sent and the one that is read
    (int, str): _("%(field)s was sent as a number; the switch legacy would read it as text."),
    (bool, str): _("%(field)s was sent as a boolean; the switch legacy would read it as text."),
    (str, int): _("%(field)s was sent as text; the switch legacy would read it as a number."),
    (str, bool): _("%(field)s was sent as text; the switch legacy would read it as a boolean."),
    (int, bool): _("%(field)s was sent as a number; the switch legacy would read it as a boolean."),
}


def of_types(refused: Refused) -> Iterator[Hint]:
    """Name the fields whose type only older clients may send."""
    for field in () if refused.switches.legacy else refused.fields:
        sent, reading = refused.body.get(field), refused.call.wire.kinds.get(field)
        sent_type = int if isinstance(sent, float) else type(sent)
        message = LEGACY.get((sent_type, type(reading(sent)))) if reading else None
        if message:
            yield message, {"field": field}


def of_older_names(refused: Refused) -> Iterator[Hint]:
    """Name the keys that were sent under their older names."""
    for field, older in refused.call.wire.older_names.items():
        if field in refused.fields and older in refused.body and not refused.switches.legacy:
            message = _("%(older)s is the older name of %(field)s: turn on the switch legacy.")
            yield message, {"older": older, "field": field}


def of_spelling(refused: Refused) -> Iterator[Hint]:
    """Name the fields that are missing because they were spelt otherwise."""
    plain = {bare(name): name for name in refused.body}
    for field in refused.fields:
        said = plain.get(bare(field))
        if field not in refused.body and said:
            message = _("The field is called %(field)s, not %(said)s.")
            yield message, {"field": field, "said": said[:MOST_SAID]}


def bare(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def of_callback_url(refused: Refused) -> Iterator[Hint]:
    """Name the switches that would have a callback URL accepted."""
    for field in refused.fields:
        address = refused.body.get(field)
        if field.lower() == "callbackurl" and isinstance(address, str):
            for switch in switches_accepting(address, refused.switches):
                yield _("The switch %(switch)s would accept this URL."), {"switch": switch}


def of_path(refused: Refused) -> Iterator[Hint]:
    """Say what is wrong with an address that nobody answers."""
    path = str(refused.request.environ["PATH_INFO"])
    has_none = refused.request.routing_exception is not None or path.startswith("//")
    if not has_none or refused.status != 404:
        return
    if "//" in path:
        yield _("The path has two slashes in a row: the base URL must not end in a slash."), {}
    elif path.endswith("/"):
        yield _("The path must not end in a slash."), {}
    else:
        yield from of_other_gateways(refused, path.removeprefix(refused.call.wire.prefix))


def of_other_gateways(refused: Refused, rest: str) -> Iterator[Hint]:
    from flask import current_app

    adapter = current_app.create_url_adapter(refused.request)
    for wire in sandbox().wires:
        if wire is not refused.call.wire and adapter and adapter.test(wire.prefix + rest):
            message = _("Another gateway has this address: the base URL would end in %(prefix)s.")
            yield message, {"prefix": wire.prefix}


def of_headers(refused: Refused) -> Iterator[Hint]:
    """Repeat the header that was refused."""
    name = {406: "Accept", 415: "Content-Type"}.get(refused.status)
    if name:
        said = refused.request.headers.get(name, "")[:MOST_SAID]
        message = _("%(name)s must be application/json. It was: %(said)s")
        yield message, {"name": name, "said": said or "-"}


def of_method(refused: Refused) -> Iterator[Hint]:
    """Name the switch by which the wallet's inquiry takes a POST."""
    is_inquiry = refused.call.wire.name == "wallet" and refused.call.operation == "inquiry"
    if refused.status == 405 and is_inquiry and refused.request.method == "POST":
        yield _("The switch wallet_inquiry_by_post would answer it."), {}


def of_credentials(refused: Refused) -> Iterator[Hint]:
    """Name the credentials of the world."""
    is_generate = refused.call.operation == "generate" and not refused.fields
    inactive = refused.switches.channel == "disabled" or refused.switches.merchant != "active"
    if is_generate and refused.status in (400, 401) and refused.body and not inactive:
        first, second = refused.call.wire.credentials(refused.call.world).values()
        message = _("The credentials of world %(world)s are %(first)s and %(second)s.")
        yield message, {"world": refused.call.world, "first": first, "second": second}


def of_orders(refused: Refused) -> Iterator[Hint]:
    """Say where an order is that the merchant does not have at this gateway."""
    order = refused.session.get(Order, refused.call.order_identifier or "")
    if refused.status != 404 or order is None:
        return
    if order.world != refused.call.world:
        yield _("The order belongs to world %(world)s."), {"world": order.world}
    elif order.gateway != refused.call.wire.name:
        prefix = next(wire.prefix for wire in sandbox().wires if wire.name == order.gateway)
        yield _("The order belongs to the gateway under %(prefix)s."), {"prefix": prefix}


SOURCES: tuple[Callable[[Refused], Iterator[Hint]], ...] = (
    *(of_types, of_older_names, of_spelling, of_callback_url, of_path, of_headers, of_method),
    *(of_credentials, of_orders),
)
