"""Everything that can go wrong on the wire, and what the caller is told of it."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import socket
from collections.abc import Callable
from typing import Any

import pytest

from jibit_client import PpgClient
from jibit_client.errors import (
    ConnectionLost,
    GatewayError,
    InvalidRequest,
    NoAnswer,
    NotAuthenticated,
    NotConnected,
    NotFound,
    Refused,
    ServerFailed,
    TimedOut,
    TooManyRequests,
    Unintelligible,
)
from jibit_client.ppg.messages import CreateOrderRequest
from jibit_client.ppg.vocabulary import OrderStatus, VerifyStatus
from testkit.cases import naming
from tests.client.conftest import Connect, ConnectPpg
from tests.client.documents import CREATE, CREATED, INQUIRY, LIST, ORDER, VERIFY, order, page
from tests.client.scripted import (
    Reply,
    ScriptedServer,
    drips,
    hangs,
    http,
    raw,
    refuses,
    resets,
    says,
)
from tests.client.v3_boundaries import ANSWERS as V3_ANSWERS
from tests.client.v3_documents import FEE, ID, REFUNDS
from tests.client.wires import ORDER as ORDER_SENT
from tests.client.wires import PPG, PPG_V3, WALLET, AnyClient, Wire

HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
VERIFIED = http(200, b'{"status": "Successful"}')

CALLS: dict[str, Callable[[Any], object]] = {
    **PPG.calls(),
    LIST: lambda client: client.orders(),
}
V3_ACTIONS: dict[str, Callable[[Any], object]] = {  # an answer without a body is their success
    f"POST {REFUNDS}/verify": lambda client: client.verify_refund(ID),
    f"POST {REFUNDS}/retry": lambda client: client.retry_refund(ID),
    f"POST {REFUNDS}/cancel": lambda client: client.cancel_refund(ID),
    f"POST {REFUNDS}/ignore-cancellable": lambda client: client.ignore_cancellable(ID),
}
V3_CALLS: dict[str, Callable[[Any], object]] = {
    **{route: call for _, route, call, *_ in V3_ANSWERS},
    FEE: lambda client: client.fee(250_000),
    **V3_ACTIONS,
}
EVERY_CALL = [
    *(pytest.param(PPG, route, id=route) for route in CALLS),
    *(pytest.param(WALLET, route, id=route) for route in WALLET.calls()),
    *(pytest.param(PPG_V3, route, id=route) for route in V3_CALLS),
]
NO_ANSWERS: dict[str, tuple[Reply, type[NoAnswer]]] = {
    "reset before any byte": (resets(), ConnectionLost),
    "closed before any byte": (raw(b"", then_close=True), ConnectionLost),
    "reset inside the body": (resets(VERIFIED[:-5]), ConnectionLost),
    "closed inside the body": (raw(VERIFIED[:-5], then_close=True), ConnectionLost),
    "closed inside a chunk": (
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{", then_close=True),
        ConnectionLost,
    ),
    "not HTTP": (raw(b"SSH-2.0-OpenSSH_9.6\r\n", then_close=True), Unintelligible),
    "empty body": (raw(http(200, b"")), Unintelligible),
    "no content": (raw(b"HTTP/1.1 204 No Content\r\n\r\n"), Unintelligible),
    "HTML": (raw(http(200, HTML)), Unintelligible),
    "truncated JSON": (raw(http(200, b'{"status": "Succ')), Unintelligible),
    "two JSON values": (raw(http(200, b"{}{}")), Unintelligible),
    "not UTF-8": (raw(http(200, b'{"status": "\xff\xfe"}')), Unintelligible),
    "endless nesting": (raw(http(200, b"[" * 100_000)), Unintelligible),
    "a number of 5000 digits": (raw(http(200, b"1" * 5000)), Unintelligible),
    "broken gzip": (raw(http(200, b"no gzip", "Content-Encoding: gzip")), Unintelligible),
    "an array": (says([]), Unintelligible),
    "a string": (says("Successful"), Unintelligible),
    "null": (says(None), Unintelligible),
    "an empty object": (says({}), Unintelligible),
    "a redirect": (raw(http(302, b"", "Location: /elsewhere")), Unintelligible),
    "a permanent redirect": (raw(http(308, b"", "Location: /elsewhere")), Unintelligible),
    "not modified": (raw(b"HTTP/1.1 304 Not Modified\r\n\r\n"), Unintelligible),
    "a proxy's 404": (raw(http(404, HTML)), Unintelligible),
    "a firewall's 403": (raw(http(403, HTML)), Unintelligible),
    "somebody else's 404": (says({"status": 404, "error": "Not Found"}, 404), Unintelligible),
    "500 with the envelope": (refuses(500, "service.internal_error"), ServerFailed),
    "502 with HTML": (raw(http(502, HTML)), ServerFailed),
    "503 with nothing": (raw(http(503, b"", "Retry-After: 1")), ServerFailed),
}


SUCCESSES_OF_AN_ACTION = ("empty body", "no content", "an empty object", "null")


def make(client: AnyClient, wire: Wire, route: str) -> object:
    """Make the call that goes to this route."""
    return (CALLS | V3_CALLS | wire.calls())[route](client)


@pytest.mark.one_case_in(2)
@pytest.mark.parametrize(("wire", "call"), EVERY_CALL)
def test_an_unknown_outcome_is_never_a_refusal_and_never_repeated(
    server: ScriptedServer, client: AnyClient, wire: Wire, call: str
) -> None:
    for shape in NO_ANSWERS:
        if call in V3_ACTIONS and shape in SUCCESSES_OF_AN_ACTION:
            continue
        with naming(shape):
            server.heard.clear()
            reply, error = NO_ANSWERS[shape]
            server.on(call, reply)
            with pytest.raises(NoAnswer) as caught:
                make(client, wire, call)
            assert type(caught.value) is error
            assert len(server.asked(call)) == 1
            assert not [heard for heard in server.heard if heard.path == "/elsewhere"]


def test_what_no_json_can_hold_makes_an_answer_unintelligible(
    server: ScriptedServer, client: PpgClient
) -> None:
    for unstorable in (
        b"NaN",
        b"-Infinity",
        b'"\x00"',
        b"9" * 5000,
    ):
        with naming(unstorable):
            server.on(
                VERIFY, raw(http(200, b'{"status": "Successful", "new": ' + unstorable + b"}"))
            )
            with pytest.raises(Unintelligible, match="not JSON"):
                client.verify("1ObK7QrL")


@pytest.mark.one_case_in(3)
@pytest.mark.parametrize(("wire", "call"), EVERY_CALL)
def test_a_gateway_that_hangs_costs_the_read_timeout(
    server: ScriptedServer, impatient: Connect, wire: Wire, call: str
) -> None:
    server.on(call, hangs)
    with pytest.raises(TimedOut):
        make(impatient(), wire, call)
    assert len(server.asked(call)) == 1


@pytest.mark.parametrize(
    "dripping",
    [
        drips(http(200, b'{"status": "Successful"}' + b" " * 400)),  # 8 seconds and more
        drips(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100 + b"\r\n"),
        drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 100),
    ],
    ids=["body", "headers", "chunks"],
)
def test_a_gateway_that_drips_costs_the_read_timeout_too(
    server: ScriptedServer, impatient: ConnectPpg, dripping: Reply
) -> None:
    server.on(VERIFY, dripping)
    with pytest.raises(TimedOut):
        impatient().verify("1ObK7QrL")


def test_an_answer_that_drips_but_arrives_in_time_is_read(
    server: ScriptedServer, connect: ConnectPpg
) -> None:
    server.on(VERIFY, drips(VERIFIED))
    assert connect(read_timeout=30.0).verify("1ObK7QrL").status is VerifyStatus.SUCCESSFUL


def test_a_gateway_that_does_not_even_read_costs_the_connect_timeout(
    with_tokens: ConnectPpg,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        base_url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        client = with_tokens(base_url=base_url, connect_timeout=0.3)
        with pytest.raises(TimedOut):
            client.create(
                CreateOrderRequest(
                    200_000, "r", "u", "https://merchant.ir/", description="x" * 20_000_000
                )
            )


def test_an_answer_longer_than_a_mebibyte_is_not_read(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(VERIFY, says({"status": "Successful", "padding": "x" * 1024 * 1024}))
    with pytest.raises(Unintelligible, match="longer"):
        client.verify("1ObK7QrL")


def test_where_nobody_listens_nothing_was_sent(with_tokens: ConnectPpg) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = with_tokens(base_url=f"http://127.0.0.1:{port}/ppg/v2")
    with pytest.raises(NotConnected):
        client.create(ORDER_SENT)


def test_a_name_that_does_not_exist_is_not_connected(with_tokens: ConnectPpg) -> None:
    with pytest.raises(NotConnected):
        with_tokens(base_url="http://client.invalid/ppg/v2").create(ORDER_SENT)


def test_a_server_without_tls_behind_https_is_not_connected(
    server: ScriptedServer, with_tokens: ConnectPpg
) -> None:
    client = with_tokens(base_url=server.url.replace("http:", "https:"), connect_timeout=0.3)
    with pytest.raises(NotConnected):
        client.create(ORDER_SENT)


@pytest.mark.parametrize("call", CALLS)
def test_a_refusal_tells_status_codes_messages_and_fingerprint(
    server: ScriptedServer, client: PpgClient, call: str
) -> None:
    for status, codes, error in (
        (
            400,
            ("order_create.amount.positive", "order_create.currency.is_required"),
            InvalidRequest,
        ),
        (400, ("web.invalid_or_missing_body",), InvalidRequest),
        (400, ("binding.type_mismatch",), InvalidRequest),
        (400, ("merchant.inactive",), InvalidRequest),
        (404, ("merchant.not_found",), NotFound),
        (404, ("web.no_handler",), NotFound),
        (404, ("order.not_found",), NotFound),
        (405, ("web.method_not_allowed",), InvalidRequest),
        (406, ("web.not_acceptable",), InvalidRequest),
        (415, ("web.unsupported_media_type",), InvalidRequest),
        (429, ("too.many",), TooManyRequests),
    ):
        with naming(status, codes, error):
            server.heard.clear()
            server.on(call, refuses(status, *codes, fingerprint="a1b2", message="پیام"))
            with pytest.raises(Refused) as caught:
                CALLS[call](client)
            assert type(caught.value) is error
            assert caught.value.http_status == status
            assert caught.value.codes == codes
            assert caught.value.messages == ("پیام",) * len(codes)
            assert caught.value.fingerprint == "a1b2"
            assert f"(HTTP {status}; {', '.join(codes)}; fingerprint a1b2)" in str(caught.value)
            assert len(server.asked(call)) == 1


def test_a_failing_gateway_is_quoted_with_its_fingerprint(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(VERIFY, refuses(500, "service.internal_error", fingerprint="a1b2"))
    with pytest.raises(ServerFailed) as caught:
        client.verify("1ObK7QrL")
    assert caught.value.codes == ("service.internal_error",)
    assert caught.value.fingerprint == "a1b2"


def test_a_message_is_optional_and_an_unknown_field_harmless(
    server: ScriptedServer, client: PpgClient
) -> None:
    envelope = {"errors": [{"code": "a.b", "severity": 3}, {"message": "only"}, 7], "new": True}
    server.on(VERIFY, says(envelope, 400))
    with pytest.raises(InvalidRequest) as caught:
        client.verify("1ObK7QrL")
    assert (caught.value.codes, caught.value.messages) == (("a.b",), ("only",))
    assert caught.value.fingerprint is None


@pytest.mark.parametrize("wire", [PPG, PPG_V3, WALLET], ids=lambda wire: wire.name)
def test_who_gave_up_waiting_has_said_neither_yes_nor_no(
    server: ScriptedServer, client: AnyClient, wire: Wire
) -> None:
    for status in (408, 425):
        with naming(status):
            server.on(wire.verify, wire.refuses(status))
            with pytest.raises(Unintelligible, match="neither yes nor no") as caught:
                client.verify(wire.identifier)
            assert (caught.value.http_status, caught.value.codes) == (status, wire.codes(status))


def test_the_wait_that_a_gateway_asks_for_is_told_in_seconds(
    server: ScriptedServer, client: PpgClient
) -> None:
    for header, seconds in (
        ("Retry-After: 7", 7),
        ("retry-after: 0", 0),
        ("Retry-After: 999999999", 24 * 3600),
        ("Retry-After: 1.5", None),
        ("Retry-After: -1", None),
        ("Retry-After: Mon, 30 Nov 2026 10:00:00 GMT", None),
        ("X: 7", None),
    ):
        for status in (429, 503):
            with naming(header, status):
                server.on(VERIFY, raw(http(status, b"", header)))
                with pytest.raises(GatewayError) as caught:
                    client.verify("1ObK7QrL")
                assert caught.value.retry_after == seconds


@pytest.mark.parametrize("status", [429, 401])
def test_too_many_and_not_authenticated_are_believed_without_an_envelope(
    server: ScriptedServer, client: PpgClient, status: int
) -> None:
    server.on(VERIFY, raw(http(status, HTML)))
    server.on("POST /ppg/v2/tokens/refresh", says({"accessToken": "a", "refreshToken": "b"}))
    with pytest.raises((NotAuthenticated, TooManyRequests)) as caught:
        client.verify("1ObK7QrL")
    assert caught.value.http_status == status


def test_an_inquiry_of_a_wrong_type_is_unintelligible(
    server: ScriptedServer, client: PpgClient
) -> None:
    nonsense: list[dict[str, object]] = [
        {"amount": True},
        {"amount": 200000.0},
        {"amount": "200000"},
        {"amount": None},
        {"amount": ...},
        {"amount": -5},
        {"amount": 2**63},
        {"amount": 2**62, "currency": "TOMAN"},
        {"currency": "USD"},
        {"currency": "rials"},
        {"currency": None},
        {"currency": ...},
        {"id": 7},
        {"id": ...},
        {"id": "another"},
        {"referenceNumber": 7},
        {"referenceNumber": ...},
        {"status": None},
        {"status": 1},
        {"status": ""},
        {"id": "x" * 65},
        {"referenceNumber": "x" * 256},
    ]
    for changed in nonsense:
        with naming(changed):
            server.on(INQUIRY, says(order(**changed)))
            with pytest.raises(Unintelligible):
                client.inquire("1ObK7QrL")


def test_a_create_with_a_wrong_answer_is_unintelligible(
    server: ScriptedServer, client: PpgClient
) -> None:
    nonsense: list[dict[str, object]] = [
        {"orderIdentifier": 1},
        {"orderIdentifier": ""},
        {"orderIdentifier": ".."},
        {"orderIdentifier": "a/../b"},
        {"orderIdentifier": "x" * 200},
        {"referenceNumber": "another"},
        {"referenceNumber": None},
        {"pspSwitchingUrl": None},
        {"pspSwitchingUrl": ["https://api.jibit.ir"]},
    ]
    for changed in nonsense:
        with naming(changed):
            server.on(CREATE, says(CREATED | changed))
            with pytest.raises(Unintelligible):
                client.create(ORDER_SENT)


def test_a_verification_of_a_wrong_type_is_unintelligible(
    server: ScriptedServer, client: PpgClient
) -> None:
    nonsense: list[object] = [None, True, 1, ["Successful"], {}, ""]
    for status in nonsense:
        with naming(status):
            server.on(VERIFY, says({"status": status}))
            with pytest.raises(Unintelligible):
                client.verify("1ObK7QrL")


def test_a_list_of_a_wrong_type_is_unintelligible(
    server: ScriptedServer, client: PpgClient
) -> None:
    nonsense: list[dict[str, object]] = [
        {"elements": None},
        {"elements": {}},
        {"hasNext": "false"},
        {"hasNext": 0},
        {"pageNumber": "1"},
        {"pageNumber": 2**63},
    ]
    for changed in nonsense:
        with naming(changed):
            server.on(LIST, says(page(ORDER) | changed))
            with pytest.raises(Unintelligible):
                client.orders()


def test_a_wrong_value_is_not_quoted(server: ScriptedServer, client: PpgClient) -> None:
    server.on(INQUIRY, says(order(referenceNumber=["0499370899"])))
    with pytest.raises(Unintelligible, match="referenceNumber is not a string") as caught:
        client.inquire("1ObK7QrL")
    assert "0499370899" not in str(caught.value)


def test_the_connection_is_reused_from_call_to_call(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(CREATE, says(CREATED))
    server.on(VERIFY, says({"status": "Successful"}))
    server.on(INQUIRY, refuses(404, "order.not_found"), says(ORDER))
    for _ in range(3):
        client.create(ORDER_SENT)
        client.verify("1ObK7QrL")
    with pytest.raises(NotFound):
        client.inquire("1ObK7QrL")
    assert client.inquire("1ObK7QrL").status is OrderStatus.IN_PROGRESS
    assert server.connections == 1


def test_a_pooled_connection_known_to_be_closed_is_replaced_before_anything_is_sent(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(INQUIRY, raw(http(200, json.dumps(ORDER).encode()), then_close=True))
    server.on(VERIFY, says({"status": "Successful"}))
    client.inquire("1ObK7QrL")
    assert server.has_hung_up()
    assert client.verify("1ObK7QrL").status is VerifyStatus.SUCCESSFUL
    assert len(server.asked(VERIFY)) == 1


def test_a_pooled_connection_that_dies_under_a_verify_is_lost_and_the_verify_not_repeated(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(INQUIRY, says(ORDER))
    server.on(VERIFY, resets(), says({"status": "Successful"}))
    client.inquire("1ObK7QrL")
    with pytest.raises(ConnectionLost) as caught:
        client.verify("1ObK7QrL")
    assert isinstance(caught.value.__cause__, ConnectionResetError)  # requests' carries the token
    assert len(server.asked(VERIFY)) == 1


def test_a_backslash_in_a_text_is_no_nul(server: ScriptedServer, client: PpgClient) -> None:
    server.on(INQUIRY, says(order(description="\\u0000 in a text, \\\\u0000 too")))
    found = client.inquire("1ObK7QrL")
    assert found.description == "\\u0000 in a text, \\\\u0000 too"


def test_cookies_are_not_kept(server: ScriptedServer, client: PpgClient) -> None:
    server.on(INQUIRY, raw(http(200, json.dumps(ORDER).encode(), "Set-Cookie: a=b")))
    client.inquire("1ObK7QrL")
    client.inquire("1ObK7QrL")
    assert [heard.headers["Cookie"] for heard in server.asked(INQUIRY)] == [None, None]


def test_the_environments_proxy_is_used_only_where_that_is_configured(
    server: ScriptedServer, with_tokens: ConnectPpg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setenv("no_proxy", "")
    elsewhere = "http://client.invalid/ppg/v2"
    with pytest.raises(NotConnected):
        with_tokens(base_url=elsewhere).inquire("1ObK7QrL")
    assert server.heard == []
    server.on(INQUIRY, says(ORDER))
    inquiry = with_tokens(base_url=elsewhere, trust_env=True).inquire("1ObK7QrL")
    assert inquiry.said == "IN_PROGRESS"


def test_a_proxy_that_is_down_means_nothing_was_sent(
    with_tokens: ConnectPpg, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{listener.getsockname()[1]}")
    client = with_tokens(base_url="http://client.invalid/ppg/v2", trust_env=True)
    with pytest.raises(NotConnected):
        client.inquire("1ObK7QrL")


def test_an_impossible_base_url_is_refused_at_once(connect: ConnectPpg) -> None:
    for base_url in (
        "",
        "api.jibit.ir",
        "ftp://api.jibit.ir",
        "https://",
        "https://me:pw@api.jibit.ir",
        "http://a/?b",
    ):
        with naming(base_url), pytest.raises(ValueError, match="base URL"):
            connect(base_url=base_url)


@pytest.mark.parametrize("wire", [PPG, PPG_V3, WALLET], ids=lambda wire: wire.name)
def test_a_credential_that_is_no_text_is_refused_at_once_and_not_told(
    connect: Connect, wire: Wire
) -> None:
    for name in wire.credentials:
        with naming(name), pytest.raises(TypeError, match="is not a text") as refused:
            connect(**{name: 123456})
        assert "123456" not in str(refused.value)


def test_a_trailing_slash_of_the_base_url_does_not_matter(
    server: ScriptedServer, connect: ConnectPpg
) -> None:
    server.on(INQUIRY, says(ORDER))
    assert connect(base_url=f"{server.url}/ppg/v2/").inquire("1ObK7QrL").said == "IN_PROGRESS"


def _pickled(error: GatewayError) -> Any:
    return pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes


@pytest.mark.parametrize("again", [copy.copy, _pickled])
def test_an_error_can_cross_a_process_with_all_it_knows(
    again: Callable[[GatewayError], GatewayError],
) -> None:
    error = NotFound(
        "verify",
        "refused",
        http_status=404,
        codes=("order.not_found",),
        messages=("no such order",),
        fingerprint="a1b2",
        retry_after=7,
    )
    assert type(again(error)) is NotFound
    assert (str(again(error)), vars(again(error))) == (str(error), vars(error))


def test_the_wire_log_tells_call_status_time_and_fingerprint(
    server: ScriptedServer, client: PpgClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "jibit_client.wire")
    server.on(INQUIRY, says(ORDER))
    server.on(VERIFY, refuses(500, "service.internal_error", fingerprint="a1b2"))
    client.inquire("1ObK7QrL")
    with pytest.raises(ServerFailed):
        client.verify("1ObK7QrL")
    server.on(VERIFY, resets())
    with pytest.raises(ConnectionLost):
        client.verify("1ObK7QrL")
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0].startswith("POST /tokens/generate 200 ")
    assert lines[1].startswith("GET /orders/1ObK7QrL 200 ")
    assert lines[1].endswith(" ms")
    assert lines[2].startswith("GET /orders/1ObK7QrL/verify 500 ")
    assert lines[2].endswith(" ms fingerprint a1b2")
    assert lines[3].startswith("GET /orders/1ObK7QrL/verify ConnectionLost ")


def test_no_secret_reaches_a_log_an_exception_or_a_repr(
    server: ScriptedServer, client: PpgClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = ["the-api-key", "the-secret-key", "access-1", "refresh-1", "access-2", "refresh-2"]
    secrets += ["0499370899", "6037991234561234"]
    request = CreateOrderRequest(
        1000,
        "our-reference",
        "09121234567",
        "https://merchant.ir/",
        national_code="0499370899",
        payer_card_number="6037991234561234",
    )
    written = [repr(request), repr(client)]
    server.on("POST /ppg/v2/tokens/refresh", says({"accessToken": "access-2", "refreshToken": "r"}))
    server.on(INQUIRY, refuses(401, "token.verification.failed"), says(ORDER))
    written += [repr(client.inquire("1ObK7QrL"))]
    echo = "card 6037991234561234 with Bearer access-2"
    for reply in [resets(), refuses(400, echo, message=echo, fingerprint=echo), says({})]:
        server.on(CREATE, reply)
        with pytest.raises(GatewayError) as caught:
            client.create(request)
        written += _chain(caught.value)
    written += [record.getMessage() for record in caplog.records]
    told = "\n".join(written)
    assert "1ObK7QrL" in told
    assert [secret for secret in secrets if secret in told] == []


def _chain(error: BaseException | None) -> list[str]:
    told = []
    while error:
        told += [str(error), repr(error), repr(vars(error))]
        error = error.__cause__
    return told
