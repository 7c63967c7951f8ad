"""Section 3 of the sheet, field by field: what each answer of PPG v3 has, with and without a value.

``pspSwitchingUrl`` is in no inquiry, and ``pspFailReasons`` is never null.
"""

from __future__ import annotations

from typing import Any

import pytest

from testkit.cases import naming
from tests.sandbox import v3_sheet
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.v3_rows import FEATURES

DAY = 24 * 3600
Fields = set[str]
EARLY_FEES = {"fee", "affiliateFee", "netAmount"}
CREATED = {
    *("purchaseId", "purchaseIdStr", "clientReferenceNumber", "pspSwitchingUrl", "currency"),
    *("shaparakFee", "payableAmount"),
}
FAILED_ONLY = {"pspFailReasons", "pspFailReason"}
WITHOUT_VALUE = {"resellerCode"}  # the sandbox's clients are no reseller's
PURCHASE = EARLY_FEES | {
    *("purchaseId", "purchaseIdStr", "amount", "wage", "currency", "callbackUrl", "state"),
    *("clientReferenceNumber", "userIdentifier", "description", "additionalData"),
    *("payerMobileNumber", "payerCardNumber", "payerNationalCode"),
    *("pspName", "pspRrn", "pspReferenceNumber", "pspTraceNumber", "pspMaskedCardNumber"),
    *("pspHashedCardNumber", "pspCardOwner", "initPayerIp", "redirectPayerIp"),
    *("feePaymentType", "shaparakFee", "pspSettled", "pspSettledAt", "settlementId"),
    *("refunded", "refundableAmount", "refundInquiryResult", "hasContradiction"),
    *("createdAt", "expirationDate", "billingDate", "verifiedAt", "clientCode"),
}
PAGE = {"pageNumber", "size", "numberOfElements", "hasNext", "hasPrevious", "elements"}
TRANSFER = {
    *("refundId", "partialRefundIndex", "transferMode", "destination", "destinationFirstName"),
    *("destinationLastName", "amount", "currency", "cancellable", "state", "feeCurrency"),
    *("feeAmount", "createdAt", "modifiedAt", "transferID", "bankTransferID", "batchID"),
}
NO_TRANSFERS_VALUE = {"description", "metadata", "paymentID", "notifyURL", "failReason"}
HISTORY = {"purchaseId", "clientRefNum", "newState", "createdAt"}
TERMINAL = {
    *("naturalId", "clientCode", "clientName", "pspName", "pspTerminalId", "pspMerchantNumber"),
    *("type", "directSettlement", "priority", "isAutoVerifyEnabled", "createdAt"),
    *("isCheckPayerMobileNumberActive", "isCheckPayerNationalCodeActive"),
    "isSingleCardFreezeActive",
}
NO_SETTLEMENTS_VALUE = {"ledgerAccount", "resellerCode", "shaparakFailReason"}
SETTLEMENT = {
    *("settlementId", "terminalId", "fileName", "state", "amount", "wage", "currency"),
    *("directSettlement", "cutoff", "acceptorCode", "iin", "paymentFacilitatorIban"),
    *("settlementIban", "affiliateFee", "shaparakReferenceNumber", "shaparakTrackingNumber"),
    *("shaparakTransactionId", "createdAt", "modifiedAt", "settledAt"),
    *("clientCode", "clientName", "variance"),
}
ALWAYS = {
    *("amount", "wage", "currency", "purchaseId", "clientReferenceNumber", "status"),
    *("payerIp", "pspName", "pspTerminalId"),
}
ON_SUCCESS = {"pspReferenceNumber", "pspRRN", "payerMaskedCardNumber", "pspHashedCardNumber"}


@pytest.fixture
def able(v3: V3Merchant) -> V3Merchant:
    """A merchant whose client may reverse and refund."""
    v3.world.switch(**FEATURES)
    return v3


def settled(merchant: V3Merchant) -> str:
    """A purchase with a value in every field it can have, whose refund is transferred."""
    identifier = merchant.verified(
        userIdentifier="ann",
        description="Two cups",
        additionalData={"cart": 7},
        payerMobileNumber="09121234567",
        payerCardNumber="6037990000000014",
        payerNationalCode="0084575948",
    )
    assert merchant.refund(identifier, amount=50_000).ok
    merchant.world.clock.advance(DAY)
    merchant.generate()
    return identifier


def keys(merchant: V3Merchant, path: str, *inside: str) -> Fields:
    """The fields of an answer, or of the first entry of a list in it."""
    said: Any = merchant.call("GET", path).json()
    for name in inside:
        said = said[name][0] if isinstance(said[name], list) else said[name]
    return set(said)


def test_tokens_and_the_answer_to_a_create_have_their_fields(able: V3Merchant) -> None:
    assert able.generate().json().keys() == {"accessToken", "refreshToken"}
    assert able.refresh().json().keys() == {"accessToken", "refreshToken"}
    assert able.create().json().keys() == CREATED
    able.world.switch(v3_early_fees=True)
    assert able.create().json().keys() == CREATED | EARLY_FEES


