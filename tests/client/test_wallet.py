"""The wallet's own words: what is sent, what is read, and what is refused, letter for letter."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest

from jibit_client import WalletClient
from jibit_client.errors import (
    GatewayError,
    InvalidRequest,
    NotAuthenticated,
    NotFound,
    Refused,
    ServerFailed,
    TooManyRequests,
    Unintelligible,
)
from jibit_client.wallet.messages import CallbackParameters, InitiateRequest
from jibit_client.wallet.vocabulary import OrderStatus
from testkit.cases import naming
from tests.client.conftest import ConnectWallet
from tests.client.scripted import ScriptedServer, hangs, resets, says
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
from tests.client.wires import WALLET, WALLET_ORDER, Wire


@pytest.fixture
def wire() -> Wire:
    return WALLET


def test_the_documents_samples_pass_from_tokens_to_inquiry(
    server: ScriptedServer, client: WalletClient
) -> None:
    server.on(GENERATE, says(SAMPLE_TOKENS))
    server.on(CREATE, says(SAMPLE_INITIATED))
    server.on(VERIFY, says(SAMPLE_VERIFIED))
    server.on(INQUIRY, says(SAMPLE_INQUIRY))
    asked = InitiateRequest(
        100, "merchant-1234-123", "09121234567", "http://callbackurl.com/success"
    )
    opened = client.initiate(asked)
    assert opened.order_id == "7wvkgrn0"
    assert opened.redirect_url == "https://qrpg-test.jibit.ir/order/7wvkgrn0"
    verification = client.verify("7wvkgrn0")
    assert (verification.merchant_order_id, verification.amount) == ("merchant-1234-123", 100)
    assert verification.ref_id == "775743540"
    inquiry = client.inquire("7wvkgrn0")
    assert inquiry.status is OrderStatus.PURCHASE_CONFIRM_BY_MERCHANT
    assert inquiry.merchant_order_id == " merchant-1234-123"  # the caller will see that it differs
    assert inquiry.amount == 100
    assert inquiry.ref_id == "775743540"


def test_tokens_are_asked_for_with_both_credentials_and_carried_as_bearer(
    server: ScriptedServer, client: WalletClient
) -> None:
    server.on(INQUIRY, says(ORDER))
    client.inquire("7wvkgrn0")
    (generate,), (inquiry,) = server.asked(GENERATE), server.asked(INQUIRY)
    assert generate.body == {"username": "7746", "password": "the-secret-key"}
    assert "Authorization" not in generate.headers
    assert inquiry.headers["Authorization"] == "Bearer access-1"


def test_every_call_names_its_content_type_and_a_verification_has_no_body(
    server: ScriptedServer, client: WalletClient
) -> None:
    server.on(CREATE, says(result(INITIATED)))
    server.on(VERIFY, says(result(VERIFIED)))
    server.on(INQUIRY, says(ORDER))
    for ask in WALLET.calls().values():
        ask(client)
    assert {heard.headers["Content-Type"] for heard in server.heard} == {"application/json"}
    assert (server.asked(VERIFY)[0].raw_body, server.asked(INQUIRY)[0].raw_body) == (b"", b"")


def test_an_order_is_opened_with_the_documents_fields(
    server: ScriptedServer, client: WalletClient
) -> None:
    server.on(CREATE, says(result(INITIATED)))
    client.initiate(
        InitiateRequest(
            200_000,
            "our-reference",
            "09121234567",
            "https://merchant.ir/callback",
            description="دو کتاب",
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
    server: ScriptedServer, client: WalletClient
) -> None:
    server.on(CREATE, says(result(INITIATED | {"additionalData": '{"key1": 1}'})))
    answer = client.initiate(
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


def test_an_amount_that_is_no_integer_is_never_sent(
    server: ScriptedServer, client: WalletClient
) -> None:
    for amount in (200_000.0, "200000", True):
        with naming(amount):
            with pytest.raises(ValueError, match="integer"):
                client.initiate(replace(WALLET_ORDER, amount=amount))  # type: ignore[arg-type]  # wrong on purpose
            assert server.heard == []


def test_only_a_plain_identifier_becomes_part_of_a_path(
    server: ScriptedServer, client: WalletClient
) -> None:
    for identifier in ("", "..", "a/b", "a?b", "a b", "%2e%2e", "سفارش"):
        with naming(identifier):
            for ask in (client.inquire, client.verify):
                with pytest.raises(ValueError, match="identifier"):
                    ask(identifier)
            assert server.heard == []


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_order_call_asks_for_the_shoppers_language(
    server: ScriptedServer, client: WalletClient, language: str
) -> None:
    server.on(CREATE, says(result(INITIATED)))
    server.on(VERIFY, says(result(VERIFIED)))
    server.on(INQUIRY, says(ORDER))
    client.initiate(
        InitiateRequest(1, "our-reference", "0912", "https://merchant.ir/"), language=language
    )
    client.verify("7wvkgrn0", language=language)
    client.inquire("7wvkgrn0", language=language)
    calls = [heard for heard in server.heard if heard.path.startswith("/pg/order")]
    assert [heard.headers["Accept-Language"] for heard in calls] == [language] * 3


def test_a_status_is_read_letter_for_letter(server: ScriptedServer, client: WalletClient) -> None:
    for said, status in (
        ("INITIAL", OrderStatus.INITIAL),
        ("PGENTRY", OrderStatus.PGENTRY),
        ("CANCEL_BY_SYSTEM", OrderStatus.CANCEL_BY_SYSTEM),
        ("CANCEL_BY_USER", OrderStatus.CANCEL_BY_USER),
        ("PURCHASE_BY_USER", OrderStatus.PURCHASE_BY_USER),
        ("PURCHASE_CONFIRM_BY_MERCHANT", OrderStatus.PURCHASE_CONFIRM_BY_MERCHANT),
        ("purchase_by_user", OrderStatus.UNRECOGNISED),
        ("REFUNDED", OrderStatus.UNRECOGNISED),
    ):
        with naming(said, status):
            server.on(INQUIRY, says(order(statusV=said)))
            inquiry = client.inquire("7wvkgrn0")
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


def test_an_inquiry_is_read_in_either_shape(server: ScriptedServer, client: WalletClient) -> None:
    for answer in (
        ORDER,
        ORDER | {"result": None},
        result(ORDER),
        result(ORDER) | {"errorCode": "0"},
        ORDER | result(ORDER),
        ORDER | result(ORDER | {"merchantOrderId": "our-reference", "refId": 775743540}),
    ):
        with naming(answer):
            server.on(INQUIRY, says(answer))
            found = client.inquire("7wvkgrn0")
            assert found.status is OrderStatus.PURCHASE_BY_USER
            assert (found.merchant_order_id, found.amount) == ("our-reference", 200_000)
            assert (found.ref_id, found.additional_data) == ("775743540", None)
            assert (found.user_identity, found.client_ip) == ("09121234567", "37.32.127.129")
            assert found.raw == answer


def test_an_inquiry_whose_two_shapes_differ_is_unintelligible(
    server: ScriptedServer, client: WalletClient
) -> None:
    for other in (
        {"statusV": "PGENTRY"},
        {"amount": 100},
        {"merchantOrderId": "another"},
    ):
        with naming(other):
            server.on(INQUIRY, says(ORDER | result(ORDER | other)))
            with pytest.raises(Unintelligible, match="contradicts"):
                client.inquire("7wvkgrn0")


def test_an_inquiry_of_a_wrong_type_is_unintelligible(
    server: ScriptedServer, client: WalletClient
) -> None:
    nonsense: list[dict[str, object]] = [
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
    ]
    for changed in nonsense:
        with naming(changed):
            server.on(INQUIRY, says(order(**changed)))
            with pytest.raises(Unintelligible):
                client.inquire("7wvkgrn0")


def test_a_reference_that_comes_as_an_integer_is_read_as_its_digits(
    server: ScriptedServer, client: WalletClient
) -> None:
    server.on(CREATE, says(result(INITIATED | {"merchantOrderId": 1234})))
    server.on(VERIFY, says(result(VERIFIED | {"merchantOrderId": 1234})))
    server.on(INQUIRY, says(order(merchantOrderId=1234)))
    opened = client.initiate(InitiateRequest(1, "1234", "09121234567", "https://merchant.ir/"))
    assert opened.merchant_order_id == "1234"
    assert client.verify("7wvkgrn0").merchant_order_id == "1234"
    assert client.inquire("7wvkgrn0").merchant_order_id == "1234"


def test_the_payers_address_is_read_in_either_spelling(
    server: ScriptedServer, client: WalletClient
) -> None:
    for spelling in ("clientIP", "clientIp"):
        with naming(spelling):
            server.on(INQUIRY, says(order(clientIp=...) | {spelling: "10.0.0.1"}))
            assert client.inquire("7wvkgrn0").client_ip == "10.0.0.1"


def test_a_payment_that_nobody_paid_yet_has_no_tracking_number(
    server: ScriptedServer, client: WalletClient
) -> None:
    for missing in (None, "", ...):
        server.on(INQUIRY, says(order(statusV="INITIAL", refId=missing)))
        assert client.inquire("7wvkgrn0").ref_id is None


def test_an_initiate_with_a_wrong_answer_is_unintelligible(
    server: ScriptedServer, client: WalletClient
) -> None:
    for changed in (
        {"orderId": 1},
        {"orderId": ".."},
        {"orderId": "a/../b"},
        {"merchantOrderId": "another"},
        {"merchantOrderId": None},
        {"redirectUrl": None},
        {"redirectUrl": ["https://pg.jibit.mobi"]},
    ):
        with naming(changed):
            server.on(CREATE, says(result(INITIATED | changed)))
            with pytest.raises(Unintelligible):
                client.initiate(WALLET_ORDER)


def test_a_verification_that_is_not_clearly_a_success_is_no_answer(
    server: ScriptedServer, client: WalletClient
) -> None:
    for answer in (
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
    ):
        with naming(answer):
            server.on(VERIFY, says(answer))
            with pytest.raises(Unintelligible):
                client.verify("7wvkgrn0")


def test_a_verification_succeeds_by_its_error_code_alone(
    server: ScriptedServer, client: WalletClient
) -> None:
    for code in (0, "0"):
        with naming(code):
            answer = result(VERIFIED | {"refId": None, "new": 1}) | {"errorCode": code}
            server.on(VERIFY, says(answer))
            verification = client.verify("7wvkgrn0")
            assert verification.ref_id is None
            assert verification.raw == answer


def test_a_plain_no_to_a_verification_is_a_refusal(
    server: ScriptedServer, client: WalletClient
) -> None:
    for status in (200, 400, 403):
        for code in (1, 1007, "17", 400, 409):
            with naming(status, code):
                server.heard.clear()
                server.on(VERIFY, says({"errorCode": code, "message": "not paid"}, status))
                with pytest.raises(InvalidRequest) as caught:
                    client.verify("7wvkgrn0")
                assert caught.value.codes == (str(code),)
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


@pytest.mark.parametrize("call", [CREATE, INQUIRY])
def test_a_refusal_tells_status_number_and_message(
    server: ScriptedServer, client: WalletClient, call: str
) -> None:
    for status, code, error in REFUSALS:
        with naming(status, code, error):
            server.heard.clear()
            server.on(call, says({"errorCode": code, "message": "پیام", "result": None}, status))
            with pytest.raises(Refused) as caught:
                WALLET.calls()[call](client)
            assert type(caught.value) is error
            assert caught.value.http_status == status
            assert (caught.value.codes, caught.value.messages) == ((str(code),), ("پیام",))
            assert len(server.asked(call)) == 1


def test_a_no_that_is_not_about_the_payment_is_no_failed_verification(
    server: ScriptedServer, client: WalletClient
) -> None:
    for code in (404, 429):
        with naming(code):
            for status in (200, code):
                server.on(VERIFY, says({"errorCode": code}, status))
                with pytest.raises((NotFound, TooManyRequests)):
                    client.verify("7wvkgrn0")


def test_a_servers_failure_in_either_place_leaves_the_outcome_unknown(
    server: ScriptedServer, client: WalletClient
) -> None:
    for status, code in ((200, 500), (200, "503"), (500, 1), (502, 0)):
        with naming(status, code):
            server.on(VERIFY, says({"errorCode": code}, status))
            with pytest.raises(ServerFailed):
                client.verify("7wvkgrn0")


def test_a_4xx_whose_envelope_is_no_refusal_is_unintelligible(
    server: ScriptedServer, client: WalletClient
) -> None:
    for code in (0, -1, "no", None):
        with naming(code):
            server.on(VERIFY, says({"errorCode": code, "result": VERIFIED}, 400))
            with pytest.raises(Unintelligible):
                client.verify("7wvkgrn0")


@pytest.mark.parametrize("status", [200, 401])
def test_a_dead_token_told_in_either_place_is_renewed_once(
    server: ScriptedServer, client: WalletClient, status: int
) -> None:
    dead = says({"errorCode": 401, "message": "token expired"}, status)
    server.on(VERIFY, dead, says(result(VERIFIED)))
    server.on(REFRESH, WALLET.tokens(2))
    assert client.verify("7wvkgrn0").merchant_order_id == "our-reference"
    assert server.asked(REFRESH)[0].body == {"token": "access-1", "refreshToken": "refresh-1"}
    server.on(VERIFY, dead)
    with pytest.raises(NotAuthenticated):
        client.verify("7wvkgrn0")
    assert len(server.asked(VERIFY)) == 4


def test_the_browsers_claim_is_read_and_names_no_amount() -> None:
    callback = CallbackParameters.read(
        {"orderId": "7wvkgrn0", "status": "PURCHASE_BY_USER", "amount": "1"}
    )
    assert (callback.order_id, callback.said) == ("7wvkgrn0", "PURCHASE_BY_USER")


def test_nonsense_in_a_callback_is_none() -> None:
    for order_id in ("", "../x", "a b", "a\n", "x" * 500, "\x00"):
        with naming(order_id):
            callback = CallbackParameters.read(
                {"orderId": order_id, "status": "<script>alert(1)</script>"}
            )
            assert callback == CallbackParameters.read({})
            assert (callback.order_id, callback.said) == (None, None)


def test_no_secret_and_no_payer_reaches_a_log_an_exception_or_a_repr(
    server: ScriptedServer,
    client: WalletClient,
    impatient: ConnectWallet,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = ["the-secret-key", "access-1", "refresh-1", "access-2", "refresh-2", "09121234567"]
    server.on(REFRESH, WALLET.tokens(2))
    server.on(INQUIRY, WALLET.refuses(401), says(ORDER))
    server.on(VERIFY, says(result(VERIFIED)))
    written = [repr(WALLET_ORDER), repr(client), repr(client.inquire("7wvkgrn0"))]
    written += [repr(client.verify("7wvkgrn0"))]
    echo = "the payer 09121234567 with Bearer access-2"
    hasty = impatient()
    for reply in [resets(), says({"errorCode": 1, "message": echo}), says(result({})), hangs]:
        server.on(CREATE, reply)
        with pytest.raises(GatewayError) as caught:
            (hasty if reply is hangs else client).initiate(WALLET_ORDER)
        written += [str(caught.value), repr(caught.value), repr(vars(caught.value))]
    written += [record.getMessage() for record in caplog.records]
    told = "\n".join(written)
    assert "7wvkgrn0" in told
    assert [secret for secret in secrets if secret in told] == []
