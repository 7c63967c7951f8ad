"""Whatever a gateway says, what leaves its binding is within the bounds, or is a GatewayError.

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

from payment_engine.errors import GatewayError, Refused, Unreadable
from payment_engine.gateway import InquiryStatus, UnreadableRow, VerificationStatus
from tests.client.documents import CREATED, LIST, order, page
from tests.client.scripted import ScriptedServer, says
from tests.client.wallet_documents import INITIATED, VERIFIED, result
from tests.client.wallet_documents import order as wallet_order
from tests.gateways.bindings import PPG, REQUEST, WALLET, AnyGateway, Binding, both

SINCE = datetime(2020, 6, 10, 15, tzinfo=UTC)
UNTIL = datetime(2020, 6, 10, 16, tzinfo=UTC)

LONGEST = {
    "gateway_payment_id": 64,
    "reference": 255,
    "redirect_url": 2000,
    "said": 64,
    "currency": 6,
    "payer_card": 30,
    "tracking_number": 64,
}
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Message:
    """An answer of a gateway, and the fields that make it no answer when they are odd."""

    name: str
    binding: Binding
    route: str
    ask: Callable[[AnyGateway], object]
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


def _inquire(gateway: AnyGateway) -> object:
    return gateway.inquire(PPG.wire.identifier if gateway.name == "ppg" else WALLET.wire.identifier)


def _verify(gateway: AnyGateway) -> object:
    return gateway.verify(PPG.wire.identifier if gateway.name == "ppg" else WALLET.wire.identifier)


def _open(gateway: AnyGateway) -> object:
    return gateway.open(REQUEST)


def _find(gateway: AnyGateway) -> object:
    return gateway.find("our-reference", since=SINCE, until=UNTIL)


def _list(gateway: AnyGateway) -> object:
    return list(gateway.payments_between(SINCE, UNTIL))


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
    Message("create", PPG, PPG.wire.create, _open, CREATED, CREATED_STRICT),
    Message("verify", PPG, PPG.wire.verify, _verify, {"status": "Successful"}, _strict("status")),
    Message("inquiry", PPG, PPG.wire.inquiry, _inquire, order(), ORDER_STRICT),
    Message("list", PPG, LIST, _list, page(order()), PAGE_STRICT),
    Message("find", PPG, LIST, _find, page(order()), PAGE_STRICT),
    Message("refusal", PPG, PPG.wire.verify, _verify, ERRORS, frozenset(), status=400),
    Message("failure", PPG, PPG.wire.verify, _verify, ERRORS, frozenset(), status=500),
    Message("initiate", WALLET, WALLET.wire.create, _open, result(INITIATED), INITIATED_STRICT),
    Message("verify", WALLET, WALLET.wire.verify, _verify, result(VERIFIED), VERIFIED_STRICT),
    Message("bare inquiry", WALLET, WALLET.wire.inquiry, _inquire, wallet_order(), FLAT),
    Message("inquiry", WALLET, WALLET.wire.inquiry, _inquire, result(wallet_order()), ENVELOPED),
    Message(
        "inquiry of both shapes",
        WALLET,
        WALLET.wire.inquiry,
        _inquire,
        wallet_order() | result(wallet_order()),
        FLAT | ENVELOPED,
    ),
    Message("no", WALLET, WALLET.wire.create, _open, NO, frozenset()),
    Message("no to a verification", WALLET, WALLET.wire.verify, _verify, NO, frozenset()),
    Message("refusal", WALLET, WALLET.wire.verify, _verify, NO, frozenset(), status=400),
]
EVERY_MESSAGE = pytest.mark.parametrize(
    ("binding", "message"),
    [
        pytest.param(message.binding, message, id=f"{message.binding.name} {message.name}")
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


def outcome(gateway: AnyGateway, message: Message) -> object:
    """What the gateway's method gives, or the GatewayError that it raises."""
    try:
        return message.ask(gateway)
    except GatewayError as error:
        return error


def assert_bounded(given: object) -> None:
    """Everything that the engine may store of this is within the bounds."""
    if isinstance(given, GatewayError):
        _assert_error_bounded(given)
    elif isinstance(given, list):
        for each in given:
            assert_bounded(each)
    elif is_dataclass(given):
        for field in fields(given):
            if field.name != "raw":  # as it came; redacted and cut by who stores it
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
        assert len(value) <= LONGEST[name]
        assert _is_storable(value)
    elif not isinstance(value, Enum | bool):
        assert value is None or (type(value) is int and 0 <= value < 2**63)


def _assert_error_bounded(error: GatewayError) -> None:
    assert len(error.codes) <= 20
    assert all(len(code) <= 100 and _is_storable(code) for code in error.codes)
    assert len(error.fingerprint or "") <= 100
    assert _is_storable(str(error))


def _is_storable(text: str) -> bool:
    return not any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in text)