@pytest.mark.parametrize("empty", ["absent", "null"])
def test_a_purchase_has_every_field_of_the_sheet(able: V3Merchant, empty: str) -> None:
    identifier, unpaid = settled(able), able.opened()[0]
    failed = able.opened()[0]
    able.world.press(failed, "cancel")
    able.world.switch(v3_empty_fields=empty)
    assert keys(able, "/purchases") == PAGE
    full, bare, over = (able.purchase(each) for each in (identifier, unpaid, failed))
    nulls = WITHOUT_VALUE | {"pspFailReason"} if empty == "null" else set()
    assert full.keys() == PURCHASE | nulls
    assert {name for name, value in full.items() if value is None} == nulls
    assert over.keys() >= FAILED_ONLY
    assert (None in bare.values()) is (empty == "null")
    assert bare.keys() == PURCHASE | nulls if empty == "null" else bare.keys() < PURCHASE


@pytest.mark.parametrize("empty", ["absent", "null"])
def test_a_refund_and_its_transfers_have_every_field(able: V3Merchant, empty: str) -> None:
    identifier = able.verified()
    asked = able.refund(identifier).json()
    assert asked.keys() == {"refundId", "batchId", "transferId", "partialRefundIndex"}
    able.world.clock.advance(3600)
    able.world.switch(v3_empty_fields=empty)
    path = f"/purchases/refunds/{identifier}"
    assert keys(able, path) == {"batchID", "refundedAmount", "transfers"}
    more = NO_TRANSFERS_VALUE if empty == "null" else set()
    assert keys(able, path, "transfers") == TRANSFER | more
    able.world.halt_refund(identifier, "FAILED", reason="closed")
    assert "failReason" in keys(able, path, "transfers")


@pytest.mark.parametrize("empty", ["absent", "null"])
def test_a_settlement_has_every_field_and_its_states_come_on_request(
    able: V3Merchant, empty: str
) -> None:
    settled(able)
    able.world.switch(v3_empty_fields=empty)
    assert keys(able, "/settlements") == PAGE
    more = NO_SETTLEMENTS_VALUE if empty == "null" else set()
    assert keys(able, "/settlements", "elements") == SETTLEMENT | more
    for state in v3_sheet.SETTLEMENT_STATES - {"SETTLED"}:
        with naming(state):
            able.world.behave("set_field", operation="settlements", field="state", value=state)
            (element,) = able.call("GET", "/settlements").json()["elements"]
            assert element["state"] == state


def test_every_terminal_and_day_has_a_settlement_of_its_own(able: V3Merchant) -> None:
    for terminal in ("1001", "1002", "1001"):
        able.verified(switching={"terminalIds": [terminal]})
    settled(able)
    elements = able.call("GET", "/settlements").json()["elements"]
    assert sorted(each["amount"] for each in elements) == [250_000, 750_000]
    assert len({each["terminalId"] for each in elements}) == 2


def test_histories_have_their_fields_and_a_total_where_they_are_asked_for_by_page(
    able: V3Merchant,
) -> None:
    identifier, _ = able.opened()
    able.world.contradict(identifier, "UNKNOWN")
    able.world.contradict(identifier, "REVERSED")
    path = f"/purchases/histories?purchaseId={identifier}&size=1"
    page = able.call("GET", path).json()
    assert page.keys() == {"size", "totalCount", "hasNext", "nextPageId", "elements"}
    assert page["totalCount"] == 2
    assert page["elements"][0].keys() == HISTORY
    following = able.call("GET", f"{path}&page=9&nextPageId={page['nextPageId']}").json()
    assert following.keys() == {"size", "hasNext", "elements"}


def test_balances_terminals_health_and_the_fee_have_their_fields(able: V3Merchant) -> None:
    balances = able.call("GET", "/balances").json()["balances"]
    assert {each["balanceType"] for each in balances} == v3_sheet.BALANCES
    assert all(each.keys() == {"balanceType", "amount", "currency"} for each in balances)
    assert keys(able, "/terminals/list", "elements") == TERMINAL
    health = able.call("GET", "/app/health").json()
    assert health.keys() == {"status", "pspStatusMap"}
    assert health["pspStatusMap"].keys() == v3_sheet.PSPS
    assert able.call("POST", "/purchases/fee", json={"amount": 5_000}).json().keys() == {"totalFee"}


@pytest.mark.parametrize("word", sorted(v3_sheet.HEALTH))
def test_a_psp_can_be_in_any_health_on_request(able: V3Merchant, word: str) -> None:
    value = {"saman-ipg": word}
    able.world.behave("set_field", operation="health", field="pspStatusMap", value=value)
    assert able.call("GET", "/app/health").json()["pspStatusMap"] == value


def test_the_callback_is_a_form_with_the_fields_of_its_outcome(able: V3Merchant) -> None:
    fees = {"fee", "shaparakFee", "netAmount"}
    for action, early_fees, more in (
        ("pay", False, ON_SUCCESS),
        ("pay", True, ON_SUCCESS | fees),
        ("cancel", True, {"failReason"}),
        ("decline", False, {"failReason"}),
        ("time_out", False, {"failReason"}),
        ("unknown", False, set[str]()),
    ):
        with naming(action, early_fees):
            able.world.switch(v3_early_fees=early_fees)
            address = "https://shop.example/cb?shop=7&x=%26"
            callback = able.returned(action, callbackUrl=address, wage=1)
            assert callback.url == address
            assert callback.form
            assert set(callback.form) == ALWAYS | more
            assert (callback.form["amount"], callback.form["wage"]) == ("250000", "1")
