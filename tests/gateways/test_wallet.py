"""What the wallet is sent for each call of the port, and how its answers are normalised."""

from __future__ import annotations

from typing import Any

import pytest

from payment_engine.errors import (
    CannotBeKnown,
    NotFound,
    Refused,
    TooManyRequests,
    Unreadable,
)
from payment_engine.gateway import InquiryStatus, PaymentRequest, VerificationStatus
from payment_engine.gateways.jibit_wallet import JibitWallet
from tests.client.scripted import ScriptedServer, says
from tests.client.wallet_documents import (
    CREATE,
    GENERATE,
    INITIATED,
    INQUIRY,
    ORDER,
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
from tests.rig.clock import MovingClock


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


@pytest.mark.parametrize("amount", [200_000.0, "200000", True])
def test_an_amount_that_is_no_integer_is_never_sent(
    server: ScriptedServer, gateway: JibitWallet, amount: Any
) -> None:
    with pytest.raises(ValueError, match="integer"):
        gateway.open(PaymentRequest("r", amount, "https://merchant.ir/", "09121234567"))
    assert server.heard == []


@pytest.mark.parametrize("identifier", ["", "..", "a/b", "a?b", "a b", "%2e%2e", "سفارش"])
def test_only_a_plain_identifier_becomes_part_of_a_path(
    server: ScriptedServer, gateway: JibitWallet, identifier: str
) -> None:
    for ask in (gateway.inquire, gateway.verify):
        with pytest.raises(ValueError, match="identifier"):
            ask(identifier)
    assert server.heard == []


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_order_call_asks_for_the_payers_language(
    server: ScriptedServer, gateway: JibitWallet, language: str
) -> None:
    server.on(CREATE, says(result(INITIATED)))
    server.on(VERIFY, says(result(VERIFIED)))
    server.on(INQUIRY, says(ORDER))
    gateway.open(
        PaymentRequest("our-reference", 1, "https://merchant.ir/", "0912", language=language)
    )
    gateway.verify("7wvkgrn0", language=language)
    gateway.inquire("7wvkgrn0", language=language)
    calls = [heard for heard in server.heard if heard.path.startswith("/pg/order")]
    assert [heard.headers["Accept-Language"] for heard in calls] == [language] * 3


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("INITIAL", InquiryStatus.UNPAID),
        ("PGENTRY", InquiryStatus.UNPAID),
        ("CANCEL_BY_SYSTEM", InquiryStatus.EXPIRED),
        ("CANCEL_BY_USER", InquiryStatus.FAILED),
        ("PURCHASE_BY_USER", InquiryStatus.AWAITING_VERIFICATION),
        ("PURCHASE_CONFIRM_BY_MERCHANT", InquiryStatus.CAPTURED),
        ("purchase_by_user", InquiryStatus.UNRECOGNISED),
        ("REFUNDED", InquiryStatus.UNRECOGNISED),
    ],
)
def test_every_status_of_the_document_has_its_place_in_the_engines_words(
    server: ScriptedServer, gateway: JibitWallet, said: str, status: InquiryStatus
) -> None:
    server.on(INQUIRY, says(order(statusV=said)))
    inquiry = gateway.inquire("7wvkgrn0")
    assert (inquiry.status, inquiry.said) == (status, said)


def test_a_reference_that_comes_as_an_integer_is_read_as_its_digits(
    server: ScriptedServer, gateway: JibitWallet
) -> None:
    server.on(CREATE, says(result(INITIATED | {"merchantOrderId": 1234})))
    server.on(VERIFY, says(result(VERIFIED | {"merchantOrderId": 1234})))
    server.on(INQUIRY, says(order(merchantOrderId=1234)))
    opened = gateway.open(PaymentRequest("1234", 1, "https://merchant.ir/", "09121234567"))
    assert opened.reference == "1234"
    assert gateway.verify("7wvkgrn0").reference == "1234"
    assert gateway.inquire("7wvkgrn0").reference == "1234"


