"""Whatever a client says, what leaves a client is within the bounds, or is a GatewayError.

The limits are written out here, not imported: they are promises to whoever stores the values.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jibit_client import PpgClient
from jibit_client.errors import GatewayError, InvalidRequest, Unintelligible
from jibit_client.ppg.messages import CallbackParameters
from jibit_client.ppg.vocabulary import OrderStatus, VerifyStatus
from jibit_client.wallet.messages import CallbackParameters as WalletCallback
from tests.client.documents import CREATED, LIST, order, page
from tests.client.scripted import ScriptedServer, says
from tests.client.wallet_documents import INITIATED, VERIFIED, result
from tests.client.wallet_documents import order as wallet_order
from tests.client.wires import ORDER, PPG, WALLET, WALLET_ORDER, AnyClient, Wire
from tests.rig.cases import naming

SINCE = datetime(2020, 6, 10, 15, tzinfo=UTC)
UNTIL = datetime(2020, 6, 10, 16, tzinfo=UTC)

LONGEST = {
    "id": 64,
    "order_id": 64,
    "order_identifier": 64,
    "refnum": 64,
    "reference_number": 255,
    "merchant_order_id": 255,
    "psp_switching_url": 2000,
    "redirect_url": 2000,
    "callback_url": 2000,
    "said": 64,
    "payer_card": 30,
    "ref_id": 64,
}
LONGEST_TEXT = 8192
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

Reader = Callable[[dict[str, str]], object]
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Message:
    """An answer of a client, and the fields that make it no answer when they are odd."""

    name: str
    wire: Wire
    route: str
    ask: Callable[[AnyClient], object]
    document: Any
    strict: frozenset[Path]
    status: int = 200

    def paths(self) -> list[Path]:
        """Where something stands in the document."""
        return list(_paths(self.document))

    def optional(self) -> list[Path]:
        """Where nothing stands that must not be odd, nor holds anything such."""
        return [path for path in self.paths() if path not in self.strict]


def _paths(document: object, above: Path = ()) -> Iterator[Path]:
    inside: Any = ()
    if isinstance(document, dict):
        inside = document.items()
    elif isinstance(document, list):
        inside = enumerate(document)
    for name, value in inside:
        yield (*above, name)
        yield from _paths(value, (*above, name))


def _strict(*paths: str) -> frozenset[Path]:
    return frozenset(tuple(path.split(".")) for path in paths)


def _inquire(client: AnyClient) -> object:
    return client.inquire(_wire_of(client).identifier)


def _verify(client: AnyClient) -> object:
    return client.verify(_wire_of(client).identifier)


def _open(client: AnyClient) -> object:
    if isinstance(client, PpgClient):
        return client.create(ORDER)
    return client.initiate(WALLET_ORDER)


def _list(client: AnyClient) -> object:
    assert isinstance(client, PpgClient)
    return [*client.orders_between(SINCE, UNTIL), client.orders()]


def _wire_of(client: AnyClient) -> Wire:
    return PPG if isinstance(client, PpgClient) else WALLET


ERRORS = {"fingerprint": "a1b2", "errors": [{"code": "a.b", "message": "پیام"}, {"code": "c.d"}]}
NO = {"errorCode": 1007, "message": "پیام", "result": None}
FLAT = _strict("statusV", "merchantOrderId", "amount")
ENVELOPED = _strict(
    "errorCode", "result", "result.statusV", "result.merchantOrderId", "result.amount"
)
CREATED_STRICT = _strict(*CREATED)
INITIATED_STRICT = _strict(
    "errorCode", "result", "result.orderId", "result.merchantOrderId", "result.redirectUrl"
)
VERIFIED_STRICT = _strict("errorCode", "result", "result.merchantOrderId", "result.amount")
ORDER_STRICT = _strict("id", "referenceNumber", "amount", "currency", "status")
PAGE_STRICT = _strict("pageNumber", "hasNext", "elements")

MESSAGES = [
    Message("create", PPG, PPG.create, _open, CREATED, CREATED_STRICT),
    Message("verify", PPG, PPG.verify, _verify, {"status": "Successful"}, _strict("status")),
    Message("inquiry", PPG, PPG.inquiry, _inquire, order(), ORDER_STRICT),
    Message("list", PPG, LIST, _list, page(order()), PAGE_STRICT),
    Message("refusal", PPG, PPG.verify, _verify, ERRORS, frozenset(), status=400),
    Message("failure", PPG, PPG.verify, _verify, ERRORS, frozenset(), status=500),
    Message("initiate", WALLET, WALLET.create, _open, result(INITIATED), INITIATED_STRICT),
    Message("verify", WALLET, WALLET.verify, _verify, result(VERIFIED), VERIFIED_STRICT),
    Message("bare inquiry", WALLET, WALLET.inquiry, _inquire, wallet_order(), FLAT),
    Message("inquiry", WALLET, WALLET.inquiry, _inquire, result(wallet_order()), ENVELOPED),
    Message(
        "inquiry of both shapes",
        WALLET,
        WALLET.inquiry,
        _inquire,
        wallet_order() | result(wallet_order()),
        FLAT | ENVELOPED,
    ),
    Message("no", WALLET, WALLET.create, _open, NO, frozenset()),
    Message("no to a verification", WALLET, WALLET.verify, _verify, NO, frozenset()),
    Message("refusal", WALLET, WALLET.verify, _verify, NO, frozenset(), status=400),
]
EVERY_MESSAGE = pytest.mark.parametrize(
    ("wire", "message"),
    [
        pytest.param(message.wire, message, id=f"{message.wire.name} {message.name}")
        for message in MESSAGES
    ],
)

LENGTHS = (1, 30, 31, 64, 65, 100, 101, 255, 256, 500, 501, 2000, 2001, 8192, 8193, 10_000)
TEXTS = [
    *("x" * length for length in LENGTHS),
    *("ک" * length for length in (64, 65, 2000, 2001)),
    *("9" * length for length in (16, 19, 64, 65, 255)),
    *("*" * length for length in (30, 31, 10_000)),
    *("", " ", "\n", "\x00", "\ud800", "a\udfff", "\u202e", "\U0010ffff"),
    *("..", "a/../b", "6037991234561234", "Bearer access-1 " * 100),
]
DATES = [
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999Z"),
    *("9999-12-31T23:59:59-23:59", "1999-12-31T23:59:59Z", "2000-01-01T00:00:00Z"),
    *("2100-01-01T00:00:00Z", "2100-01-01T00:00:00.000001Z", "2020-06-10T15:50:55"),
    *("2020-06-10", "2020-W24-3", "2020-02-30T00:00:00Z", "2020-06-10T24:00:00Z", "٢٠٢٠-٠٦-١٠"),
]
NUMBERS = [
    *(0, 1, -1, 10**15, 10**18, 2**31, 2**62, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**400),
    *(0.0, 0.5, -0.5, 1e308, 5e-324, 200000.0, 6037991234561234, 6037991234561234567),
]
OTHERS: list[object] = [
    *(None, True, False, [], {}, ["x"], [[[[1]]]], {"a": {"b": [1, "c"]}}, [None] * 1000),
    {"code": "a"},
]
BOUNDARIES: list[object] = [*TEXTS, *DATES, *NUMBERS, *OTHERS]


def replaced(document: Any, path: Path, value: object) -> Any:
    """The document with another value at this place."""
    changed = copy.deepcopy(document)
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return changed


def outcome(client: AnyClient, message: Message) -> object:
    """What the client's method gives, or the GatewayError that it raises."""
    try:
        return message.ask(client)
    except GatewayError as error:
        return error


