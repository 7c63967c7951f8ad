"""Whatever texts a binding hands on, what the engine keeps, logs and raises is one short line."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from payment_engine import GatewayUnavailable, Payment, PaymentEngine, PaymentState
from payment_engine.discrepancies import Kind
from payment_engine.errors import NoAnswer, Refused
from payment_engine.events import Event
from payment_engine.gateway import (
    Callback,
    Inquiry,
    InquiryStatus,
    OpenedPayment,
    PaymentRequest,
    UnreadableRow,
    Verification,
    VerificationStatus,
)
from payment_engine.testing import ScriptedGateway
from testkit.cases import naming
from testkit.clock import MovingClock
from tests.client.boundaries import is_printable
from tests.client.secret_texts import HARMFUL
from tests.engine.workers import create_tables, engine_on

HARM = "".join(HARMFUL)
PERSON = "کد ملی 0499370899"
BAD_IDS = ("", "x" * 65, *(f"theirs{letter}1" for letter in HARMFUL))
BAD_PAGES = (
    "https://gateway.test/\r\nSet-Cookie: a=b",
    "https://gateway.test/\x1b[31m",
    "https://gateway.test/\u202e",
    "https://gateway.test/a b",
    "https://gateway.test]/",
    "https://[gateway.test",
    "https://",
    "javascript:alert(1)",
    "https://gateway.test/" + "x" * 2000,
    "",
)
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


class OddGateway(ScriptedGateway):
    """Answers every create with this id and this address, where they are given."""

    opens_as: tuple[str, str] | None = None

    def open(self, request: PaymentRequest) -> OpenedPayment:
        """Answer about the request's own reference."""
        if self.opens_as is None:
            return super().open(request)
        named, page = self.opens_as
        return OpenedPayment(named, request.reference, page)


@pytest.fixture
def gateway() -> OddGateway:
    return OddGateway()


@pytest.fixture
def engine(tmp_path: Path, gateway: OddGateway, clock: MovingClock) -> Iterator[PaymentEngine]:
    database = create_engine(f"sqlite:///{tmp_path}/payments.sqlite3")
    create_tables(database)
    yield engine_on(database, gateway, gateway.host, clock=clock.now, monotonic=clock.steady)
    database.dispose()


def begin(engine: PaymentEngine) -> Payment:
    return engine.begin(order_key="1", amount_rials=1000, payer_mobile="09121234567")


def open_without_answer(engine: PaymentEngine, gateway: OddGateway, order_key: str) -> None:
    gateway.lose_answer("open")
    with pytest.raises(GatewayUnavailable):
        engine.begin(order_key=order_key, amount_rials=1000, payer_mobile="09121234567")


def list_with(gateway: OddGateway, **changed: str) -> None:
    """Let every row of the list have these texts."""
    for name, row in gateway.rows.items():
        gateway.rows[name] = replace(row, **changed)  # type: ignore[arg-type]  # texts only


def assert_kept_printable(engine: PaymentEngine) -> None:
    for event in engine.history("1"):
        text = json.dumps(event.details, ensure_ascii=False)
        assert is_printable(text)
        assert "0499370899" not in text
        assert len(text) < 5000


def test_an_id_that_is_none_opens_nothing_and_sends_nobody_anywhere(
    engine: PaymentEngine, gateway: OddGateway
) -> None:
    for number, bad in enumerate(BAD_IDS, 1):
        with naming(ascii(bad)):
            gateway.opens_as = bad, f"https://{gateway.host}/1"
            with pytest.raises(GatewayUnavailable) as refusal:
                engine.begin(order_key=f"{number}", amount_rials=1, payer_mobile="09121234567")
            assert is_printable(str(refusal.value))
            (payment,) = engine.payments_of(f"{number}")
            assert (payment.state, payment.gateway_payment_id) == (PaymentState.INITIATED, None)


def test_an_answer_about_another_reference_opens_nothing(
    engine: PaymentEngine, gateway: OddGateway
) -> None:
    gateway.answer("open", OpenedPayment("theirs-1", "f" * 32, f"https://{gateway.host}/1"))
    with pytest.raises(GatewayUnavailable, match="another reference"):
        begin(engine)


def test_an_id_from_the_list_is_checked_as_one_from_the_create_is(
    engine: PaymentEngine, gateway: OddGateway, clock: MovingClock
) -> None:
    for number, bad in enumerate(BAD_IDS):
        open_without_answer(engine, gateway, f"{number}")
        list_with(gateway, gateway_payment_id=bad)
        clock.advance(15 * 60)
        with naming(ascii(bad)):
            assert engine.recover_once().keys() == {"unanswered"}
    clock.advance(24 * 3600)
    assert engine.recover_once() == {"unanswered": len(BAD_IDS)}
    assert [each.gateway_payment_id for each in engine.in_review()] == [None] * len(BAD_IDS)


def test_a_row_about_another_reference_or_with_an_id_that_another_payment_has_is_not_taken(
    engine: PaymentEngine, gateway: OddGateway, clock: MovingClock
) -> None:
    first = begin(engine)
    open_without_answer(engine, gateway, "2")
    open_without_answer(engine, gateway, "3")
    second, third = gateway.rows["theirs-2"], gateway.rows["theirs-3"]
    clock.advance(15 * 60)
    taken = str(first.gateway_payment_id)
    gateway.answer("find", replace(second, gateway_payment_id=taken), replace(third, reference="x"))
    assert engine.recover_once()["unanswered"] == 2
    for order_key in ("2", "3"):
        assert engine.payments_of(order_key)[0].gateway_payment_id is None


