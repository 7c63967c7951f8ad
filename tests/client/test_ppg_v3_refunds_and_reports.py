"""Refunds and reports of PPG v3: what is sent and what is read, letter for letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from jibit_client import PpgV3Client, PurchaseFilter, RefundRequest
from jibit_client.errors import InvalidRequest, NotFound, Unintelligible
from jibit_client.ppg_v3.histories import HistoryFilter
from jibit_client.ppg_v3.vocabulary import (
    HealthStatus,
    PurchaseState,
    SettlementState,
    TransferState,
)
from testkit.cases import naming
from tests.client.scripted import ScriptedServer, http, raw, refuses, says
from tests.client.v3_documents import (
    ACCEPTED,
    BALANCE_LIST,
    BALANCES,
    FEE,
    HEALTH,
    HISTORIES,
    HISTORY,
    HISTORY_PAGE,
    ID,
    LIST,
    PAGE,
    PURCHASE,
    REFUND,
    REFUND_INQUIRY,
    REFUNDS,
    REFUNDS_OF_IT,
    SETTLEMENT_PAGE,
    SETTLEMENTS,
    TERMINAL,
    TERMINAL_LIST,
    TERMINALS,
    TRANSFER,
    UP,
    page,
    purchase,
)
from tests.client.wires import PPG_V3, Wire

SINCE = datetime(2026, 11, 28, 10, tzinfo=UTC)
UNTIL = datetime(2026, 11, 28, 11, 0, 0, 250, tzinfo=UTC)
ACTIONS: dict[str, Callable[..., None]] = {
    "verify": PpgV3Client.verify_refund,
    "retry": PpgV3Client.retry_refund,
    "cancel": PpgV3Client.cancel_refund,
    "ignore-cancellable": PpgV3Client.ignore_cancellable,
}


@pytest.fixture
def wire() -> Wire:
    return PPG_V3


def test_a_refund_names_the_purchase_in_one_of_two_ways(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(REFUND, says(ACCEPTED))
    accepted = client.refund(RefundRequest(purchase_id=ID))
    client.refund(
        RefundRequest(
            client_reference_number="our-reference", amount_rials=50_000, cancellable=True
        )
    )
    assert [heard.body for heard in server.asked(REFUND)] == [
        {"purchaseId": int(ID)},
        {"clientReferenceNumber": "our-reference", "amount": 50000, "cancellable": True},
    ]
    assert (accepted.refund_id, accepted.partial_refund_index) == (ID, 1)
    assert (accepted.batch_id, accepted.transfer_id) == ("batch-1", "t-1")


def test_a_refund_that_cannot_be_meant_is_never_sent(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    impossible: list[dict[str, Any]] = [
        {},
        {"purchase_id": ID, "client_reference_number": "our-reference"},
        {"purchase_id": "a/b"},
        {"purchase_id": ID, "amount_rials": 5.0},
        {"purchase_id": ID, "amount_rials": True},
    ]
    for wrong in impossible:
        with naming(wrong), pytest.raises(ValueError, match=r"purchase|identifier|integer"):
            client.refund(RefundRequest(**wrong))
    assert server.heard == []


def test_a_refund_whose_id_is_a_text_or_alone_is_accepted(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    for answer in ({"refundId": ID}, {"refundId": int(ID), "batchId": None}):
        with naming(answer):
            server.on(REFUND, says(answer))
            accepted = client.refund(RefundRequest(purchase_id=ID))
            assert (accepted.refund_id, accepted.batch_id) == (ID, None)


def test_the_transfers_of_a_refund_are_read_in_their_own_spellings(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(REFUND_INQUIRY, says(REFUNDS_OF_IT))
    inquiry = client.refund_inquiry(ID)
    assert (inquiry.batch_id, inquiry.refunded_amount_rials) == ("batch-1", 50_000)
    (transfer,) = inquiry.transfers
    assert (transfer.state, transfer.said) == (TransferState.TRANSFERRED, "TRANSFERRED")
    assert (transfer.refund_id, transfer.amount_rials) == (ID, 50_000)
    assert (transfer.transfer_id, transfer.payment_id) == ("t-1", "p-1")
    assert (transfer.bank_transfer_id, transfer.transfer_mode) == ("b-1", "ACH")
    assert transfer.destination == "IR062960000000100324200001"
    assert (transfer.destination_first_name, transfer.destination_last_name) == ("Sara", "Karimi")
    assert (transfer.fee_amount, transfer.fee_currency) == (500, "IRR")
    assert (transfer.cancellable, transfer.partial_refund_index) == (False, 1)
    assert (transfer.description, transfer.metadata, transfer.fail_reason) == ("refund", None, None)
    assert transfer.notify_url == "https://merchant.ir/notify"
    assert transfer.created_at == datetime(2026, 11, 28, 11, tzinfo=UTC)
    assert transfer.modified_at == datetime(2026, 11, 28, 11, 5, 0, 946_000, tzinfo=UTC)


def test_a_transfer_in_an_unknown_state_keeps_its_word_and_one_that_makes_no_sense_is_apart(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    rows = [
        TRANSFER | {"state": "NEW"},
        TRANSFER | {"amount": None},
        TRANSFER | {"currency": "USD"},
    ]
    server.on(REFUND_INQUIRY, says(REFUNDS_OF_IT | {"transfers": rows}))
    inquiry = client.refund_inquiry(ID)
    assert [each.said for each in inquiry.transfers] == ["NEW"]
    assert inquiry.transfers[0].state is TransferState.UNRECOGNISED
    assert inquiry.unreadable == tuple(rows[1:])


def test_the_refunds_of_another_purchase_are_unintelligible(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(REFUND_INQUIRY, says(REFUNDS_OF_IT | {"transfers": [TRANSFER | {"refundId": 42}]}))
    with pytest.raises(Unintelligible, match="refundId"):
        client.refund_inquiry(ID)


def test_an_action_on_a_refund_names_a_transfer_where_it_must(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    for action, act in ACTIONS.items():
        with naming(action):
            route = f"POST {REFUNDS}/{action}"
            server.on(route, raw(b"HTTP/1.1 204 No Content\r\n\r\n"))
            act(client, ID)
            act(client, ID, transfer_id="t-1")
            assert [heard.body for heard in server.asked(route)] == [{}, {"transferId": "t-1"}]


def test_an_action_is_done_with_or_without_an_object_in_the_answer_and_not_otherwise(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    for action, act in ACTIONS.items():
        route = f"POST {REFUNDS}/{action}"
        for done in (raw(http(200, b"")), raw(http(200, b" \n")), says({}), says({"new": 1})):
            server.on(route, done)
            act(client, ID)
        for unclear in (says([]), says("done"), says({"errors": []}), raw(http(200, b"<html>"))):
            server.on(route, unclear)
            with naming(action), pytest.raises(Unintelligible):
                act(client, ID)
        server.heard.clear()
        for code, error in (("transfer.not_found", NotFound), ("retry.failed", InvalidRequest)):
            server.on(route, refuses(400, code))
            with naming(action, code), pytest.raises(error):
                act(client, ID)
        assert len(server.asked(route)) == 2


def test_the_lists_filters_are_sent_flat_as_the_document_spells_them(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(LIST, says(PAGE))
    everything = PurchaseFilter(
        purchase_id=ID,
        status=PurchaseState.READY_TO_VERIFY,
        client_reference_number="our-reference",
        psp_reference_number="psp-1",
        psp_rrn="rrn-1",
        psp_trace_number="trace-1",
        user_identifier="customer-77",
        since=SINCE,
        until=UNTIL,
    )
    client.purchases(everything, page=20, size=250, language="en")
    client.purchases(PurchaseFilter())
    filtered, bare = server.asked(LIST)
    assert filtered.query == {
        "purchaseId": [ID],
        "status": ["READY_TO_VERIFY"],
        "clientReferenceNumber": ["our-reference"],
        "pspReferenceNumber": ["psp-1"],
        "pspRrn": ["rrn-1"],
        "pspTraceNumber": ["trace-1"],
        "userIdentifier": ["customer-77"],
        "from": ["2026-11-28T10:00:00.000000Z"],
        "to": ["2026-11-28T11:00:00.000250Z"],
        "page": ["20"],
        "size": ["250"],
    }
    assert filtered.headers["Accept-Language"] == "en"
    assert bare.query == {"page": ["1"], "size": ["100"]}


def test_a_page_or_size_that_the_gateway_does_not_have_is_never_asked_for(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    calls: list[tuple[Callable[..., object], tuple[object, ...], int, int]] = [
        (client.purchases, (PurchaseFilter(),), 20, 250),
        (client.settlements, (), 20, 250),
        (client.histories, (HistoryFilter(purchase_id=ID),), 10, 20_000),
    ]
    for call, arguments, most_pages, largest in calls:
        for wrong in (
            {"page": 0},
            {"page": most_pages + 1},
            {"size": 0},
            {"size": largest + 1},
        ):
            with naming(call, wrong), pytest.raises(ValueError, match="page"):
                call(*arguments, **wrong)
    assert server.heard == []


def test_one_unreadable_purchase_does_not_hide_the_others(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    odd = purchase(purchaseIdStr="42", createdAt=7)
    wrong = purchase(amount="12")
    server.on(LIST, says(page(PURCHASE, wrong, "nonsense", odd, numberOfElements=176, size="4")))
    listed = client.purchases(PurchaseFilter())
    assert [each.purchase_id for each in listed.elements] == [ID, "42"]
    assert listed.unreadable == (wrong, "nonsense")
    assert (listed.page_number, listed.size, listed.number_of_elements) == (1, None, 176)
    assert listed.odd_fields == ("size", "createdAt")


def test_a_list_that_does_not_tell_whether_it_goes_on_is_unintelligible(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    nonsense: list[dict[str, object]] = [
        {"elements": None},
        {"elements": {}},
        {"hasNext": "false"},
        {"hasNext": None},
    ]
    for changed in nonsense:
        with naming(changed):
            server.on(LIST, says(PAGE | changed))
            with pytest.raises(Unintelligible):
                client.purchases(PurchaseFilter())


def test_histories_are_asked_for_by_page_or_by_the_id_of_the_next_one(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(HISTORIES, says(HISTORY_PAGE))
    statuses = (PurchaseState.REVERSED, PurchaseState.MANUALLY_SUCCESS)
    first = client.histories(HistoryFilter(SINCE, UNTIL, statuses=statuses), size=1)
    client.histories(HistoryFilter(purchase_id=ID), next_page_id=first.next_page_id)
    spanned, continued = server.asked(HISTORIES)
    assert spanned.query == {
        "from": ["2026-11-28T10:00:00.000000Z"],
        "to": ["2026-11-28T11:00:00.000250Z"],
        "statuses": ["REVERSED", "MANUALLY_SUCCESS"],
        "page": ["1"],
        "size": ["1"],
    }
    assert (continued.query["purchaseId"], continued.query["nextPageId"]) == ([ID], ["987"])
    assert (first.size, first.total_count, first.has_next) == (1, 2, True)
    (change,) = first.elements
    assert (change.purchase_id, change.client_ref_num) == (ID, "our-reference")
    assert (change.new_state, change.said) == (PurchaseState.REVERSED, "REVERSED")
    assert change.created_at == datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_the_id_of_the_next_page_may_be_a_number_and_a_row_without_a_state_is_apart(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    rows = [HISTORY, HISTORY | {"newState": None}]
    server.on(HISTORIES, says(HISTORY_PAGE | {"nextPageId": 987, "elements": rows}))
    answer = client.histories(HistoryFilter(purchase_id=ID))
    assert (answer.next_page_id, len(answer.elements)) == ("987", 1)
    assert answer.unreadable == (rows[1],)


def test_balances_are_read_and_a_debt_may_be_negative(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    foreign = {"balanceType": "STL", "amount": 1, "currency": "USD"}
    server.on(BALANCES, says({"balances": [*BALANCE_LIST["balances"], foreign]}))
    answer = client.balances()
    amounts = {each.balance_type: each.amount_rials for each in answer.balances}
    assert amounts == {"WLT": 1_000_000, "FEE": -2500}
    assert answer.unreadable == (foreign,)


def test_terminals_tell_which_checks_are_on(server: ScriptedServer, client: PpgV3Client) -> None:
    server.on(TERMINALS, says(TERMINAL_LIST))
    (terminal,) = client.terminals().elements
    assert (terminal.natural_id, terminal.psp_name) == ("n-1", "saman-ipg")
    assert (terminal.client_code, terminal.client_name) == ("c-1", "Merchant")
    assert (terminal.psp_terminal_id, terminal.psp_merchant_number) == ("12345678", "87654321")
    assert (terminal.type, terminal.priority) == ("NORMAL", 2)
    assert (terminal.direct_settlement, terminal.is_auto_verify_enabled) == (False, True)
    assert terminal.is_check_payer_mobile_number_active is False
    assert terminal.is_check_payer_national_code_active is True
    assert terminal.is_single_card_freeze_active is False
    assert terminal.created_at == datetime(2026, 1, 1, tzinfo=UTC)
    server.on(TERMINALS, says({"elements": [TERMINAL | {"isAutoVerifyEnabled": "yes"}, 7]}))
    answer = client.terminals()
    assert answer.elements[0].is_auto_verify_enabled is None
    assert (answer.odd_fields, answer.unreadable) == (("isAutoVerifyEnabled",), (7,))


def test_settlements_are_read_field_for_field(server: ScriptedServer, client: PpgV3Client) -> None:
    server.on(SETTLEMENTS, says(SETTLEMENT_PAGE))
    (settlement,) = client.settlements(settlement_id="77", page=2, size=5).elements
    assert server.asked(SETTLEMENTS)[0].query == {
        "settlementId": ["77"],
        "page": ["2"],
        "size": ["5"],
    }
    assert (settlement.settlement_id, settlement.state) == ("77", SettlementState.SETTLED)
    assert settlement.terminal_id == "5f0c7f4e-0000-4000-8000-000000000001"
    assert (settlement.amount_rials, settlement.wage_rials) == (250_000, 1000)
    assert (settlement.variance_rials, settlement.affiliate_fee_rials) == (-5, 0)
    assert (settlement.file_name, settlement.cutoff, settlement.iin) == ("file-1", "1", "581672061")
    assert (settlement.acceptor_code, settlement.ledger_account) == ("a-1", "l-1")
    assert settlement.payment_facilitator_iban == "IR062960000000100324200001"
    assert settlement.settlement_iban == "IR062960000000100324200002"
    assert (settlement.reseller_code, settlement.client_code) == ("r-1", "c-1")
    assert (settlement.client_name, settlement.direct_settlement) == ("Merchant", False)
    assert (settlement.shaparak_reference_number, settlement.shaparak_tracking_number) == (
        "s-1",
        "s-2",
    )
    assert (settlement.shaparak_transaction_id, settlement.shaparak_fail_reason) == ("s-3", None)
    assert settlement.created_at == datetime(2026, 11, 29, tzinfo=UTC)
    assert settlement.modified_at == datetime(2026, 11, 29, 1, tzinfo=UTC)
    assert settlement.settled_at == datetime(2026, 11, 29, 2, tzinfo=UTC)


def test_health_has_a_word_for_each_psp(server: ScriptedServer, client: PpgV3Client) -> None:
    server.on(HEALTH, says(UP))
    health = client.health()
    assert (health.status, health.psp_status) == (HealthStatus.UP, UP["pspStatusMap"])
    server.on(HEALTH, says({"status": "SO_SO", "pspStatusMap": {"saman-ipg": 7, "b": "UP"}}))
    health = client.health()
    assert (health.status, health.said) == (HealthStatus.UNRECOGNISED, "SO_SO")
    assert (health.psp_status, health.odd_fields) == ({"b": "UP"}, ("pspStatusMap",))


def test_the_fee_of_a_purchase_can_be_asked_for(
    server: ScriptedServer, client: PpgV3Client
) -> None:
    server.on(FEE, says({"totalFee": 3700}))
    assert client.fee(250_000) == 3700
    assert client.fee(250_000, 1000) == 3700
    assert [heard.body for heard in server.asked(FEE)] == [
        {"amount": 250000},
        {"amount": 250000, "wage": 1000},
    ]