def assert_bounded(given: object) -> None:
    """Everything that a caller may store of this is within the bounds."""
    if isinstance(given, GatewayError):
        _assert_error_bounded(given)
    elif isinstance(given, list | tuple):
        for each in given:
            assert_bounded(each)
    elif is_dataclass(given):
        for field in fields(given):
            if field.name == "elements":
                assert_bounded(given.elements)
            elif field.name not in ("raw", "unreadable"):  # as they came; the caller redacts them
                _assert_value_bounded(field.name, getattr(given, field.name))
    else:
        assert given is None


def _assert_value_bounded(name: str, value: object) -> None:
    if isinstance(value, datetime):
        assert value.utcoffset() == timedelta(0)
        assert EARLIEST <= value <= LATEST
    elif isinstance(value, tuple):
        assert name == "odd_fields"
        assert len(value) <= 20
        assert all(len(each) <= 20 and each.isascii() for each in value)
    elif isinstance(value, str) and not isinstance(value, Enum):
        assert len(value) <= LONGEST.get(name, LONGEST_TEXT)
        assert _is_storable(value)
    elif not isinstance(value, Enum | bool):
        least = 0 if name == "amount" else -(2**63)
        assert value is None or (type(value) is int and least <= value < 2**63)


def _assert_error_bounded(error: GatewayError) -> None:
    assert len(error.codes) <= 20
    assert len(error.messages) <= 20
    assert all(len(code) <= 100 and _is_storable(code) for code in error.codes)
    assert all(len(message) <= 500 and _is_storable(message) for message in error.messages)
    assert len(error.fingerprint or "") <= 100
    assert _is_storable(str(error))


