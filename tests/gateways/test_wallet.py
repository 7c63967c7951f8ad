"""What the wallet is sent for each call of the port, and how its answers are normalised."""

from __future__ import annotations

import pytest

from payment_engine.errors import (
    CannotBeKnown,
    NotFound,
    TooManyRequests,
)
from payment_engine.gateway import InquiryStatus, PaymentRequest, VerificationStatus
from payment_engine.gateways.jibit_wallet import JibitWallet
from testkit.cases import naming
from testkit.clock import MovingClock
from tests.client.scripted import ScriptedServer, says
from tests.client.wallet_documents import (
    CREATE,
    GENERATE,
    INITIATED,
    INQUIRY,
    SAMPLE_INITIATED,
    SAMPLE_INQUIRY,
    SAMPLE_TOKENS,
    SAMPLE_VERIFIED,
    VERIFIED,
    VERIFY,
    order,
    result,
)
from tests.gateways.bindings import WALLET, Binding


@pytest.fixture
def binding() -> Binding:
    return WALLET


def test_the_documents_samples_pass_from_tokens_to_inquiry(
    server: ScriptedServer, gateway: JibitWallet
) -> None:
    server.on(GENERATE, says(SAMPLE_TOKENS))
    server.on(CREATE, says(SAMPLE_INITIATED))
    server.on(VERIFY, says(SAMPLE_VERIFIED))
    server.on(INQUIRY, says(SAMPLE_INQUIRY))
    asked = PaymentRequest(
        "merchant-1234-123", 100, "http://callbackurl.com/success", "09121234567"
    )
    opened = gateway.open(asked)
    assert opened.gateway_payment_id == "7wvkgrn0"
    assert opened.redirect_url == "https://qrpg-test.jibit.ir/order/7wvkgrn0"
    verification = gateway.verify("7wvkgrn0")
    assert verification.status is VerificationStatus.SUCCESSFUL
    assert (verification.reference, verification.amount_rials) == ("merchant-1234-123", 100)
    assert verification.tracking_number == "775743540"
    inquiry = gateway.inquire("7wvkgrn0")
    assert inquiry.status is InquiryStatus.CAPTURED
    assert inquiry.reference == " merchant-1234-123"  # the engine will see that it differs
    assert (inquiry.amount_rials, inquiry.currency) == (100, "RIALS")
    assert inquiry.tracking_number == "775743540"


def test_an_order_is_opened_with_the_documents_fields(
    server: ScriptedServer, gateway: JibitWallet
) -> None:
    server.on(CREATE, says(result(INITIATED)))
    gateway.open(
        PaymentRequest(
            "our-reference",
            200_000,
            "https://merchant.ir/callback",
            "09121234567",
            description="دو کتاب",
            national_code="0499370899",
        )
    )
    (create,) = server.asked(CREATE)
    assert create.body == {
        "amount": 200000,
        "callBackUrl": "https://merchant.ir/callback",
        "userIdentity": "09121234567",
        "merchantOrderId": "our-reference",
        "description": "دو کتاب",
    }


def test_every_status_of_the_document_has_its_place_in_the_engines_words(
    server: ScriptedServer, gateway: JibitWallet
) -> None:
    for said, status in (
        ("INITIAL", InquiryStatus.UNPAID),
        ("PGENTRY", InquiryStatus.UNPAID),
        ("CANCEL_BY_SYSTEM", InquiryStatus.EXPIRED),
        ("CANCEL_BY_USER", InquiryStatus.FAILED),
        ("PURCHASE_BY_USER", InquiryStatus.AWAITING_VERIFICATION),
        ("PURCHASE_CONFIRM_BY_MERCHANT", InquiryStatus.CAPTURED),
        ("purchase_by_user", InquiryStatus.UNRECOGNISED),
        ("REFUNDED", InquiryStatus.UNRECOGNISED),
    ):
        with naming(said, status):
            server.on(INQUIRY, says(order(statusV=said)))
            inquiry = gateway.inquire("7wvkgrn0")
            assert (inquiry.status, inquiry.said) == (status, said)


def test_a_verification_succeeds_by_its_error_code_alone(
    server: ScriptedServer, gateway: JibitWallet
) -> None:
    for code in (0, "0"):
        with naming(code):
            answer = result(VERIFIED | {"refId": None, "new": 1}) | {"errorCode": code}
            server.on(VERIFY, says(answer))
            verification = gateway.verify("7wvkgrn0")
            assert verification.status is VerificationStatus.SUCCESSFUL
            assert verification.tracking_number is None
            assert verification.raw == answer


def test_a_plain_no_to_a_verification_is_failed(
    server: ScriptedServer, gateway: JibitWallet
) -> None:
    for status in (200, 400):
        server.on(VERIFY, says({"errorCode": 1007, "message": "not paid"}, status))
        verification = gateway.verify("7wvkgrn0")
        assert verification.status is VerificationStatus.FAILED
        assert verification.said == "errorCode 1007"
        assert verification.raw == {"errorCode": ("1007",), "message": ("not paid",)}


def test_a_no_that_is_not_about_the_payment_is_no_failed_verification(
    server: ScriptedServer, gateway: JibitWallet
) -> None:
    for code in (404, 429):
        with naming(code):
            for status in (200, code):
                server.on(VERIFY, says({"errorCode": code}, status))
                with pytest.raises((NotFound, TooManyRequests)):
                    gateway.verify("7wvkgrn0")


def test_the_browsers_claim_is_read_and_names_no_amount(gateway: JibitWallet) -> None:
    callback = gateway.read_callback(
        {"orderId": "7wvkgrn0", "status": "PURCHASE_BY_USER", "amount": "1"}
    )
    assert (callback.gateway_payment_id, callback.said) == ("7wvkgrn0", "PURCHASE_BY_USER")
    assert callback.amount_rials is None


def test_without_a_list_nothing_is_claimed_about_a_lost_create(
    server: ScriptedServer, gateway: JibitWallet, clock: MovingClock
) -> None:
    assert gateway.has_list is False
    with pytest.raises(CannotBeKnown):
        gateway.find("our-reference", since=clock.now(), until=clock.now())
    assert list(gateway.payments_between(clock.now(), clock.now())) == []
    assert server.heard == []
