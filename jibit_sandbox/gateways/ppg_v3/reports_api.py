"""PPG v3's calls about the client: histories, balances, terminals, settlements and health."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from jibit_sandbox.core.clock import as_text
from jibit_sandbox.core.context import Fields, Work
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.gateways.ppg_v3 import settlements
from jibit_sandbox.gateways.ppg_v3.access import authorised, authorised_list
from jibit_sandbox.gateways.ppg_v3.api import PREFIX
from jibit_sandbox.gateways.ppg_v3.histories import find_histories
from jibit_sandbox.gateways.ppg_v3.terminals import SINCE, TERMINALS, Terminal, has_auto_verify

reports_api = Blueprint("ppg_v3_reports", __name__, url_prefix=PREFIX)


@reports_api.get("/purchases/histories")
def histories() -> Response:
    with authorised_list() as work:
        return jsonify(find_histories(work, request.args))


@reports_api.get("/settlements", endpoint="settlements")
def show_settlements() -> Response:
    with authorised_list() as work:
        return jsonify(settlements.find_settlements(work, request.args))


@reports_api.get("/balances")
def balances() -> Response:
    with authorised() as work:
        return jsonify(settlements.balances(work))


@reports_api.get("/terminals/list")
def terminals() -> Response:
    with authorised() as work:
        elements = [
            terminal_view(work, terminal, priority)
            for priority, terminal in enumerate(TERMINALS, start=1)
        ]
        return jsonify(elements=elements)


def terminal_view(work: Work, terminal: Terminal, priority: int) -> Fields:
    """Return a terminal with the features that the client's switches give it."""
    switches = switches_of(work.world)
    return {
        "naturalId": terminal.natural_id,
        "clientCode": work.world.name,
        "clientName": work.world.name,
        "pspName": terminal.psp_name,
        "pspTerminalId": terminal.psp_terminal_id,
        "pspMerchantNumber": terminal.psp_terminal_id[::-1],
        "type": "PAYMENT_FACILITATION",
        "directSettlement": False,
        "priority": priority,
        "isAutoVerifyEnabled": has_auto_verify(terminal.psp_terminal_id, switches),
        "isCheckPayerMobileNumberActive": switches.v3_mobile_check,
        "isCheckPayerNationalCodeActive": switches.v3_national_code_check,
        "isSingleCardFreezeActive": switches.v3_card_check,
        "createdAt": as_text(SINCE),
    }


@reports_api.get("/app/health")
def health() -> Response:
    with authorised():
        up = dict.fromkeys((terminal.psp_name for terminal in TERMINALS), "UP")
        return jsonify(status="UP", pspStatusMap=up)