def _is_storable(text: str) -> bool:
    return not any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in text)


@EVERY_MESSAGE
def test_no_boundary_value_in_any_field_leaves_the_bounds(
    server: ScriptedServer, client: AnyClient, message: Message
) -> None:
    for path in message.paths():
        for value in BOUNDARIES:
            server.on(message.route, says(replaced(message.document, path, value), message.status))
            given = outcome(client, message)
            assert_bounded(given)
            if message.status == 200 and message.strict and path in message.optional():
                assert not isinstance(given, GatewayError), (path, value, given)


VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3).map(
        lambda text: text * 1000
    ),
    st.datetimes(timezones=st.timezones() | st.none()).map(datetime.isoformat),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inside: (
            st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3)
        ),
        max_leaves=5,
    ),
    st.sampled_from(BOUNDARIES),
)


@EVERY_MESSAGE
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_values_in_any_fields_leave_the_bounds(
    server: ScriptedServer, client: AnyClient, message: Message, data: st.DataObject
) -> None:
    places = [path for path in message.paths() if len(path) == max(map(len, message.paths()))]
    chosen = data.draw(st.dictionaries(st.sampled_from(places), VALUES, min_size=1, max_size=4))
    document = message.document
    for path, value in chosen.items():
        document = replaced(document, path, value)
    server.on(message.route, says(document, message.status))
    given = outcome(client, message)
    assert_bounded(given)
    if message.status == 200 and message.strict and not message.strict & set(chosen):
        assert not isinstance(given, GatewayError), (chosen, given)


def test_a_created_payment_is_read_up_to_the_longest_identifier_and_url(
    server: ScriptedServer, client: AnyClient
) -> None:
    for changed, fits in (
        ({"orderIdentifier": "x" * 64}, True),
        ({"orderIdentifier": "x" * 65}, False),
        ({"pspSwitchingUrl": f"https://{'x' * 1992}"}, True),
        ({"pspSwitchingUrl": f"https://{'x' * 1993}"}, False),
    ):
        with naming(changed, fits):
            server.on(PPG.create, says(CREATED | changed))
            if fits:
                opened = client.create(ORDER)
                assert next(iter(changed.values())) in (
                    opened.order_identifier,
                    opened.psp_switching_url,
                )
            else:
                with pytest.raises(Unintelligible):
                    client.create(ORDER)


