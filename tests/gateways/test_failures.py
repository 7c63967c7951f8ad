"""The client's errors reach the engine in the engine's own tree, with every fact and no secret."""

from __future__ import annotations

import copy
import logging
import pickle
import socket
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from jibit_client import errors as theirs
from jibit_client.tokens import MemoryTokenStore
from payment_engine import errors as ours
from payment_engine.gateway import Inquiry
from payment_engine.gateways.jibit_ppg import JibitPpg
from tests.client.documents import LIST, ORDER, order, page
from tests.client.scripted import Reply, ScriptedServer, hangs, http, raw, refuses, resets, says
from tests.gateways.bindings import REQUEST, AnyGateway, Binding, everyone
from tests.gateways.conftest import Connect

SINCE = datetime(2020, 6, 10, 15, tzinfo=UTC)
UNTIL = datetime(2020, 6, 10, 16, tzinfo=UTC)
HTML = raw(http(502, b"<html>"))

# What the wire does to a call, and the engine's and the client's class for it.
FAILURES: dict[str, tuple[Callable[[Binding], Reply], type[ours.GatewayError], str]] = {
    "reset": (lambda _: resets(), ours.NoAnswer, "ConnectionLost"),
    "500": (lambda binding: binding.wire.refuses(500), ours.NoAnswer, "ServerFailed"),
    "502 with HTML": (lambda _: HTML, ours.NoAnswer, "ServerFailed"),
    "HTML": (lambda _: raw(http(200, b"<html>")), ours.Unreadable, "Unintelligible"),
    "wrong types": (lambda _: says([]), ours.Unreadable, "Unintelligible"),
    "401 twice": (lambda binding: binding.wire.refuses(401), ours.NotExecuted, "NotAuthenticated"),
    "404": (lambda binding: binding.wire.refuses(404), ours.NotFound, "NotFound"),
    "429": (lambda binding: binding.wire.refuses(429), ours.TooManyRequests, "TooManyRequests"),
}


@everyone
@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_of_every_call_has_its_place_in_the_engines_tree(
    server: ScriptedServer, gateway: AnyGateway, binding: Binding, failure: str
) -> None:
    reply, error_class, kind = FAILURES[failure]
    server.on(binding.wire.refresh, binding.wire.tokens(2))
    for route, ask in binding.calls().items():
        server.on(route, reply(binding))
        with pytest.raises(ours.GatewayError) as caught:
            ask(gateway)
        assert type(caught.value) is error_class
        assert caught.value.kind == kind
        assert caught.value.operation == route_names(binding)[route]


def route_names(binding: Binding) -> dict[str, str]:
    wire = binding.wire
    return {wire.create: "create", wire.verify: "verify", wire.inquiry: "inquiry"}


@everyone
def test_a_plain_no_to_a_create_is_a_refusal_with_its_facts(
    server: ScriptedServer, gateway: AnyGateway, binding: Binding
) -> None:
    server.on(binding.wire.create, binding.wire.refuses(400))
    with pytest.raises(ours.Refused) as caught:
        gateway.open(REQUEST)
    assert type(caught.value) is ours.Refused
    assert (caught.value.kind, caught.value.http_status) == ("InvalidRequest", 400)
    assert caught.value.codes == binding.wire.codes(400)
    assert len(server.asked(binding.wire.create)) == 1


def test_status_codes_and_fingerprint_are_kept(server: ScriptedServer, gateway: JibitPpg) -> None:
    server.on("GET /ppg/v2/orders/1ObK7QrL", refuses(404, "a.b", "c.d", fingerprint="a1b2"))
    with pytest.raises(ours.NotFound) as caught:
        gateway.inquire("1ObK7QrL")
    assert caught.value.facts() == {
        "answer": "NotFound",
        "reason": "refused",
        "http_status": 404,
        "codes": ["a.b", "c.d"],
        "fingerprint": "a1b2",
    }
    assert str(caught.value) == "inquiry: refused (HTTP 404; a.b, c.d; fingerprint a1b2)"


@everyone
def test_a_gateway_that_hangs_gives_no_answer(
    server: ScriptedServer, connect: Connect, binding: Binding
) -> None:
    store = MemoryTokenStore()
    connect(token_store=store).keep_fresh()  # patiently, so that a busy machine fails no test here
    impatient = connect(token_store=store, read_timeout=0.3)
    server.on(binding.wire.verify, hangs)
    with pytest.raises(ours.NoAnswer) as caught:
        impatient.verify(binding.wire.identifier)
    assert (type(caught.value), caught.value.kind) == (ours.NoAnswer, "TimedOut")