def test_a_payment_that_nobody_paid_yet_has_no_tracking_number(
    server: ScriptedServer, gateway: JibitWallet
) -> None:
    for missing in (None, "", ...):
        server.on(INQUIRY, says(order(statusV="INITIAL", refId=missing)))
        assert gateway.inquire("7wvkgrn0").tracking_number is None


@pytest.mark.parametrize(
    "answer",
    [
        {"result": VERIFIED},
        VERIFIED,
        result(VERIFIED) | {"errorCode": False},
        result(VERIFIED) | {"errorCode": 0.0},
        result(VERIFIED) | {"errorCode": "zero"},
        result(VERIFIED) | {"errorCode": "۰"},
        result(VERIFIED) | {"errorCode": -1},
        result(VERIFIED) | {"errorCode": None},
        result(None),
        result([VERIFIED]),
        result(VERIFIED | {"amount": None}),
        result(VERIFIED | {"merchantOrderId": None}),
    ],
    ids=repr,
)
def test_a_verification_that_is_not_clearly_a_success_is_no_answer(
    server: ScriptedServer, gateway: JibitWallet, answer: object
) -> None:
    server.on(VERIFY, says(answer))
    with pytest.raises(Unreadable):
        gateway.verify("7wvkgrn0")


@pytest.mark.parametrize("code", [0, "0"])
def test_a_verification_succeeds_by_its_error_code_alone(
    server: ScriptedServer, gateway: JibitWallet, code: object
) -> None:
    answer = result(VERIFIED | {"refId": None, "new": 1}) | {"errorCode": code}
    server.on(VERIFY, says(answer))
    verification = gateway.verify("7wvkgrn0")
    assert verification.status is VerificationStatus.SUCCESSFUL
    assert verification.tracking_number is None
    assert verification.raw == answer


@pytest.mark.parametrize("status", [200, 400, 403])
@pytest.mark.parametrize("code", [1, 1007, "17", 400, 409])
def test_a_plain_no_to_a_verification_is_failed(
    server: ScriptedServer, gateway: JibitWallet, status: int, code: object
) -> None:
    server.on(VERIFY, says({"errorCode": code, "message": "not paid"}, status))
    verification = gateway.verify("7wvkgrn0")
    assert (verification.status, verification.said) == (
        VerificationStatus.FAILED,
        f"errorCode {code}",
    )
    assert len(server.asked(VERIFY)) == 1


REFUSALS = [
    (200, 1, Refused),
    (200, 1007, Refused),
    (200, "17", Refused),
    (200, 400, Refused),
    (200, 404, NotFound),
    (200, 429, TooManyRequests),
    (400, 400, Refused),
    (400, 1007, Refused),
    (404, 404, NotFound),
    (405, 405, Refused),
    (415, 415, Refused),
    (429, 429, TooManyRequests),
]


@pytest.mark.parametrize("code", [404, 429])
def test_a_no_that_is_not_about_the_payment_is_no_failed_verification(
    server: ScriptedServer, gateway: JibitWallet, code: int
) -> None:
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


@pytest.mark.parametrize("order_id", ["", "../x", "a b", "a\n", "x" * 500, "\x00"])
def test_nonsense_in_a_callback_is_none(gateway: JibitWallet, order_id: str) -> None:
    callback = gateway.read_callback({"orderId": order_id, "status": "<script>alert(1)</script>"})
    assert callback == gateway.read_callback({})
    assert (callback.gateway_payment_id, callback.said) == (None, None)


def test_without_a_list_nothing_is_claimed_about_a_lost_create(
    server: ScriptedServer, gateway: JibitWallet, clock: MovingClock
) -> None:
    assert gateway.has_list is False
    with pytest.raises(CannotBeKnown):
        gateway.find("our-reference", since=clock.now(), until=clock.now())
    assert list(gateway.payments_between(clock.now(), clock.now())) == []
    assert server.heard == []