def test_a_status_longer_than_any_is_unrecognised_and_cut(
    server: ScriptedServer, client: AnyClient
) -> None:
    for length in (64, 65, 10_000):
        with naming(length):
            server.on(PPG.inquiry, says(order(status="S" * length)))
            server.on(PPG.verify, says({"status": "S" * length}))
            inquiry, verification = client.inquire("1ObK7QrL"), client.verify("1ObK7QrL")
            assert (inquiry.status, inquiry.said) == (OrderStatus.UNRECOGNISED, "S" * 64)
            assert (verification.status, verification.said) == (VerifyStatus.UNRECOGNISED, "S" * 64)


def test_a_known_status_with_a_long_tail_is_not_taken_for_it(
    server: ScriptedServer, client: AnyClient
) -> None:
    server.on(PPG.verify, says({"status": "Successful".ljust(10_000)}))
    assert client.verify("1ObK7QrL").status is VerifyStatus.UNRECOGNISED


READERS = pytest.mark.parametrize(
    ("read", "name"),
    [(CallbackParameters.read, "refnum"), (WalletCallback.read, "order_id")],
    ids=["ppg", "wallet"],
)


@READERS
def test_an_identifier_of_more_than_64_characters_is_none(read: Reader, name: str) -> None:
    for length, expected in ((64, "x" * 64), (65, None), (128, None)):
        brought = {"refnum": "x" * length, "orderId": "x" * length}
        assert getattr(read(brought), name) == expected


@READERS
@settings(deadline=None)
@given(
    brought=st.dictionaries(
        st.sampled_from(["amount", "refnum", "state", "orderId", "status"]),
        st.text() | st.sampled_from(TEXTS),
    )
)
def test_what_a_browser_brings_is_bounded(read: Reader, name: str, brought: dict[str, str]) -> None:
    claim = read(brought)
    assert hasattr(claim, name)
    assert_bounded(claim)


def test_a_refusal_of_many_long_errors_keeps_twenty_and_cuts_them(
    server: ScriptedServer, client: AnyClient
) -> None:
    errors = [{"code": "c" * 300, "message": "پ" * 3000}] * 40
    server.on(PPG.verify, says({"fingerprint": "f" * 1000, "errors": errors}, 400))
    with pytest.raises(InvalidRequest) as caught:
        client.verify("1ObK7QrL")
    assert caught.value.codes == ("c" * 100,) * 20
    assert caught.value.messages == ("پ" * 500,) * 20
    assert caught.value.fingerprint == "f" * 100


def test_a_card_at_the_cut_of_a_message_is_masked_all_the_same(
    server: ScriptedServer, client: AnyClient
) -> None:
    for before in range(440, 512, 4):
        with naming(before):
            message = " ".ljust(before) + "6037991234561234 " + "x" * 100
            server.on(PPG.verify, says({"errors": [{"code": "a.b", "message": message}]}, 400))
            with pytest.raises(InvalidRequest) as caught:
                client.verify("1ObK7QrL")
            assert "6037991" not in caught.value.messages[0]


def test_a_message_of_half_a_mebibyte_is_masked_in_no_time(
    server: ScriptedServer, client: AnyClient
) -> None:
    message = "-eyJ" * 130_000  # each one might begin a token: minutes, if all were looked at
    server.on(PPG.verify, says({"errors": [{"code": "a.b", "message": message}]}, 400))
    with pytest.raises(InvalidRequest):
        client.verify("1ObK7QrL")


@pytest.mark.parametrize("wire", [PPG, WALLET], ids=lambda wire: wire.name)
@pytest.mark.parametrize("which", ["access", "refresh"])
def test_a_token_longer_than_a_header_line_is_no_token(
    server: ScriptedServer, client: AnyClient, wire: Wire, which: str
) -> None:
    server.on(wire.generate, wire.tokens(1, **{which: "t" * 8193}))
    server.on(wire.inquiry, wire.tells())
    with pytest.raises(GatewayError):
        client.inquire(wire.identifier)
    assert server.asked(wire.inquiry) == []