@EVERY_MESSAGE
def test_no_boundary_value_in_any_field_leaves_the_bounds(
    server: ScriptedServer, gateway: AnyGateway, message: Message
) -> None:
    for path in message.paths():
        for value in BOUNDARIES:
            server.on(message.route, says(replaced(message.document, path, value), message.status))
            given = outcome(gateway, message)
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
    server: ScriptedServer, gateway: AnyGateway, message: Message, data: st.DataObject
) -> None:
    places = [path for path in message.paths() if len(path) == max(map(len, message.paths()))]
    chosen = data.draw(st.dictionaries(st.sampled_from(places), VALUES, min_size=1, max_size=4))
    document = message.document
    for path, value in chosen.items():
        document = replaced(document, path, value)
    server.on(message.route, says(document, message.status))
    given = outcome(gateway, message)
    assert_bounded(given)
    if message.status == 200 and message.strict and not message.strict & set(chosen):
        assert not isinstance(given, GatewayError), (chosen, given)


@pytest.mark.parametrize(
    ("changed", "fits"),
    [
        ({"orderIdentifier": "x" * 64}, True),
        ({"orderIdentifier": "x" * 65}, False),
        ({"pspSwitchingUrl": f"https://{'x' * 1992}"}, True),
        ({"pspSwitchingUrl": f"https://{'x' * 1993}"}, False),
    ],
    ids=["identifier of 64", "identifier of 65", "URL of 2000", "URL of 2001"],
)
def test_a_created_payment_is_read_up_to_the_longest_identifier_and_url(
    server: ScriptedServer, gateway: AnyGateway, changed: dict[str, str], fits: bool
) -> None:
    server.on(PPG.wire.create, says(CREATED | changed))
    if fits:
        opened = gateway.open(REQUEST)
        assert next(iter(changed.values())) in (opened.gateway_payment_id, opened.redirect_url)
    else:
        with pytest.raises(Unreadable):
            gateway.open(REQUEST)


@pytest.mark.parametrize("length", [64, 65, 10_000])
def test_a_status_longer_than_any_is_unrecognised_and_cut(
    server: ScriptedServer, gateway: AnyGateway, length: int
) -> None:
    server.on(PPG.wire.inquiry, says(order(status="S" * length)))
    server.on(PPG.wire.verify, says({"status": "S" * length}))
    inquiry, verification = gateway.inquire("1ObK7QrL"), gateway.verify("1ObK7QrL")
    assert (inquiry.status, inquiry.said) == (InquiryStatus.UNRECOGNISED, "S" * 64)
    assert (verification.status, verification.said) == (VerificationStatus.UNRECOGNISED, "S" * 64)


def test_a_known_status_with_a_long_tail_is_not_taken_for_it(
    server: ScriptedServer, gateway: AnyGateway
) -> None:
    server.on(PPG.wire.verify, says({"status": "Successful".ljust(10_000)}))
    assert gateway.verify("1ObK7QrL").status is VerificationStatus.UNRECOGNISED


@both
@pytest.mark.parametrize("identifier", ["x" * 65, "x" * 128])
def test_an_identifier_of_more_than_64_characters_is_none(
    gateway: AnyGateway, identifier: str
) -> None:
    brought = {"refnum": identifier, "orderId": identifier}
    assert gateway.read_callback(brought).gateway_payment_id is None
    brought = {"refnum": identifier[:64], "orderId": identifier[:64]}
    assert gateway.read_callback(brought).gateway_payment_id == "x" * 64


@both
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    brought=st.dictionaries(
        st.sampled_from(["amount", "refnum", "state", "orderId", "status"]),
        st.text() | st.sampled_from(TEXTS),
    )
)
def test_what_a_browser_brings_is_bounded(gateway: AnyGateway, brought: dict[str, str]) -> None:
    assert_bounded(gateway.read_callback(brought))


def test_a_row_that_makes_no_sense_is_named_within_the_bounds(
    server: ScriptedServer, gateway: AnyGateway
) -> None:
    rows = (
        order(amount=None),
        order(amount=None, id="x" * 65, referenceNumber="r" * 256),
        order(amount=None, id=7, referenceNumber="\x00"),
        order(id="a/../b"),
    )
    server.on(LIST, says(page(*rows)))
    listed = list(gateway.payments_between(SINCE, UNTIL))
    assert all(isinstance(row, UnreadableRow) for row in listed)
    assert [(row.gateway_payment_id, row.reference) for row in listed] == [
        ("1ObK7QrL", "our-reference"),
        (None, None),
        (None, None),
        ("a/../b", "our-reference"),
    ]


def test_a_refusal_of_many_long_errors_keeps_twenty_and_cuts_them(
    server: ScriptedServer, gateway: AnyGateway
) -> None:
    errors = [{"code": "c" * 300, "message": "پ" * 3000}] * 40
    server.on(PPG.wire.verify, says({"fingerprint": "f" * 1000, "errors": errors}, 400))
    with pytest.raises(Refused) as caught:
        gateway.verify("1ObK7QrL")
    assert caught.value.codes == ("c" * 100,) * 20
    assert caught.value.fingerprint == "f" * 100
