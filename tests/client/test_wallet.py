"""The wallet's own words: what is sent, what is read, and what is refused, letter for letter."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from jibit_client.errors import (
    CannotBeKnown,
    GatewayError,
    InvalidRequest,
    NotAuthenticated,
    NotFound,
    Refused,
    ServerFailed,
    TooManyRequests,
    Unintelligible,
)
from jibit_client.gateway import InquiryStatus, PaymentRequest, VerificationStatus
from jibit_client.wallet import WalletGateway
from jibit_client.wallet.messages import InitiateRequest
from jibit_client.wallet.vocabulary import OrderStatus
from tests.client.scripted import ScriptedServer, raw, resets, says
from tests.client.wallet_documents import (
    CREATE,
    GENERATE,
    INITIATED,
    INQUIRY,
    ORDER,
    REFRESH,
    SAMPLE_INITIATED,
    SAMPLE_INQUIRY,
    SAMPLE_TOKENS,
    SAMPLE_VERIFIED,
    VERIFIED,
    VERIFY,
    order,
    result,
)
from tests.client.wires import REQUEST, WALLET, Wire
from tests.rig.clock import MovingClock


@pytest.fixture
def wire() -> Wire:
    return WALLET


def test_the_documents_samples_pass_from_tokens_to_inquiry(
    server: ScriptedServer, gateway: WalletGateway
) -> None:
    server.on(GENERATE, says(SAMPLE_TOKENS))
    server.on(CREATE, says(SAMPLE_INITIATED))
    server.on(VERIFY, says(SAMPLE_VERIFIED))
    server.on(INQUIRY, says(SAMPLE_INQUIRY))
    asked = PaymentRequest(
        "merchant-1234-123", 100, "http://callbackurl.com/success", "09121234567"
    )
    opened = gateway.open(asked)
    assert opened.order_identifier == "7wvkgrn0"
    assert opened.switching_url == "https://qrpg-test.jibit.ir/order/7wvkgrn0"
    verification = gateway.verify("7wvkgrn0")
    assert verification.status is VerificationStatus.SUCCESSFUL
    assert (verification.reference_number, verification.amount_rials) == ("merchant-1234-123", 100)
    assert verification.tracking_number == "775743540"
    inquiry = gateway.inquire("7wvkgrn0")
    assert inquiry.status is InquiryStatus.CAPTURED
    assert inquiry.reference_number == " merchant-1234-123"  # the shop will see that it differs
    assert (inquiry.amount_rials, inquiry.currency) == (100, "RIALS")
    assert inquiry.tracking_number == "775743540"


def test_tokens_are_asked_for_with_both_credentials_and_carried_as_bearer(
    server: ScriptedServer, gateway: WalletGateway
) -> None:
    server.on(INQUIRY, says(ORDER))
    gateway.inquire("7wvkgrn0")
    (generate,), (inquiry,) = server.asked(GENERATE), server.asked(INQUIRY)
    assert generate.body == {"username": "7746", "password": "the-secret-key"}
    assert "Authorization" not in generate.headers
    assert inquiry.headers["Authorization"] == "Bearer access-1"


def test_every_call_names_its_content_type_and_a_verification_has_no_body(
    server: ScriptedServer, gateway: WalletGateway
) -> None:
    server.on(CREATE, says(result(INITIATED)))
    server.on(VERIFY, says(result(VERIFIED)))
    server.on(INQUIRY, says(ORDER))
    for ask in WALLET.calls().values():
        ask(gateway)
    assert {heard.headers["Content-Type"] for heard in server.heard} == {"application/json"}
    assert (server.asked(VERIFY)[0].raw_body, server.asked(INQUIRY)[0].raw_body) == (b"", b"")


def test_an_order_is_opened_with_the_documents_fields(
    server: ScriptedServer, gateway: WalletGateway
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
            payer_card_number="6037991234561234",
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


def test_additional_data_travels_as_a_string_that_holds_json(
    server: ScriptedServer, gateway: WalletGateway
) -> None:
    server.on(CREATE, says(result(INITIATED | {"additionalData": '{"key1": 1}'})))
    answer = gateway.client.initiate(
        InitiateRequest(
            200_000,
            "our-reference",
            "09121234567",
            "https://merchant.ir/callback",
            additional_data={"کتاب": [1, 2]},
        )
    )
    sent = server.asked(CREATE)[0].body["additionalData"]
    assert json.loads(sent) == {"کتاب": [1, 2]}
    assert answer.additional_data == '{"key1": 1}'


@pytest.mark.parametrize("amount", [200_000.0, "200000", True])
def test_an_amount_that_is_no_integer_is_never_sent(
    server: ScriptedServer, gateway: WalletGateway, amount: Any
) -> None:
    with pytest.raises(ValueError, match="integer"):
        gateway.open(PaymentRequest("r", amount, "https://merchant.ir/", "09121234567"))
    assert server.heard == []


@pytest.mark.parametrize("identifier", ["", "..", "a/b", "a?b", "a b", "%2e%2e", "سفارش"])
def test_only_a_plain_identifier_becomes_part_of_a_path(
    server: ScriptedServer, gateway: WalletGateway, identifier: str
) -> None:
    for ask in (gateway.inquire, gateway.verify):
        with pytest.raises(ValueError, match="identifier"):
            ask(identifier)
    assert server.heard == []


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_order_call_asks_for_the_shoppers_language(
    server: ScriptedServer, gateway: WalletGateway, language: str
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
def test_every_status_of_the_document_has_its_place_in_the_shops_words(
    server: ScriptedServer, gateway: WalletGateway, said: str, status: InquiryStatus
) -> None:
    server.on(INQUIRY, says(order(statusV=said)))
    inquiry = gateway.inquire("7wvkgrn0")
    assert (inquiry.status, inquiry.said) == (status, said)


def test_the_vocabulary_is_the_documents() -> None:
    assert {each.value for each in OrderStatus if each} == {
        "INITIAL",
        "PGENTRY",
        "CANCEL_BY_SYSTEM",
        "CANCEL_BY_USER",
        "PURCHASE_BY_USER",
        "PURCHASE_CONFIRM_BY_MERCHANT",
    }


@pytest.mark.parametrize(
    "answer",
    [
        ORDER,
        ORDER | {"result": None},
        result(ORDER),
        result(ORDER) | {"errorCode": "0"},
        ORDER | result(ORDER),
        ORDER | result(ORDER | {"merchantOrderId": "our-reference", "refId": 775743540}),
    ],
    ids=["bare", "bare, result null", "enveloped", "code as string", "both", "both, other types"],
)
def test_an_inquiry_is_read_in_either_shape(
    server: ScriptedServer, gateway: WalletGateway, answer: object
) -> None:
    server.on(INQUIRY, says(answer))
    found = gateway.client.inquire("7wvkgrn0")
    assert found.status is OrderStatus.PURCHASE_BY_USER
    assert (found.merchant_order_id, found.amount) == ("our-reference", 200_000)
    assert (found.ref_id, found.additional_data) == ("775743540", None)
    assert (found.user_identity, found.client_ip) == ("09121234567", "37.32.127.129")
    assert found.raw == answer


@pytest.mark.parametrize(
    "other",
    [
        {"statusV": "PGENTRY"},
        {"amount": 100},
        {"merchantOrderId": "another"},
    ],
    ids=repr,
)
def test_an_inquiry_whose_two_shapes_differ_is_unintelligible(
    server: ScriptedServer, gateway: WalletGateway, other: dict[str, object]
) -> None:
    server.on(INQUIRY, says(ORDER | result(ORDER | other)))
    with pytest.raises(Unintelligible, match="contradicts"):
        gateway.inquire("7wvkgrn0")


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": True},
        {"amount": 200000.0},
        {"amount": "200000"},
        {"amount": None},
        {"amount": ...},
        {"amount": -5},
        {"amount": 2**63},
        {"merchantOrderId": ...},
        {"merchantOrderId": ""},
        {"merchantOrderId": 1.5},
        {"merchantOrderId": True},
        {"merchantOrderId": 2**63},
        {"merchantOrderId": "x" * 256},
        {"statusV": None},
        {"statusV": 1},
        {"statusV": ""},
        {"errorCode": -1},
        {"errorCode": None, "statusV": ...},
        {"result": "paid"},
        {"result": []},
    ],
    ids=repr,
)
def test_an_inquiry_of_a_wrong_type_is_unintelligible(
    server: ScriptedServer, gateway: WalletGateway, changed: dict[str, Any]
) -> None:
    server.on(INQUIRY, says(order(**changed)))
    with pytest.raises(Unintelligible):
        gateway.inquire("7wvkgrn0")


def test_a_reference_that_comes_as_an_integer_is_read_as_its_digits(
    server: ScriptedServer, gateway: WalletGateway
) -> None:
    server.on(CREATE, says(result(INITIATED | {"merchantOrderId": 1234})))
    server.on(VERIFY, says(result(VERIFIED | {"merchantOrderId": 1234})))
    server.on(INQUIRY, says(order(merchantOrderId=1234)))
    opened = gateway.open(PaymentRequest("1234", 1, "https://merchant.ir/", "09121234567"))
    assert opened.reference_number == "1234"
    assert gateway.verify("7wvkgrn0").reference_number == "1234"
    assert gateway.inquire("7wvkgrn0").reference_number == "1234"


@pytest.mark.parametrize("spelling", ["clientIP", "clientIp"])
def test_the_payers_address_is_read_in_either_spelling(
    server: ScriptedServer, gateway: WalletGateway, spelling: str
) -> None:
    server.on(INQUIRY, says(order(clientIp=...) | {spelling: "10.0.0.1"}))
    assert gateway.client.inquire("7wvkgrn0").client_ip == "10.0.0.1"


def test_a_payment_that_nobody_paid_yet_has_no_tracking_number(
    server: ScriptedServer, gateway: WalletGateway
) -> None:
    for missing in (None, "", ...):
        server.on(INQUIRY, says(order(statusV="INITIAL", refId=missing)))
        assert gateway.inquire("7wvkgrn0").tracking_number is None


@pytest.mark.parametrize(
    "changed",
    [
        {"orderId": 1},
        {"orderId": ".."},
        {"orderId": "a/../b"},
        {"merchantOrderId": "another"},
        {"merchantOrderId": None},
        {"redirectUrl": None},
        {"redirectUrl": ["https://pg.jibit.mobi"]},
    ],
    ids=repr,
)
def test_an_initiate_with_a_wrong_answer_is_unintelligible(
    server: ScriptedServer, gateway: WalletGateway, changed: dict[str, Any]
) -> None:
    server.on(CREATE, says(result(INITIATED | changed)))
    with pytest.raises(Unintelligible):
        gateway.open(REQUEST)


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
    server: ScriptedServer, gateway: WalletGateway, answer: object
) -> None:
    server.on(VERIFY, says(answer))
    with pytest.raises(Unintelligible):
        gateway.verify("7wvkgrn0")


@pytest.mark.parametrize("code", [0, "0"])
def test_a_verification_succeeds_by_its_error_code_alone(
    server: ScriptedServer, gateway: WalletGateway, code: object
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
    server: ScriptedServer, gateway: WalletGateway, status: int, code: object
) -> None:
    server.on(VERIFY, says({"errorCode": code, "message": "not paid"}, status))
    verification = gateway.verify("7wvkgrn0")
    assert (verification.status, verification.said) == (
        VerificationStatus.FAILED,
        f"errorCode {code}",
    )
    assert len(server.asked(VERIFY)) == 1


REFUSALS = [
    (200, 1, InvalidRequest),
    (200, 1007, InvalidRequest),
    (200, "17", InvalidRequest),
    (200, 400, InvalidRequest),
    (200, 404, NotFound),
    (200, 429, TooManyRequests),
    (400, 400, InvalidRequest),
    (400, 1007, InvalidRequest),
    (404, 404, NotFound),
    (405, 405, InvalidRequest),
    (415, 415, InvalidRequest),
    (429, 429, TooManyRequests),
]


@pytest.mark.parametrize(("status", "code", "error"), REFUSALS)
@pytest.mark.parametrize("call", [CREATE, INQUIRY])
def test_a_refusal_tells_status_number_and_message(
    server: ScriptedServer,
    gateway: WalletGateway,
    call: str,
    status: int,
    code: object,
    error: type[Refused],
) -> None:
    server.on(call, says({"errorCode": code, "message": "پیام", "result": None}, status))
    with pytest.raises(Refused) as caught:
        WALLET.calls()[call](gateway)
    assert type(caught.value) is error
    assert caught.value.http_status == status
    assert (caught.value.codes, caught.value.messages) == ((str(code),), ("پیام",))
    assert len(server.asked(call)) == 1


@pytest.mark.parametrize("code", [404, 429])
def test_a_no_that_is_not_about_the_payment_is_no_failed_verification(
    server: ScriptedServer, gateway: WalletGateway, code: int
) -> None:
    for status in (200, code):
        server.on(VERIFY, says({"errorCode": code}, status))
        with pytest.raises((NotFound, TooManyRequests)):
            gateway.verify("7wvkgrn0")


@pytest.mark.parametrize(("status", "code"), [(200, 500), (200, "503"), (500, 1), (502, 0)])
def test_a_servers_failure_in_either_place_leaves_the_outcome_unknown(
    server: ScriptedServer, gateway: WalletGateway, status: int, code: object
) -> None:
    server.on(VERIFY, says({"errorCode": code}, status))
    with pytest.raises(ServerFailed):
        gateway.verify("7wvkgrn0")


@pytest.mark.parametrize("code", [0, -1, "no", None])
def test_a_4xx_whose_envelope_is_no_refusal_is_unintelligible(
    server: ScriptedServer, gateway: WalletGateway, code: object
) -> None:
    server.on(VERIFY, says({"errorCode": code, "result": VERIFIED}, 400))
    with pytest.raises(Unintelligible):
        gateway.verify("7wvkgrn0")


@pytest.mark.parametrize("status", [200, 401])
def test_a_dead_token_told_in_either_place_is_renewed_once(
    server: ScriptedServer, gateway: WalletGateway, status: int
) -> None:
    dead = says({"errorCode": 401, "message": "token expired"}, status)
    server.on(VERIFY, dead, says(result(VERIFIED)))
    server.on(REFRESH, WALLET.tokens(2))
    assert gateway.verify("7wvkgrn0").status is VerificationStatus.SUCCESSFUL
    assert server.asked(REFRESH)[0].body == {"token": "access-1", "refreshToken": "refresh-1"}
    server.on(VERIFY, dead)
    with pytest.raises(NotAuthenticated):
        gateway.verify("7wvkgrn0")
    assert len(server.asked(VERIFY)) == 4


def test_the_browsers_claim_is_read_and_names_no_amount(gateway: WalletGateway) -> None:
    callback = gateway.read_callback(
        {"orderId": "7wvkgrn0", "status": "PURCHASE_BY_USER", "amount": "1"}
    )
    assert (callback.order_identifier, callback.said) == ("7wvkgrn0", "PURCHASE_BY_USER")
    assert callback.amount_rials is None


@pytest.mark.parametrize("order_id", ["", "../x", "a b", "a\n", "x" * 500, "\x00"])
def test_nonsense_in_a_callback_is_none(gateway: WalletGateway, order_id: str) -> None:
    callback = gateway.read_callback({"orderId": order_id, "status": "<script>alert(1)</script>"})
    assert callback == gateway.read_callback({})
    assert (callback.order_identifier, callback.said) == (None, None)


def test_without_a_list_nothing_is_claimed_about_a_lost_create(
    server: ScriptedServer, gateway: WalletGateway, clock: MovingClock
) -> None:
    assert gateway.has_list is False
    with pytest.raises(CannotBeKnown):
        gateway.find("our-reference", since=clock.now(), until=clock.now())
    assert list(gateway.payments_between(clock.now(), clock.now())) == []
    assert server.heard == []


def test_no_secret_and_no_payer_reaches_a_log_an_exception_or_a_repr(
    server: ScriptedServer, gateway: WalletGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = ["the-secret-key", "access-1", "refresh-1", "access-2", "refresh-2", "09121234567"]
    server.on(REFRESH, WALLET.tokens(2))
    server.on(INQUIRY, WALLET.refuses(401), says(ORDER))
    server.on(VERIFY, says(result(VERIFIED)))
    written = [repr(REQUEST), repr(gateway), repr(gateway.client.inquire("7wvkgrn0"))]
    written += [repr(gateway.inquire("7wvkgrn0")), repr(gateway.client.verify("7wvkgrn0"))]
    echo = "the payer 09121234567 with Bearer access-2"
    for reply in [resets(), says({"errorCode": 1, "message": echo}), says(result({})), raw(b"")]:
        server.on(CREATE, reply)
        with pytest.raises(GatewayError) as caught:
            gateway.open(REQUEST)
        written += [str(caught.value), repr(caught.value), repr(vars(caught.value))]
    written += [record.getMessage() for record in caplog.records]
    told = "\n".join(written)
    assert "7wvkgrn0" in told
    assert [secret for secret in secrets if secret in told] == []
