"""Whatever a gateway says, what leaves its client is within the bounds, or is a GatewayError."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jibit_client import PpgClient, WalletClient
from jibit_client.errors import GatewayError, InvalidRequest, Unintelligible
from jibit_client.ppg.messages import CallbackParameters
from jibit_client.ppg.vocabulary import OrderStatus, VerifyStatus
from jibit_client.ppg_v3.callback import CallbackParameters as V3Callback
from jibit_client.wallet.messages import CallbackParameters as WalletCallback
from testkit.cases import naming
from tests.client.boundaries import (
    BOUNDARIES,
    MESSAGES,
    TEXTS,
    Message,
    assert_facts_bounded,
    assert_moment_bounded,
    assert_names_bounded,
    is_printable,
)
from tests.client.documents import CREATED, order
from tests.client.scripted import ScriptedServer, says
from tests.client.v3_boundaries import V3_MESSAGES
from tests.client.v3_documents import FORM
from tests.client.wires import ORDER, PPG, PPG_V3, WALLET, WALLET_ORDER, AnyClient, Wire

LONGEST_TEXT = 8192
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
    "purchase_id": 64,
    "refund_id": 64,
    "batch_id": 64,
    "transfer_id": 64,
    "payment_id": 64,
    "bank_transfer_id": 64,
    "settlement_id": 64,
    "next_page_id": 64,
    "client_reference_number": 255,
    "client_ref_num": 255,
    "payer_card_number": 30,
    "psp_masked_card_number": 30,
    "payer_masked_card_number": 30,
    "psp_rrn": 64,
    "psp_reference_number": 64,
    "psp_trace_number": 64,
    "psp_hashed_card_number": 255,
    "psp_name": 64,
}
ROWS = {"elements", "transfers", "balances", "psp_fail_reasons"}
NEVER_NEGATIVE = {"amount", "wage_rials", "refundable_amount_rials", "fee_rials"}

Reader = Callable[[dict[str, str]], object]
EVERY_MESSAGE = pytest.mark.parametrize(
    ("wire", "message"),
    [
        pytest.param(message.wire, message, id=f"{message.wire.name} {message.name}")
        for message in MESSAGES
    ],
)


def answer(client: AnyClient, message: Message) -> object:
    """Make the call that is answered with this message."""
    if message.call:
        return message.call(client)
    if isinstance(client, PpgClient) and message.operation == "list":
        return client.orders()
    if message.operation == "create" and isinstance(client, PpgClient):
        return client.create(ORDER)
    if message.operation == "create" and isinstance(client, WalletClient):
        return client.initiate(WALLET_ORDER)
    return message.wire.calls()[message.route](client)


def outcome(client: AnyClient, message: Message) -> object:
    """What the call gives, or the GatewayError that it raises."""
    try:
        return answer(client, message)
    except GatewayError as error:
        return error


def assert_bounded(given: object) -> None:
    """Everything that a caller may store of this is within the bounds."""
    if isinstance(given, GatewayError):
        assert_facts_bounded(given)
        assert len(given.messages) <= 20
        assert all(len(message) <= 500 and is_printable(message) for message in given.messages)
    elif isinstance(given, tuple):
        for each in given:
            assert_bounded(each)
    else:
        assert is_dataclass(given)
        for field in fields(given):
            if field.name not in ("raw", "unreadable"):  # as they came; the caller redacts them
                assert_field_bounded(field.name, getattr(given, field.name))


def assert_field_bounded(name: str, value: object) -> None:
    if is_dataclass(value) or name in ROWS:
        assert_bounded(value)
    elif name == "psp_status":
        assert isinstance(value, dict)
        for word in (*value, *value.values()):
            assert_field_bounded("said", word)
    elif isinstance(value, datetime):
        assert_moment_bounded(value)
    elif isinstance(value, tuple):
        assert name == "odd_fields"
        assert_names_bounded(value)
    elif isinstance(value, str) and not isinstance(value, Enum):
        assert len(value) <= LONGEST.get(name, LONGEST_TEXT)
        assert is_printable(value)
    elif not isinstance(value, Enum | bool):
        least = 0 if name in NEVER_NEGATIVE else -(2**63)
        assert value is None or (type(value) is int and least <= value < 2**63)


EVERY_V3_MESSAGE = pytest.mark.parametrize(
    ("wire", "message"), [pytest.param(PPG_V3, each, id=each.name) for each in V3_MESSAGES]
)


# Each field meets every second value, its neighbour the others; `make test-long` plays the rest.
@pytest.mark.parametrize("half", [0, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.one_case_in(12)
@EVERY_MESSAGE
def test_no_boundary_value_in_any_field_leaves_the_bounds(
    server: ScriptedServer, client: AnyClient, message: Message, half: int
) -> None:
    for number, path in enumerate(message.paths()):
        for value in BOUNDARIES[(number + half) % 2 :: 2]:
            with naming(path, f"{value!r:.60}"):
                server.on(message.route, message.says({path: value}))
                given = outcome(client, message)
                assert_bounded(given)
                assert not (message.must_be_read(path) and isinstance(given, GatewayError))


# These messages have many fields: those that decide nothing meet each value together here;
# `make test-long` plays them one by one.
@pytest.mark.parametrize("half", [0, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("by_one", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.one_case_in(12)
@EVERY_V3_MESSAGE
def test_no_boundary_value_in_a_message_of_v3_leaves_the_bounds(
    server: ScriptedServer, client: AnyClient, message: Message, half: int, by_one: bool
) -> None:
    groups = [[path] for path in message.paths()] if by_one else message.groups()
    for number, paths in enumerate(groups):
        alone = BOUNDARIES[(number + half) % 2 :: 2]
        for value in alone if len(paths) == 1 else BOUNDARIES:
            with naming(paths, f"{value!r:.60}"):
                server.on(message.route, message.says(dict.fromkeys(paths, value)))
                given = outcome(client, message)
                assert_bounded(given)
                assert not (message.must_be_read(*paths) and isinstance(given, GatewayError))


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


@pytest.mark.one_case_in(12)
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
    server.on(message.route, message.says(chosen))
    given = outcome(client, message)
    assert_bounded(given)
    assert not (message.must_be_read(*chosen) and isinstance(given, GatewayError)), (chosen, given)


def test_a_created_payment_is_read_up_to_the_longest_identifier_and_url(
    server: ScriptedServer, client: PpgClient
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
    server: ScriptedServer, client: PpgClient
) -> None:
    for length in (64, 65, 10_000):
        with naming(length):
            server.on(PPG.inquiry, says(order(status="S" * length)))
            server.on(PPG.verify, says({"status": "S" * length}))
            inquiry, verification = client.inquire("1ObK7QrL"), client.verify("1ObK7QrL")
            assert (inquiry.status, inquiry.said) == (OrderStatus.UNRECOGNISED, "S" * 64)
            assert (verification.status, verification.said) == (VerifyStatus.UNRECOGNISED, "S" * 64)


def test_a_known_status_with_a_long_tail_is_not_taken_for_it(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(PPG.verify, says({"status": "Successful".ljust(10_000)}))
    assert client.verify("1ObK7QrL").status is VerifyStatus.UNRECOGNISED


READERS = pytest.mark.parametrize(
    ("read", "name"),
    [
        (CallbackParameters.read, "refnum"),
        (WalletCallback.read, "order_id"),
        (V3Callback.read, "purchase_id"),
    ],
    ids=["ppg", "wallet", "ppg v3"],
)


@READERS
def test_an_identifier_of_more_than_64_characters_is_none(read: Reader, name: str) -> None:
    for length, expected in ((64, "x" * 64), (65, None), (128, None)):
        brought = dict.fromkeys(("refnum", "orderId", "purchaseId"), "x" * length)
        assert getattr(read(brought), name) == expected


@READERS
@settings(deadline=None)
@given(
    brought=st.dictionaries(
        st.sampled_from(["refnum", "state", "orderId", *FORM]),
        st.text() | st.sampled_from(TEXTS),
    )
)
def test_what_a_browser_brings_is_bounded(read: Reader, name: str, brought: dict[str, str]) -> None:
    claim = read(brought)
    assert hasattr(claim, name)
    assert_bounded(claim)


def test_a_refusal_of_many_long_errors_keeps_twenty_and_cuts_them(
    server: ScriptedServer, client: PpgClient
) -> None:
    errors = [{"code": "c" * 300, "message": "پ" * 3000}] * 40
    server.on(PPG.verify, says({"fingerprint": "f" * 1000, "errors": errors}, 400))
    with pytest.raises(InvalidRequest) as caught:
        client.verify("1ObK7QrL")
    assert caught.value.codes == ("c" * 100,) * 20
    assert caught.value.messages == ("پ" * 500,) * 20
    assert caught.value.fingerprint == "f" * 100


def test_a_card_at_the_cut_of_a_message_is_masked_all_the_same(
    server: ScriptedServer, client: PpgClient
) -> None:
    for before in range(440, 512, 4):
        with naming(before):
            message = " ".ljust(before) + "6037991234561234 " + "x" * 100
            server.on(PPG.verify, says({"errors": [{"code": "a.b", "message": message}]}, 400))
            with pytest.raises(InvalidRequest) as caught:
                client.verify("1ObK7QrL")
            assert "6037991" not in caught.value.messages[0]


def test_a_message_of_half_a_mebibyte_is_masked_in_no_time(
    server: ScriptedServer, client: PpgClient
) -> None:
    message = "-eyJ" * 130_000  # each one might begin a token: minutes, if all were looked at
    server.on(PPG.verify, says({"errors": [{"code": "a.b", "message": message}]}, 400))
    with pytest.raises(InvalidRequest):
        client.verify("1ObK7QrL")


@pytest.mark.parametrize("wire", [PPG, PPG_V3, WALLET], ids=lambda wire: wire.name)
@pytest.mark.parametrize("which", ["access", "refresh"])
def test_a_token_longer_than_a_header_line_is_no_token(
    server: ScriptedServer, client: AnyClient, wire: Wire, which: str
) -> None:
    server.on(wire.generate, wire.tokens(1, **{which: "t" * 8193}))
    server.on(wire.inquiry, wire.tells())
    with pytest.raises(GatewayError):
        client.inquire(wire.identifier)
    assert server.asked(wire.inquiry) == []