@everyone
def test_where_nobody_listens_nothing_was_sent(connect: Connect, binding: Binding) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    gateway = connect(base_url=f"http://127.0.0.1:{port}/")
    for ask in binding.calls().values():
        with pytest.raises(ours.NotSent) as caught:
            ask(gateway)
        assert caught.value.kind == "NotConnected"


@everyone
def test_without_tokens_a_verification_was_not_sent(
    server: ScriptedServer, gateway: AnyGateway, binding: Binding
) -> None:
    server.on(binding.wire.generate, binding.wire.refuses(500))
    with pytest.raises(ours.NotSent):
        gateway.verify(binding.wire.identifier)
    server.on(binding.wire.generate, binding.wire.refuses(403))
    with pytest.raises(ours.CredentialsRefused) as caught:
        gateway.verify(binding.wire.identifier)
    assert (caught.value.kind, caught.value.http_status) == ("CredentialsRefused", 403)
    assert caught.value.codes == binding.wire.codes(403)
    assert server.asked(binding.wire.verify) == []


@pytest.mark.parametrize(
    ("reply", "error_class"),
    [
        (resets(), ours.NoAnswer),
        (refuses(429, "too.many"), ours.TooManyRequests),
        (says({}), ours.Unreadable),
    ],
)
def test_a_list_that_fails_in_the_middle_raises_the_engines_error_there(
    server: ScriptedServer, gateway: JibitPpg, reply: Reply, error_class: type[ours.GatewayError]
) -> None:
    server.on(LIST, says(page(ORDER, hasNext=True)), reply)
    rows = gateway.payments_between(SINCE, UNTIL)
    assert isinstance(next(rows), Inquiry)
    with pytest.raises(ours.GatewayError) as caught:
        next(rows)
    assert type(caught.value) is error_class
    server.on(LIST, says(page(ORDER, hasNext=True)), reply)
    with pytest.raises(error_class):
        gateway.find("another", since=SINCE, until=UNTIL)


def test_an_error_of_whoever_reads_the_list_is_left_alone(
    server: ScriptedServer, gateway: JibitPpg
) -> None:
    server.on(LIST, says(page(order(id="a"), order(id="b"))))
    error = theirs.NotFound("elsewhere", "not ours")

    def read() -> None:
        for _ in gateway.payments_between(SINCE, UNTIL):
            raise error

    with pytest.raises(theirs.NotFound) as caught:
        read()
    assert caught.value is error


def pickled(error: Exception) -> Exception:
    again: Exception = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    return again


@pytest.mark.parametrize("again", [copy.copy, pickled])
def test_a_translated_error_can_cross_a_process(
    server: ScriptedServer, gateway: JibitPpg, again: Callable[[Exception], Exception]
) -> None:
    server.on("GET /ppg/v2/orders/1ObK7QrL", refuses(404, "a.b"))
    with pytest.raises(ours.NotFound) as caught:
        gateway.inquire("1ObK7QrL")
    copied = again(caught.value)
    assert (str(copied), vars(copied)) == (str(caught.value), vars(caught.value))


@everyone
def test_no_secret_reaches_a_log_an_exception_or_a_repr(
    server: ScriptedServer,
    gateway: AnyGateway,
    binding: Binding,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    wire = binding.wire
    server.on(wire.refresh, wire.tokens(2))
    server.on(wire.inquiry, wire.refuses(401), wire.tells())
    echo = "card 6037991234561234 of 09121234567 with Bearer access-2"
    told = [repr(gateway), repr(REQUEST), repr(gateway.inquire(wire.identifier))]
    echoes = {
        "ppg": refuses(400, echo, message=echo, fingerprint=echo),
        "ppg_v3": refuses(400, echo, message=echo, fingerprint=echo),
        "wallet": says({"errorCode": 1, "message": echo}),
    }
    for reply in [resets(), echoes[binding.name], says({}), wire.refuses(401)]:
        server.on(wire.create, reply)
        with pytest.raises(ours.GatewayError) as caught:
            gateway.open(REQUEST)
        told += chain(caught.value)
    told += [record.getMessage() for record in caplog.records]
    secrets = [*wire.credentials.values(), "access-1", "access-2", "refresh-1", "refresh-2"]
    secrets += ["6037991234561234", "09121234567", "0499370899"]
    text = "\n".join(told)
    assert wire.identifier in text
    assert [secret for secret in secrets if secret in text and secret != "7746"] == []


def chain(error: BaseException | None) -> list[str]:
    told = []
    while error:
        told += [str(error), repr(error), repr(vars(error))]
        error = error.__cause__ or error.__context__
    return told