def test_an_address_that_is_none_is_a_refusal_and_the_order_can_be_paid_again(
    engine: PaymentEngine, gateway: OddGateway, caplog: pytest.LogCaptureFixture
) -> None:
    for number, bad in enumerate(BAD_PAGES, 1):
        with naming(ascii(bad[:40])):
            gateway.opens_as = f"theirs-{number}", bad
            with pytest.raises(GatewayUnavailable) as refusal:
                engine.begin(order_key=f"{number}", amount_rials=1, payer_mobile="09121234567")
            assert refusal.value.refused
            (payment,) = engine.payments_of(f"{number}")
            assert (payment.state, payment.redirect_url) == (PaymentState.FAILED, None)
    assert all(is_printable(record.getMessage()) for record in caplog.records)


def test_odd_words_of_an_answer_are_kept_printable_and_masked_and_the_payment_is_paid(
    engine: PaymentEngine, gateway: OddGateway
) -> None:
    payment = begin(engine)
    name = str(payment.gateway_payment_id)
    callback = gateway.pay(name)
    odd = f"PAID{HARM}{PERSON}" + "x" * 9999
    gateway.change(name, said=odd, payer_card="6037991234561234", odd_fields=(odd, PERSON))
    gateway.change(name, tracking_number="7\n7")
    assert engine.handle_callback(payment.reference, callback | {"status": odd}).knows_payment
    (paid,) = engine.payments_of("1")
    assert (paid.state, paid.payer_card) == (PaymentState.PAID, "603799******1234")
    assert paid.tracking_number is None
    assert_kept_printable(engine)


def test_an_error_in_the_gateways_words_is_one_masked_line_in_log_and_history(
    engine: PaymentEngine, gateway: OddGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    words = f"no{HARM}{PERSON} for 6037 9912 3456 1234 " + "x" * 9999
    for kind in (Refused, NoAnswer):
        error = kind("create", words, codes=(words,) * 50, fingerprint=words, http_status=400)
        gateway.answer("open", error)
        with pytest.raises(GatewayUnavailable) as refusal:
            begin(engine)
        for text in (str(refusal.value), caplog.text.rstrip("\n").rpartition("\n")[2]):
            assert is_printable(text)
            assert "0499370899" not in text
            assert "9912" not in text
    assert len(caplog.text.splitlines()) == len(caplog.records) == 2
    assert_kept_printable(engine)


def test_a_row_of_the_list_with_an_id_that_is_none_is_a_discrepancy_and_stops_nothing(
    engine: PaymentEngine, gateway: OddGateway, clock: MovingClock
) -> None:
    now = InquiryStatus.UNPAID
    rows = [Inquiry(bad, "ours", 1, "RIALS", now, now) for bad in BAD_IDS]
    gateway.rows = {str(number): row for number, row in enumerate(rows)}
    paid = begin(engine)
    engine.handle_callback(paid.reference, gateway.pay(str(paid.gateway_payment_id)))
    for _ in range(2):  # the second time they are known, and asked about if they can be
        report = engine.reconcile_once()
        assert report.complete
        gateway.rows = {str(paid.gateway_payment_id): gateway.rows[str(paid.gateway_payment_id)]}
        clock.advance(3600)
    assert {row.kind for row in report.discrepancies} == {Kind.UNREADABLE_ROW}
    for row in report.discrepancies:
        assert is_printable(json.dumps(row.theirs, ensure_ascii=False))


def test_an_id_with_as_many_digits_as_a_card_is_kept_as_it_is(
    engine: PaymentEngine, gateway: OddGateway
) -> None:
    gateway.opens_as = "123456789012345678", f"https://{gateway.host}/1"
    begin(engine)
    (opened,) = (each for each in engine.history("1") if each.event == Event.OPENED)
    assert opened.details["gateway_payment_id"] == "123456789012345678"
    unpaid = InquiryStatus.UNPAID
    unknown = Inquiry("876543210987654321", "a card 6037991234561234", 1, "RIALS", unpaid, unpaid)
    gateway.rows = {unknown.gateway_payment_id: unknown}
    rows = {row.kind: row for row in engine.reconcile_once().discrepancies}
    found = rows[Kind.UNKNOWN_HERE]
    assert found.gateway_payment_id == "876543210987654321"
    assert found.theirs["gateway_payment_id"] == "876543210987654321"
    assert "6037991234561234" not in str(found)


def test_the_records_of_the_port_make_their_texts_printable_and_short() -> None:
    odd = f"a{HARM}b" * 100
    said = VerificationStatus.UNRECOGNISED
    for record in (
        Inquiry("1", "2", 3, odd, InquiryStatus.UNRECOGNISED, odd, AT, odd, AT, odd, {}, (odd,)),
        Verification(said, odd, tracking_number=odd, odd_fields=(odd,)),
        Callback(odd, odd, None),
        UnreadableRow({}, odd, odd),
    ):
        with naming(type(record).__name__):
            assert is_printable(repr(record))
            assert len(repr(record)) < 700
    for text in (HARM, "", "\n"):
        assert Callback(text, text, None) == Callback(None, None, None)
