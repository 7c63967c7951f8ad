"""Whatever a gateway says, what leaves its binding is within the bounds, or is a GatewayError."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum

import pytest

from payment_engine.errors import GatewayError, Unreadable
from payment_engine.gateway import UnreadableRow
from testkit.cases import naming
from tests.client import v3_documents as v3
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
from tests.client.documents import LIST, order, page
from tests.client.scripted import ScriptedServer, says
from tests.client.v3_boundaries import V3_MESSAGES
from tests.gateways.bindings import PPG, V3, WALLET, AnyGateway, Binding, everyone, of_v3

SINCE = datetime(2020, 6, 10, 15, tzinfo=UTC)
UNTIL = datetime(2020, 6, 10, 16, tzinfo=UTC)

# Written out here, not imported: they are promises to whoever stores the values.
LONGEST = {
    "gateway_payment_id": 64,
    "reference": 255,
    "redirect_url": 2000,
    "said": 64,
    "currency": 6,
    "payer_card": 30,
    "tracking_number": 64,
    "fail_words": 100,
}
NAMES = {message.name for message in MESSAGES}  # what an adopter's engine sees of all gateways
BINDINGS = {binding.wire.name: binding for binding in (PPG, V3, WALLET)}


def outcome(gateway: AnyGateway, binding: Binding, message: Message) -> object:
    """What the gateway's method gives, or the GatewayError that it raises."""
    try:
        if message.operation == "list":
            return list(gateway.payments_between(SINCE, UNTIL))
        return binding.calls()[message.route](gateway)
    except GatewayError as error:
        return error


def assert_bounded(given: object) -> None:
    """Everything that the engine may store of this is within the bounds."""
    if isinstance(given, GatewayError):
        assert_facts_bounded(given)
    elif isinstance(given, list):
        for each in given:
            assert_bounded(each)
    else:
        assert is_dataclass(given)
        for field in fields(given):
            if field.name != "raw":  # as it came; redacted and cut by who stores it
                assert_field_bounded(field.name, getattr(given, field.name))


def assert_field_bounded(name: str, value: object) -> None:
    if isinstance(value, datetime):
        assert_moment_bounded(value)
    elif isinstance(value, tuple):
        assert name == "odd_fields"
        assert_names_bounded(value)
    elif isinstance(value, str) and not isinstance(value, Enum):
        assert len(value) <= LONGEST[name]
        assert is_printable(value)
    elif not isinstance(value, Enum | bool):
        assert value is None or (type(value) is int and 0 <= value < 2**63)


# Each field meets every second value, its neighbour the others; `make test-long` plays the rest.
@pytest.mark.parametrize("half", [0, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.one_case_in(12)
@pytest.mark.parametrize(
    ("binding", "message"),
    [
        pytest.param(BINDINGS[message.wire.name], message, id=f"{message.wire.name} {message.name}")
        for message in (*MESSAGES, *V3_MESSAGES)
        if message.name in NAMES
    ],
)
def test_no_boundary_value_in_any_field_leaves_the_bounds(
    server: ScriptedServer, gateway: AnyGateway, binding: Binding, message: Message, half: int
) -> None:
    for number, paths in enumerate(message.groups()):
        for value in BOUNDARIES[(number + half) % 2 :: 2]:
            with naming(paths, f"{value!r:.60}"):
                server.on(message.route, message.says(dict.fromkeys(paths, value)))
                given = outcome(gateway, binding, message)
                assert_bounded(given)
                assert not (message.must_be_read(*paths) and isinstance(given, GatewayError))


@of_v3
def test_a_price_that_is_too_large_with_its_wage_is_a_row_that_cannot_be_read(
    server: ScriptedServer, gateway: AnyGateway
) -> None:
    dear = v3.PURCHASE | {"amount": 2**63 - 1, "wage": 1}
    server.on(v3.LIST, says(v3.page(dear)))
    (row,) = gateway.payments_between(SINCE, UNTIL)
    assert isinstance(row, UnreadableRow)
    assert (row.gateway_payment_id, row.reference) == (v3.ID, "our-reference")
    with pytest.raises(Unreadable):
        gateway.inquire(v3.ID)


@everyone
def test_what_a_browser_brings_is_bounded(gateway: AnyGateway) -> None:
    for name in ("amount", "refnum", "state", "orderId", "purchaseId", "status"):
        for text in TEXTS:
            with naming(name, f"{text!r:.60}"):
                assert_bounded(gateway.read_callback({name: text}))


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
        (None, "our-reference"),  # nobody could ask about that id
    ]
