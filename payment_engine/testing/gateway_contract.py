"""Test what every gateway promises to the engine."""
# ruff: noqa: S101 - these are tests

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest

from payment_engine import bounds
from payment_engine.errors import CannotBeKnown, GatewayError, NoAnswer, NotFound, Refused
from payment_engine.evidence import PAID_THERE
from payment_engine.gateway import (
    CAPTURED,
    Callback,
    Gateway,
    Inquiry,
    InquiryStatus,
    OpenedPayment,
    PaymentRequest,
    RefundRequest,
    ReversalStatus,
    VerificationStatus,
)

Pay = Callable[[OpenedPayment], Mapping[str, str]]
UNPAID = (InquiryStatus.UNPAID, InquiryStatus.IN_PROGRESS)
HOUR = timedelta(hours=1)
ODD_TEXTS = (
    "",
    " ",
    "\x00",
    "\ud800",
    "x" * 100_000,
    "-1",
    "9" * 400,
    "1e9",
    "NaN",
    "۱۲۳",
    "\u202e\u200f",
    "'; DROP TABLE payments; --",
    "<script>",
    "%00%ff",
)


class GatewayContract:
    """Run every promise of the port against a gateway.

    Subclass it, name the class ``Test...`` and give it three fixtures. A merchant that may refund
    or reverse there is needed where the gateway says that it can::

        class TestMyGateway(GatewayContract):
            @pytest.fixture
            def gateway(self): ...             # connected to a test environment

            @pytest.fixture
            def unreachable(self): ...         # the same gateway at an address where nobody listens

            @pytest.fixture
            def pay(self, gateway): ...        # a function: pay an OpenedPayment as a payer does,
                                               # return the parameters of the callback
    """

    amount_rials = 200_000
    callback_url = "https://shop.example/callback"
    payer_mobile = "09121234567"
    unknown_id = "0aaaaaa0"  #: an id as this gateway writes them, of no payment

    @pytest.fixture
    def request_of(self) -> Callable[[], PaymentRequest]:
        """Give a function that returns a request with a reference of its own."""

        def request_of() -> PaymentRequest:
            longest = secrets.token_hex(20)  # 40 characters, as with the longest prefix
            return PaymentRequest(longest, self.amount_rials, self.callback_url, self.payer_mobile)

        return request_of

    @pytest.fixture
    def asked(self, request_of: Callable[[], PaymentRequest]) -> PaymentRequest:
        """Give a request."""
        return request_of()

    @pytest.fixture
    def opened(self, gateway: Gateway, asked: PaymentRequest) -> OpenedPayment:
        """Give the payment that was opened for ``asked``."""
        return gateway.open(asked)

    def test_it_has_a_name_that_fits_and_titles_that_are_text(self, gateway: Gateway) -> None:
        assert 0 < len(gateway.name) <= bounds.LONGEST_GATEWAY_NAME
        assert gateway.name.isprintable()
        assert all(isinstance(title, str) for title in gateway.titles.values())
        assert gateway.closes_after > timedelta(0)

    def test_an_opened_payment_has_an_id_our_reference_and_a_page(
        self, opened: OpenedPayment, asked: PaymentRequest
    ) -> None:
        assert bounds.is_name(opened.gateway_payment_id, bounds.LONGEST_IDENTIFIER)
        assert opened.reference == asked.reference
        assert bounds.is_web_address(opened.redirect_url)

    def test_every_payment_has_an_id_of_its_own_also_on_threads(
        self, gateway: Gateway, request_of: Callable[[], PaymentRequest]
    ) -> None:
        with ThreadPoolExecutor(4) as threads:
            opened = list(threads.map(gateway.open, [request_of() for _ in range(4)]))
        assert len({each.gateway_payment_id for each in opened}) == 4

    def test_an_inquiry_repeats_what_was_asked_for(
        self, gateway: Gateway, opened: OpenedPayment, asked: PaymentRequest
    ) -> None:
        inquiry = gateway.inquire(opened.gateway_payment_id)
        assert inquiry.gateway_payment_id == opened.gateway_payment_id
        assert inquiry.reference == asked.reference
        assert (inquiry.amount_rials, inquiry.currency) == (asked.amount_rials, "RIALS")
        assert inquiry.status in UNPAID
        _check_bounds(inquiry)

    def test_asking_changes_nothing(self, gateway: Gateway, opened: OpenedPayment) -> None:
        first, second = (gateway.inquire(opened.gateway_payment_id) for _ in range(2))
        assert first == second

    def test_what_nobody_paid_cannot_be_captured(
        self, gateway: Gateway, opened: OpenedPayment
    ) -> None:
        try:
            verification = gateway.verify(opened.gateway_payment_id)
        except Refused:
            pass
        else:
            assert verification.status is not VerificationStatus.SUCCESSFUL
        assert gateway.inquire(opened.gateway_payment_id).status not in CAPTURED

    def test_a_payment_is_paid_captured_once_and_stays_captured(
        self, gateway: Gateway, opened: OpenedPayment, pay: Pay, asked: PaymentRequest
    ) -> None:
        pay(opened)
        for _ in range(2):
            assert gateway.inquire(opened.gateway_payment_id).status in (
                InquiryStatus.IN_PROGRESS,
                *PAID_THERE,
            )
        verification = gateway.verify(opened.gateway_payment_id)
        assert verification.status is VerificationStatus.SUCCESSFUL
        assert verification.reference in (None, asked.reference)
        assert verification.amount_rials in (None, asked.amount_rials)
        inquiry = gateway.inquire(opened.gateway_payment_id)
        assert inquiry.status in CAPTURED
        _check_bounds(inquiry)

    def test_a_callback_names_its_payment_and_claims_success(
        self, gateway: Gateway, opened: OpenedPayment, pay: Pay
    ) -> None:
        callback = gateway.read_callback(pay(opened))
        assert callback.gateway_payment_id == opened.gateway_payment_id
        assert callback.claims_success

    def test_a_callback_of_any_content_is_read(
        self, gateway: Gateway, opened: OpenedPayment, pay: Pay
    ) -> None:
        parameters = pay(opened)
        _check_callback(gateway.read_callback({}))
        for name, odd in itertools.product(parameters, ODD_TEXTS):
            _check_callback(gateway.read_callback({**parameters, name: odd}))
        for odd in ODD_TEXTS:
            _check_callback(gateway.read_callback(dict.fromkeys(parameters, odd) | {odd: odd}))

    def test_a_payment_that_it_does_not_have_is_not_found(self, gateway: Gateway) -> None:
        with pytest.raises(NotFound):
            gateway.inquire(self.unknown_id)
        with pytest.raises(GatewayError):
            gateway.verify(self.unknown_id)

    def test_silence_is_no_answer_and_never_a_refusal(
        self, unreachable: Gateway, asked: PaymentRequest
    ) -> None:
        for call in (
            lambda: unreachable.open(asked),
            lambda: unreachable.inquire("0aaaaaa0"),
            lambda: unreachable.verify("0aaaaaa0"),
        ):
            with pytest.raises(NoAnswer):
                call()

    def test_its_list_has_every_payment_once(self, gateway: Gateway, opened: OpenedPayment) -> None:
        now = datetime.now(UTC)
        rows = [
            row
            for row in gateway.payments_between(now - HOUR, now + HOUR)
            if row.gateway_payment_id == opened.gateway_payment_id
        ]
        assert len(rows) == gateway.has_list

    def test_a_payment_is_found_by_our_reference_if_it_has_a_list(
        self, gateway: Gateway, opened: OpenedPayment
    ) -> None:
        now = datetime.now(UTC)
        span = {"since": now - HOUR, "until": now + HOUR}
        if not gateway.has_list:
            with pytest.raises(CannotBeKnown):
                gateway.find(opened.reference, **span)
            return
        found = gateway.find(opened.reference, **span)
        assert found is not None
        assert found.gateway_payment_id == opened.gateway_payment_id
        assert gateway.find(secrets.token_hex(16), **span) is None

    def test_money_goes_back_whole_at_most_or_not_at_all(
        self, gateway: Gateway, opened: OpenedPayment, pay: Pay
    ) -> None:
        pay(opened)
        gateway.verify(opened.gateway_payment_id)
        too_much = RefundRequest(opened.gateway_payment_id, self.amount_rials + 1)
        if not gateway.can_refund:
            for call in (
                lambda: gateway.refund(too_much),
                lambda: gateway.refunds_of(opened.gateway_payment_id),
                lambda: gateway.confirm_refund(opened.gateway_payment_id, None),
                lambda: gateway.cancel_refund(opened.gateway_payment_id, None),
            ):
                with pytest.raises(CannotBeKnown):
                    call()
            return
        assert not gateway.refunds_of(opened.gateway_payment_id)
        with pytest.raises(Refused):
            gateway.refund(too_much)
        part, rest = self.amount_rials // 4, self.amount_rials - self.amount_rials // 4
        for amount in (part, rest):
            ordered = gateway.refund(RefundRequest(opened.gateway_payment_id, amount))
            assert ordered.amount_rials == amount
            last = gateway.refunds_of(opened.gateway_payment_id)[-1]
            assert last.gateway_refund_id == ordered.gateway_refund_id is not None
        found = gateway.refunds_of(opened.gateway_payment_id)
        assert [each.amount_rials for each in found] == [part, rest]
        assert len({each.gateway_refund_id for each in found}) == len(found)
        with pytest.raises(Refused):
            gateway.refund(RefundRequest(opened.gateway_payment_id, 1))

    def test_a_capture_is_reversed_whole_and_may_be_reversed_again(
        self, gateway: Gateway, opened: OpenedPayment, pay: Pay
    ) -> None:
        pay(opened)
        gateway.verify(opened.gateway_payment_id)
        if not gateway.can_reverse:
            with pytest.raises(CannotBeKnown):
                gateway.reverse(opened.gateway_payment_id)
            return
        for _ in range(2):
            assert gateway.reverse(opened.gateway_payment_id).status is ReversalStatus.DONE
            assert gateway.inquire(opened.gateway_payment_id).status is InquiryStatus.REVERSED
        if gateway.can_refund:
            assert not gateway.refunds_of(opened.gateway_payment_id)


def _check_bounds(inquiry: Inquiry) -> None:
    for name, value in asdict(inquiry).items():
        if isinstance(value, str):
            assert len(value) <= bounds.LONGEST_REFERENCE, name
            assert bounds.printable(value) == value, name
        if isinstance(value, datetime):
            assert value.tzinfo is not None, name
            assert bounds.EARLIEST <= value <= bounds.LATEST, name
    assert len(inquiry.gateway_payment_id) <= bounds.LONGEST_IDENTIFIER
    assert len(inquiry.payer_card or "") <= bounds.LONGEST_CARD
    assert len(inquiry.tracking_number or "") <= bounds.LONGEST_TRACKING_NUMBER


def _check_callback(callback: Callback) -> None:
    for text in (callback.gateway_payment_id, callback.said):
        assert text is None or 0 < len(text) <= bounds.LONGEST_IDENTIFIER
    amount = callback.amount_rials
    assert amount is None or 0 <= amount <= bounds.LARGEST_LONG
