"""PPG v3's calls about tokens and purchases.

Source: PPG v3, OpenAPI 3.2.48; what it leaves open is a switch, see core/worlds.py.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from jibit_sandbox.core.context import require_call, work_for
from jibit_sandbox.core.tokens import issue_pair, refresh_pair
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.gateways.ppg_v3 import purchases, responses
from jibit_sandbox.gateways.ppg_v3.access import authorised, authorised_list, check_client
from jibit_sandbox.gateways.ppg_v3.bodies import body_of
from jibit_sandbox.gateways.ppg_v3.codes import BAD_CREDENTIALS
from jibit_sandbox.gateways.ppg_v3.errors import Refusal
from jibit_sandbox.gateways.ppg_v3.fees import fee, shaparak_fee
from jibit_sandbox.gateways.ppg_v3.fields import required_texts, whole
from jibit_sandbox.gateways.ppg_v3.listing import find_page
from jibit_sandbox.gateways.ppg_v3.requests import MOST_WITH_WAGE, amount_checks, read_purchase
from jibit_sandbox.gateways.public_address import public_address
from jibit_sandbox.web.json_requests import require_json

PREFIX = "/ppg/v3"

api = Blueprint("ppg_v3", __name__, url_prefix=PREFIX)


@api.post("/tokens")
def generate() -> Response:
    require_json(request)
    call = require_call()
    with work_for(call) as work:
        given = required_texts(body_of(work), "apiKey", "secretKey")
        if given != list(credentials(call.world).values()):
            raise Refusal(BAD_CREDENTIALS)
        check_client(work)
        return jsonify(responses.tokens(issue_pair(work, call.wire)))


def credentials(world: str) -> dict[str, str]:
    """Return the two keys of a world; they are those of PPG v2."""
    return {"apiKey": f"{world}-api-key", "secretKey": f"{world}-secret-key"}


@api.post("/tokens/refresh")
def refresh() -> Response:
    """Take the refresh token alone; an access token beside it, as v2 wants it, is ignored."""
    require_json(request)
    call = require_call()
    with work_for(call) as work:
        (refresh_token,) = required_texts(body_of(work), "refreshToken")
        check_client(work)
        pair = refresh_pair(work, call.wire, None, refresh_token)
        if pair is None:
            raise Refusal(BAD_CREDENTIALS)
        return jsonify(responses.tokens(pair))


@api.post("/purchases")
def create() -> Response:
    with authorised(brings_body=True) as work:
        body, switches = body_of(work), switches_of(work.world)
        try:
            wanted = read_purchase(body, switches)
            require_call().reference_number = wanted.reference_number
            purchase = purchases.open_purchase(work, wanted)
            return jsonify(responses.created(purchase, public_address() + PREFIX, switches))
        except Refusal as error:  # raised again below, when the transaction is over
            purchases.take_reference(work, body.get("clientReferenceNumber"))
            refusal = error
    raise refusal


@api.route("/purchases/<identifier>/verify", methods=["GET", "POST"])
def verify(identifier: str) -> Response:
    """Capture; a body is ignored, since clients send none, ``{}``, ``[]`` or an amount."""
    with authorised() as work:
        purchase = purchases.own_purchase(work, identifier)
        return jsonify(status=purchases.verify(work, purchase))


@api.get("/purchases")
def inquiry() -> Response:
    """Answer inquiries and lists alike; the log calls the latter ``list``."""
    with authorised_list() as work:
        return jsonify(find_page(work, request.args))


@api.post("/purchases/reverse")
def reverse() -> Response:
    with authorised(brings_body=True) as work:
        purchase = purchases.named_purchase(work, body_of(work))
        return jsonify(status=purchases.reverse(work, purchase))


@api.post("/purchases/fee", endpoint="fee")
def show_fee() -> Response:
    """Return what an amount would cost; only one public client knows this call."""
    with authorised(brings_body=True) as work:
        body = body_of(work)
        coerced = switches_of(work.world).v3_number_types == "coerced"
        amount, wage = (whole(body, name, coerced=coerced) for name in ("amount", "wage"))
        wrong = [code for code, is_wrong in amount_checks(amount, wage or 0).items() if is_wrong]
        if wrong:
            raise Refusal(*wrong, fields=tuple(code.split(".")[0] for code in wrong))
        total = (amount or 0) + (wage or 0)
        if total > MOST_WITH_WAGE:
            raise Refusal("amount_plus_wage.permitted_value_exceeded")
        return jsonify(totalFee=fee(total) + shaparak_fee(total))
