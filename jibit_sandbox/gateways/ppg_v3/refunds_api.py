"""PPG v3's calls about refunds. A refund has the number of its purchase, and some transfers."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, request

from jibit_sandbox.bank.transfers import transfers_of
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.gateways.ppg_v3 import refunds
from jibit_sandbox.gateways.ppg_v3.access import authorised
from jibit_sandbox.gateways.ppg_v3.api import PREFIX
from jibit_sandbox.gateways.ppg_v3.bodies import body_of
from jibit_sandbox.gateways.ppg_v3.errors import Refusal
from jibit_sandbox.gateways.ppg_v3.fields import text, truth, whole
from jibit_sandbox.gateways.ppg_v3.purchases import named_purchase, own_purchase
from jibit_sandbox.gateways.ppg_v3.refund_view import batch_id, refund_view, transfer_id
from jibit_sandbox.web.json_requests import Body, require_json

refunds_api = Blueprint("ppg_v3_refunds", __name__, url_prefix=PREFIX)


@refunds_api.post("/purchases/refund")
def refund() -> Response:
    with authorised(brings_body=True) as work:
        body = body_of(work)
        coerced = switches_of(work.world).v3_number_types == "coerced"
        transfer = refunds.refund(
            work,
            named_purchase(work, body),
            whole(body, "amount", coerced=coerced),
            cancellable=truth(body, "cancellable", default=False),
        )
        return jsonify(
            refundId=int(transfer.order_identifier),
            batchId=batch_id(transfer),
            transferId=transfer_id(transfer),
            partialRefundIndex=transfer.number,
        )


@refunds_api.get("/purchases/refunds/<identifier>")
def refund_inquiry(identifier: str) -> Response:
    with authorised() as work:
        transfers = transfers_of(work.session, own_purchase(work, identifier).identifier)
        if not transfers:
            raise Refusal("transfer.not_found")
        return jsonify(refund_view(work, transfers))


@refunds_api.post("/purchases/refunds/<identifier>/verify")
def refund_verify(identifier: str) -> Response:
    act(identifier, refunds.verify)
    return empty(204)


@refunds_api.post("/purchases/refunds/<identifier>/retry")
def refund_retry(identifier: str) -> Response:
    return act(identifier, refunds.retry)


@refunds_api.post("/purchases/refunds/<identifier>/cancel")
def refund_cancel(identifier: str) -> Response:
    return act(identifier, refunds.cancel)


@refunds_api.post("/purchases/refunds/<identifier>/ignore-cancellable")
def refund_start(identifier: str) -> Response:
    return act(identifier, refunds.start)


def act(identifier: str, action: refunds.Action) -> Response:
    """Act on the transfer that the body names; a body is needed only where there are several.

    The document has no schema for the answer: it is empty.
    """
    with authorised() as work:
        purchase = own_purchase(work, identifier)
        action(work, refunds.find_transfer(work, purchase, text(optional_body(work), "transferId")))
        return empty(200)


def empty(status: int) -> Response:
    """Return a response without a body, and so without a type."""
    response = make_response("", status)
    del response.headers["Content-Type"]
    return response


def optional_body(work: Work) -> Body:
    if not request.get_data():
        return {}
    require_json(request)
    return body_of(work)
