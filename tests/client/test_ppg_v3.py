"""Taking a payment through PPG v3: what is sent and what is read, letter for letter."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest

from jibit_client import CreatePurchaseRequest, PpgV3Client, PurchaseFilter
from jibit_client.errors import (
    CredentialsRefused,
    GatewayError,
    InvalidRequest,
    NotAuthenticated,
    NotFound,
    Refused,
    ServerFailed,
    TooManyRequests,
    Unintelligible,
)
from jibit_client.ppg_v3.callback import CallbackParameters
from jibit_client.ppg_v3.creation import Switching
from jibit_client.ppg_v3.vocabulary import (
    CallbackStatus,
    PurchaseState,
    ReverseStatus,
    TransferState,
    VerifyStatus,
)
from testkit.cases import naming
from testkit.clock import MovingClock
from tests.client.scripted import ScriptedServer, refuses, resets, says
from tests.client.v3_documents import (
    CREATE,
    CREATED,
    FORM,
    GENERATE,
    ID,
    LIST,
    PURCHASE,
    REFRESH,
    REFUND_INQUIRY,
    REFUNDS_OF_IT,
    REVERSE,
    SETTLEMENT_PAGE,
    SETTLEMENTS,
    VERIFY,
    jwt,
    page,
    purchase,
)
from tests.client.wires import PPG_V3, Wire
from tests.client.wires import PURCHASE as REQUEST


@pytest.fixture
def wire() -> Wire:
    return PPG_V3


def test_tokens_come_from_both_keys_and_later_from_the_refresh_token_alone(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(LIST, refuses(401, "token.verification_failed"), says(page(PURCHASE)))
    server.on(REFRESH, PPG_V3.tokens(2))
    client.inquire(ID)
    (generate,), (refresh,) = server.asked(GENERATE), server.asked(REFRESH)
    assert generate.body == {"apiKey": "the-api-key", "secretKey": "the-secret-key"}
    assert refresh.body == {"refreshToken": "refresh-1"}
    bearers = [heard.headers["Authorization"] for heard in server.asked(LIST)]
    assert bearers == ["Bearer access-1", "Bearer access-2"]


def test_tokens_are_renewed_in_the_last_quarter_of_the_life_that_they_tell(
    server: ScriptedServer, client: PpgV3Client, clock: MovingClock
) -> None:
    of_two_hours = jwt({"iat": 1_800_000_000, "exp": 1_800_007_200})
    server.on(GENERATE, PPG_V3.tokens(1, access=of_two_hours))
    server.on(REFRESH, PPG_V3.tokens(2))
    client.keep_fresh()
    clock.advance(89 * 60)
    assert client.keep_fresh() is False
    clock.advance(60)
    assert client.keep_fresh() is True


def test_refused_keys_are_told_as_that_although_the_status_is_400(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(GENERATE, refuses(400, "security.bad_credentials"))
    with pytest.raises(CredentialsRefused) as caught:
        client.verify(ID)
    assert (caught.value.http_status, caught.value.codes) == (400, ("security.bad_credentials",))
    assert server.asked(VERIFY) == []


def test_a_purchase_is_created_with_the_documents_fields(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(CREATE, says(CREATED))
    created = client.create(REQUEST, language="en")
    (create,) = server.asked(CREATE)
    assert create.body == {
        "amount": 250000,
        "currency": "IRR",
        "callbackUrl": "https://merchant.ir/callback",
        "clientReferenceNumber": "our-reference",
    }
    assert create.headers["Content-Type"] == "application/json"
    assert create.headers["Accept-Language"] == "en"
    assert created.purchase_id == ID
    assert created.client_reference_number == "our-reference"
    assert created.psp_switching_url == CREATED["pspSwitchingUrl"]
    assert (created.fee_rials, created.affiliate_fee_rials) == (2500, 0)
    assert (created.shaparak_fee_rials, created.net_amount_rials) == (1200, 246300)
    assert created.payable_amount_rials == 250000
    assert created.raw == CREATED


def test_every_optional_field_of_create_can_be_sent(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(CREATE, says(CREATED))
    client.create(
        CreatePurchaseRequest(
            amount_rials=250_000,
            client_reference_number="our-reference",
            callback_url="https://merchant.ir/callback",
            wage_rials=0,
            user_identifier="customer-77",
            description="دو کتاب",
            payer_mobile_number="09121234567",
            check_payer_mobile_number=False,
            payer_card_number="6037991234561234",
            payer_card_numbers=("6037991234561234", "5892101234567890"),
            payer_national_code="0499370899",
            switching=Switching(("t-1", "t-2"), auto_switching=False),
            additional_data={"کتاب": [1, 2]},
        )
    )
    assert server.asked(CREATE)[0].body == {
        "amount": 250000,
        "wage": 0,
        "currency": "IRR",
        "callbackUrl": "https://merchant.ir/callback",
        "clientReferenceNumber": "our-reference",
        "userIdentifier": "customer-77",
        "description": "دو کتاب",
        "payerMobileNumber": "09121234567",
        "checkPayerMobileNumber": False,
        "payerCardNumber": "6037991234561234",
        "payerCardNumbers": ["6037991234561234", "5892101234567890"],
        "payerNationalCode": "0499370899",
        "switching": {"terminalIds": ["t-1", "t-2"], "autoSwitching": False},
        "additionalData": {"کتاب": [1, 2]},
    }


def test_an_amount_that_is_no_integer_is_never_sent(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    for wrong in (250_000.0, "250000", True):
        for name in ("amount_rials", "wage_rials"):
            with naming(name, wrong):
                changed: dict[str, Any] = {name: wrong}
                with pytest.raises(ValueError, match="integer"):
                    client.create(replace(REQUEST, **changed))
    assert server.heard == []


def test_a_create_with_a_wrong_answer_is_unintelligible(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    nonsense: list[dict[str, object]] = [
        {"purchaseIdStr": ".."},
        {"purchaseIdStr": None, "purchaseId": None},
        {"purchaseIdStr": None, "purchaseId": 1.5},
        {"purchaseIdStr": None, "purchaseId": -5},
        {"clientReferenceNumber": "another"},
        {"clientReferenceNumber": None},
        {"pspSwitchingUrl": "javascript:alert(1)"},
        {"pspSwitchingUrl": None},
        {"currency": "USD"},
        {"currency": 7},
    ]
    for changed in nonsense:
        with naming(changed):
            server.on(CREATE, says(CREATED | changed))
            with pytest.raises(Unintelligible):
                client.create(REQUEST)
            assert len(server.asked(CREATE)) == 1 + nonsense.index(changed)


def test_the_address_to_pay_at_can_be_built_for_a_create_whose_answer_was_lost(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    assert client.payment_url(ID) == f"{server.url}/ppg/v3/purchases/{ID}/payments"


def test_an_id_of_any_size_is_kept_as_text_and_its_text_comes_before_its_number(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    for said, kept in (
        ({"purchaseId": 123456789012345678}, ID),
        ({"purchaseId": 123456789012345680, "purchaseIdStr": ID}, ID),
        ({"purchaseId": 10**30, "purchaseIdStr": None}, str(10**30)),
        ({"purchaseId": "abc-1"}, "abc-1"),
        ({"purchaseId": 7}, "7"),
    ):
        with naming(said):
            server.on(LIST, says(page(purchase(purchaseIdStr=...) | said)))
            assert client.inquire(kept).purchase_id == kept
            assert server.asked(LIST)[-1].query == {"purchaseId": [kept], "page": ["1"]}


def test_a_purchase_is_read_field_for_field(server: ScriptedServer, client: PpgV3Client) -> None:
    server.on(LIST, says(page(PURCHASE)))
    found = client.inquire(ID)
    assert (found.state, found.said) == (PurchaseState.READY_TO_VERIFY, "READY_TO_VERIFY")
    assert (found.amount_rials, found.wage_rials) == (250_000, 1000)
    assert found.client_reference_number == "our-reference"
    assert found.callback_url == "https://merchant.ir/callback"
    assert (found.user_identifier, found.description) == ("customer-77", "two books")
    assert found.additional_data == '{"cart": [1, 2]}'
    assert (found.payer_mobile_number, found.payer_national_code) == ("09121234567", "0499370899")
    assert found.payer_card_number == found.psp_masked_card_number == "603799******1234"
    assert (found.psp_name, found.psp_rrn) == ("saman-ipg", "123456789012")
    assert found.psp_reference_number == "GmshtyjwKSs9J5KgCWm0p2VGLg8Sxr"
    assert (found.psp_trace_number, found.psp_hashed_card_number) == ("654321", "5ee0c5f1")
    assert found.psp_card_owner == "Sara Karimi"
    (reason,) = found.psp_fail_reasons
    assert (reason.code, reason.description, reason.psp_error) == (51, "no money", "NOT_SUFFICIENT")
    assert (found.init_payer_ip, found.redirect_payer_ip) == ("37.32.127.129", "37.32.127.130")
    assert (found.fee_rials, found.fee_payment_type) == (2500, "PRE_PAID")
    assert (found.shaparak_fee_rials, found.affiliate_fee_rials) == (1200, 0)
    assert (found.reseller_code, found.net_amount_rials) == ("r-1", 247_300)
    assert (found.psp_settled, found.settlement_id) == (True, "77")
    assert (found.refunded, found.refundable_amount_rials) == (True, 201_000)
    assert (found.has_contradiction, found.client_code) == (False, "c-1")
    refund = found.refund_inquiry_result
    assert refund is not None
    assert (refund.batch_id, refund.refunded_amount_rials) == ("batch-1", 50_000)
    assert refund.transfers[0].state is TransferState.TRANSFERRED
    assert (found.raw, found.odd_fields) == (PURCHASE, ())


def test_a_time_is_read_in_every_form_that_was_seen(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(LIST, says(page(PURCHASE)))
    found = client.inquire(ID)
    assert found.created_at == datetime(2026, 11, 28, 10, 0, 25, tzinfo=UTC)
    assert found.billing_date == datetime(2026, 11, 28, 10, 3, 0, 946_000, tzinfo=UTC)
    assert found.expiration_date == datetime(2026, 11, 28, 10, 15, 25, 95_731, tzinfo=UTC)
    assert found.psp_settled_at == datetime(2026, 11, 29, 2, tzinfo=UTC)


def test_what_a_young_purchase_does_not_have_yet_is_none(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    needed = ("purchaseId", "purchaseIdStr", "amount", "currency", "state", "clientReferenceNumber")
    for nothing in (..., None):
        with naming(nothing):
            absent = {name: nothing for name in PURCHASE if name not in needed}
            server.on(LIST, says(page(purchase(**absent))))
            found = client.inquire(ID)
            assert (found.wage_rials, found.psp_fail_reasons, found.odd_fields) == (0, (), ())
            told = {each.name for each in fields(found) if getattr(found, each.name)}
            assert told == {
                *("purchase_id", "client_reference_number", "amount_rials", "state", "said"),
                "raw",
            }


def test_odd_fields_of_a_purchase_are_named_and_cost_nothing_else(
    server: ScriptedServer, client: PpgV3Client, caplog: pytest.LogCaptureFixture
) -> None:
    oddities: list[dict[str, object]] = [
        {"pspFailReasons": [{"code": 1}, 7]},
        {"pspFailReasons": [{"code": 1}] * 30},
        {"additionalData": [1]},
        {"additionalData": {"a": "x" * 9000}},
        {"additionalData": {"a": "\ud800"}},
        {"refundInquiryResult": {"transfers": "none"}},
        {"refundInquiryResult": REFUNDS_OF_IT | {"transfers": [{"state": 7}]}},
        {"settlementId": 1.5},
        {"fee": -1},
        {"pspMaskedCardNumber": 6037991234561234},
        {"createdAt": "yesterday"},
    ]
    for changed in oddities:
        with naming(changed):
            caplog.clear()
            server.on(LIST, says(page(purchase(**changed))))
            assert client.inquire(ID).odd_fields == tuple(changed)
            told = f"inquiry: odd fields, read as missing or clamped: {', '.join(changed)}"
            assert [record.getMessage() for record in caplog.records] == [told]


def test_a_purchase_without_a_sure_identity_price_or_state_is_unintelligible(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    nonsense: dict[str, list[object]] = {
        "amount": [True, 250000.0, "250000", None, ..., -5, 2**63],
        "wage": [True, 0.5, "0", -1],
        "currency": ["RIALS", "irr", None, ...],
        "state": [None, 1, "", ...],
        "clientReferenceNumber": [None, ..., "", "x" * 256],
        "purchaseIdStr": ["x" * 65, 7.5],
    }
    for name, values in nonsense.items():
        for value in values:
            with naming(name, f"{value!r:.60}"):
                server.on(LIST, says(page(purchase(**{name: value}))))
                with pytest.raises(Unintelligible, match=name):
                    client.inquire(ID)


def test_a_state_is_read_letter_for_letter(server: ScriptedServer, client: PpgV3Client) -> None:
    for state in PurchaseState:
        if state:
            server.on(LIST, says(page(purchase(state=state.value))))
            assert client.inquire(ID).state is state
    for said in ("SUCCESSFUL", "Success", "REFUNDED", "VERIFIED"):
        with naming(said):
            server.on(LIST, says(page(purchase(state=said))))
            found = client.inquire(ID)
            assert (found.state, found.said) == (PurchaseState.UNRECOGNISED, said)


def test_a_purchase_that_the_gateway_does_not_list_is_not_found(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(LIST, says(page()))
    with pytest.raises(NotFound):
        client.inquire(ID)
    with pytest.raises(NotFound):
        client.inquire_by_reference("our-reference")
    assert [heard.query for heard in server.asked(LIST)] == [
        {"purchaseId": [ID], "page": ["1"]},
        {"clientReferenceNumber": ["our-reference"], "page": ["1"]},
    ]


def test_the_first_row_of_a_list_whose_filter_was_ignored_is_not_trusted(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    other = purchase(purchaseIdStr="42", clientReferenceNumber="another")
    server.on(LIST, says(page(other, PURCHASE)))
    assert client.inquire(ID).purchase_id == ID
    assert client.inquire_by_reference("our-reference").purchase_id == ID
    for rows in ((other,), (PURCHASE, PURCHASE), ("nonsense",)):
        with naming(rows):
            server.on(LIST, says(page(*rows)))
            with pytest.raises(Unintelligible):
                client.inquire(ID)
            with pytest.raises(Unintelligible):
                client.inquire_by_reference("our-reference")


def test_a_verification_is_a_post_without_a_body_in_the_shoppers_language(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(VERIFY, says({"status": "SUCCESSFUL"}))
    client.verify(ID, language="en")
    (verify,) = server.asked(VERIFY)
    assert (verify.raw_body, verify.headers["Accept-Language"]) == (b"", "en")


VERIFY_OUTCOMES = [
    ("SUCCESSFUL", VerifyStatus.SUCCESSFUL),
    ("ALREADY_VERIFIED", VerifyStatus.ALREADY_VERIFIED),
    ("NOT_VERIFIABLE", VerifyStatus.NOT_VERIFIABLE),
    ("FAILED", VerifyStatus.FAILED),
    ("UNKNOWN", VerifyStatus.UNKNOWN),
    ("REVERSED", VerifyStatus.REVERSED),
    ("Successful", VerifyStatus.UNRECOGNISED),
    ("SUCCESS", VerifyStatus.UNRECOGNISED),
    ("payment.already_verified", VerifyStatus.ALREADY_VERIFIED),
    ("purchase.invalid_state", VerifyStatus.NOT_VERIFIABLE),
    ("purchase.already_reversed", VerifyStatus.REVERSED),
]
REVERSE_OUTCOMES = [
    ("SUCCESSFUL", ReverseStatus.SUCCESSFUL),
    ("ALREADY_REVERSED", ReverseStatus.ALREADY_REVERSED),
    ("NOT_REVERSIBLE", ReverseStatus.NOT_REVERSIBLE),
    ("FAILED", ReverseStatus.FAILED),
    ("UNKNOWN", ReverseStatus.UNKNOWN),
    ("REVERSED", ReverseStatus.UNRECOGNISED),
    ("purchase.already_reversed", ReverseStatus.ALREADY_REVERSED),
    ("purchase.not_reversible", ReverseStatus.NOT_REVERSIBLE),
    ("purchase.invalid_state", ReverseStatus.NOT_REVERSIBLE),
]


def test_both_forms_of_an_outcome_of_verify_and_reverse_are_one_result(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    outcomes: list[tuple[str, Callable[[str], Any], str, StrEnum]] = [
        *((VERIFY, client.verify, said, status) for said, status in VERIFY_OUTCOMES),
        *((REVERSE, client.reverse, said, status) for said, status in REVERSE_OUTCOMES),
    ]
    for route, call, said, status in outcomes:
        with naming(route, said):
            is_code = "." in said
            for http_status in (400, 403, 409) if is_code else (200,):
                server.on(route, refuses(http_status, said) if is_code else says({"status": said}))
                answer = call(ID)
                assert (answer.status, answer.said) == (status, said)
                told = {"fingerprint": "fp-1", "errors": [{"code": said}]}
                assert answer.raw == (told if is_code else {"status": said})


def test_a_refusal_that_is_no_outcome_is_raised(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    for codes, error in (
        (("purchase.not_found",), NotFound),
        (("reverse.is_not_enabled",), InvalidRequest),
        (("reverse.not_supported",), InvalidRequest),
        (("purchase.refunded",), InvalidRequest),
        (("ip.not_trusted",), InvalidRequest),
        (("never.heard_of",), InvalidRequest),
        (("purchase.invalid_state", "never.heard_of"), InvalidRequest),
        (("payment.already_verified", "purchase.invalid_state"), InvalidRequest),
        ((), InvalidRequest),
    ):
        calls: list[tuple[str, Callable[[str], object]]] = [
            (VERIFY, client.verify),
            (REVERSE, client.reverse),
        ]
        for route, call in calls:
            with naming(route, codes):
                server.on(route, refuses(400, *codes))
                with pytest.raises(Refused) as caught:
                    call(ID)
                assert type(caught.value) is error
                assert caught.value.codes == codes


def test_a_failure_of_the_gateway_is_no_outcome_whatever_its_code(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(VERIFY, refuses(500, "payment.already_verified"))
    with pytest.raises(ServerFailed):
        client.verify(ID)


def test_a_code_tells_more_than_the_status_of_a_refusal(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    for status, code, error in (
        (400, "purchase.not_found", NotFound),
        (404, "purchase.not_found", NotFound),
        (400, "too_many_requests", TooManyRequests),
        (429, "too_many_requests", TooManyRequests),
        (400, "client.not_active", InvalidRequest),
        (403, "ip.not_trusted", InvalidRequest),
        (400, "page_size.max_exceeded", InvalidRequest),
        (404, "web.no_handler", NotFound),
        (400, "binding.type_mismatch.page", InvalidRequest),
    ):
        with naming(status, code):
            server.on(LIST, refuses(status, "first.code", code))
            with pytest.raises(Refused) as caught:
                client.inquire(ID)
            assert type(caught.value) is error
            assert (caught.value.http_status, caught.value.codes[1]) == (status, code)


def test_a_code_that_rejects_the_token_renews_it_whatever_the_status(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(REFRESH, PPG_V3.tokens(2))
    for code in ("token.verification_failed", "security.auth_required", "security.bad_credentials"):
        with naming(code):
            server.heard.clear()
            server.on(VERIFY, refuses(400, code), says({"status": "SUCCESSFUL"}))
            assert client.verify(ID).status is VerifyStatus.SUCCESSFUL
            assert len(server.asked(VERIFY)) == 2
    server.on(VERIFY, refuses(400, "token.verification_failed"))
    with pytest.raises(NotAuthenticated):
        client.verify(ID)


def test_messages_may_be_null_and_arguments_are_ignored(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    errors = [
        {"code": "wage.is_invalid", "message": None, "arguments": {"min": 0}},
        {"code": "amount.not_enough", "message": "پیام"},
    ]
    server.on(CREATE, says({"fingerprint": "a1b2", "errors": errors}, 400))
    with pytest.raises(InvalidRequest) as caught:
        client.create(REQUEST)
    assert caught.value.codes == ("wage.is_invalid", "amount.not_enough")
    assert (caught.value.messages, caught.value.fingerprint) == (("پیام",), "a1b2")


def test_a_reversal_names_the_purchase_in_one_of_two_ways(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(REVERSE, says({"status": "SUCCESSFUL"}))
    client.reverse(ID)
    client.reverse(client_reference_number="our-reference")
    assert [heard.body for heard in server.asked(REVERSE)] == [
        {"purchaseId": int(ID)},
        {"clientReferenceNumber": "our-reference"},
    ]
    for key in ({}, {"purchase_id": ID, "client_reference_number": "our-reference"}):
        with naming(key), pytest.raises(ValueError, match="name the purchase"):
            client.reverse(**key)


def test_only_a_plain_identifier_becomes_part_of_a_request(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    for identifier in ("", ".", "..", "a/b", "a?b", "a b", "%2e%2e", "سفارش"):
        for ask in (
            client.inquire,
            client.verify,
            client.reverse,
            client.payment_url,
            client.refund_inquiry,
            client.verify_refund,
        ):
            with naming(identifier, ask), pytest.raises(ValueError, match="identifier"):
                ask(identifier)
    assert server.heard == []


def test_the_callbacks_form_is_read_in_its_own_spellings() -> None:
    claim = CallbackParameters.read(FORM)
    assert (claim.purchase_id, claim.client_reference_number) == (ID, "our-reference")
    assert (claim.status, claim.said) == (CallbackStatus.SUCCESSFUL, "SUCCESSFUL")
    assert (claim.amount_rials, claim.wage_rials, claim.currency) == (250_000, 1000, "IRR")
    assert (claim.payer_ip, claim.psp_name) == ("37.32.127.129", "saman-ipg")
    assert (claim.psp_terminal_id, claim.psp_rrn) == ("12345678", "123456789012")
    assert claim.psp_reference_number == "GmshtyjwKSs9J5KgCWm0p2VGLg8Sxr"
    assert claim.payer_masked_card_number == "603799******1234"
    assert claim.psp_hashed_card_number == "5ee0c5f1"
    assert (claim.fee_rials, claim.shaparak_fee_rials) == (2500, 1200)
    assert claim.net_amount_rials == 247_300


def test_a_callback_of_a_failure_has_its_reason_and_no_card() -> None:
    form = {"purchaseId": ID, "status": "FAILED", "failReason": "CANCELLED_BY_USER"}
    claim = CallbackParameters.read(form)
    assert (claim.status, claim.fail_reason) == (CallbackStatus.FAILED, "CANCELLED_BY_USER")
    assert (claim.payer_masked_card_number, claim.psp_rrn, claim.amount_rials) == (None, None, None)


def test_nonsense_in_a_callback_is_none() -> None:
    for nonsense in (
        "",
        "\x00",
        "a\nb",
        "../x",
        "x" * 5000,
        "<script>",
        "-5",
        "1e9",
        "۱۲",
        "\u202e",
    ):
        with naming(nonsense):
            read = ("amount", "wage", "purchaseId", "failReason", "currency", "pspName", "fee")
            claim = CallbackParameters.read(dict.fromkeys((*read, "status"), nonsense))
            told = {each.name: getattr(claim, each.name) for each in fields(claim)}
            plain = {"-5", "1e9", "۱۲"}  # a word may look so
            assert {name for name, value in told.items() if value} <= (
                {"purchase_id", "said", "fail_reason", "currency", "psp_name"}
                if nonsense in plain
                else set()
            )
    unmasked = CallbackParameters.read({"payerMaskedCardNumber": "6037991234561234"})
    assert unmasked.payer_masked_card_number == "603799******1234"


def test_no_secret_and_no_payer_reaches_a_log_an_exception_or_a_repr(
    server: ScriptedServer, client: PpgV3Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = ["the-api-key", "the-secret-key", "access-1", "refresh-1", "access-2", "refresh-2"]
    secrets += ["0499370899", "6037991234561234", "09121234567", "customer-77", "5ee0c5f1"]
    secrets += ["Sara", "Karimi", "IR0629600000001003242", "a-secret-of-ours"]
    request = replace(
        REQUEST,
        user_identifier="customer-77",
        payer_mobile_number="09121234567",
        payer_card_number="6037991234561234",
        payer_card_numbers=("6037991234561234",),
        payer_national_code="0499370899",
        additional_data={"password": "a-secret-of-ours"},
    )
    server.on(REFRESH, PPG_V3.tokens(2))
    server.on(LIST, refuses(401, "token.verification_failed"), says(page(PURCHASE)))
    server.on(REFUND_INQUIRY, says(REFUNDS_OF_IT))
    server.on(SETTLEMENTS, says(SETTLEMENT_PAGE))
    written = [repr(request), repr(client), repr(CallbackParameters.read(FORM))]
    written += [repr(client.inquire(ID)), repr(client.purchases(PurchaseFilter()))]
    written += [repr(client.refund_inquiry(ID)), repr(client.settlements())]
    echo = "card 6037991234561234 of IR062960000000100324200001 with Bearer access-2"
    for reply in [resets(), refuses(400, echo, message=echo, fingerprint=echo), says({})]:
        server.on(CREATE, reply)
        with pytest.raises(GatewayError) as caught:
            client.create(request)
        written += [str(caught.value), repr(caught.value), repr(vars(caught.value))]
    server.on(LIST, says(page(purchase(amount="6037991234561234", pspCardOwner=["Sara"]))))
    with pytest.raises(GatewayError) as unread:
        client.inquire(ID)
    written += [str(unread.value), repr(client.purchases(PurchaseFilter()))]
    written += [record.getMessage() for record in caplog.records]
    told = "\n".join(written)
    assert "our-reference" in told
    assert [secret for secret in secrets if secret in told] == []
