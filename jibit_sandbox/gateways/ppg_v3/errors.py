"""PPG v3's error envelope and its codes, with HTTP statuses and messages in both languages.

Source: PPG v3, OpenAPI 3.2.48. The document names the codes without their HTTP statuses, so these
are a choice; the switch ``v3_http_statuses`` has the other one: 400 for all but 401 and 500.
"""

from __future__ import annotations

from typing import NamedTuple

from flask import Response, jsonify

from jibit_sandbox.core import context
from jibit_sandbox.core.context import Call, sandbox
from jibit_sandbox.core.models import World
from jibit_sandbox.core.worlds import Switches, switches_of
from jibit_sandbox.i18n.translations import translate


class Code(NamedTuple):
    """The HTTP status of a code, and its message in both languages."""

    status: int
    message: str


BAD_CREDENTIALS = "security.bad_credentials"
WRONG_BODY = "web.invalid_or_missing_body"
WRONG_QUERY = "binding.type_mismatch"
CODES = {
    # access
    "security.auth_required": Code(401, "Authentication is required."),
    "token.verification_failed": Code(401, "Token verification failed."),
    BAD_CREDENTIALS: Code(400, "The credentials are wrong."),
    "client.not_active": Code(400, "The client is not active."),
    "ip.not_trusted": Code(403, "The caller's IP address is not registered."),
    "apiKey.is_required": Code(400, "The API key is required."),
    "secretKey.is_required": Code(400, "The secret key is required."),
    "refreshToken.is_required": Code(400, "Refresh token is required."),
    # any call
    WRONG_BODY: Code(400, "The body is invalid or missing."),
    WRONG_QUERY: Code(400, "The type of a sent field is wrong."),
    "web.no_handler": Code(404, "The requested address is invalid."),
    "web.method_not_allowed": Code(405, "The HTTP method is not supported on the resource."),
    "web.not_acceptable": Code(406, "The Accept header is invalid."),
    "web.unsupported_media_type": Code(415, "The Content-Type header is not supported."),
    "too_many_requests": Code(429, "Too many requests."),
    "server.error": Code(500, "Internal error."),
    # create
    "amount.is_required": Code(400, "The amount is required."),
    "amount.not_enough": Code(400, "The amount must be at least 5,000 Rials."),
    "wage.is_invalid": Code(400, "The wage is invalid."),
    "wage.must_be_less_than_fifteen_percent_of_purchase_amount": Code(
        400, "The wage must be less than fifteen percent of the amount."
    ),
    "fee_as_wage.wage_must_be_zero": Code(400, "The fee is your wage: the wage must be zero."),
    "amount_plus_wage.permitted_value_exceeded": Code(
        400, "The amount and the wage together are more than is permitted."
    ),
    "currency.is_required": Code(400, "Currency is required."),
    "callbackUrl.is_required": Code(400, "Callback URL is required."),
    "callbackUrl.is_invalid": Code(400, "Callback URL is invalid."),
    "callbackUrl.max_length": Code(400, "Callback URL is too long."),
    "callbackUrl.domain_not_in_whitelist": Code(
        400, "The domain of the callback URL is not registered."
    ),
    "clientReferenceNumber.is_required": Code(400, "Client reference number is required."),
    "clientReferenceNumber.max_length": Code(400, "Client reference number is too long."),
    "clientReferenceNumber.duplicated": Code(400, "Client reference number was used before."),
    "userIdentifier.max_length": Code(400, "User identifier is too long."),
    "description.max_length": Code(400, "The description is too long."),
    "payerMobileNumber.is_invalid": Code(400, "The payer's mobile number is invalid."),
    "payerMobileNumber.in_blacklist": Code(400, "The payer's mobile number is blocked."),
    "payerMobileNumber.must_be_provided_to_check_with_card_number": Code(
        400, "The payer's mobile number is needed to check the card with it."
    ),
    "payerCardNumber.is_invalid": Code(400, "The payer's card number is invalid."),
    "payerCardNumber_and_payerCardNumbers.just_one_of_them_is_permitted": Code(
        400, "Send either one card number or a list of card numbers."
    ),
    "payerNationalCode.is_invalid": Code(400, "The payer's national code is invalid."),
    "switching.terminalIds.is_required": Code(400, "The terminals of the switching are required."),
    # purchases
    "purchase.not_found": Code(404, "The purchase was not found."),
    "purchase.invalid_state": Code(400, "The state of the purchase does not allow this."),
    "payment.already_verified": Code(400, "The payment was verified before."),
    "page_number.max_exceeded": Code(400, "The page number is too large."),
    "page_size.max_exceeded": Code(400, "The page size is too large."),
    # reverse and refund
    "clientReferenceNumber_or_purchaseId.are_required": Code(
        400, "Client reference number or purchase id is required."
    ),
    "reverse.is_not_enabled": Code(400, "Reverse is not enabled for the client."),
    "purchase.not_reversible": Code(400, "The purchase cannot be reversed."),
    "purchase.refunded": Code(400, "The purchase was refunded."),
    "purchase.already_reversed": Code(400, "The purchase was reversed before."),
    "refund.not_supported": Code(400, "Refund is not enabled for the client."),
    "balances.not_enough": Code(400, "The balance is not enough."),
    "transfers.0.amount.not_enough_for_normal": Code(400, "The amount is too small."),
    "transfers.0.amount.exceeded_maximum_for_normal": Code(400, "The amount is too large."),
    "transfer.not_found": Code(404, "The transfer was not found."),
    "verify.not_applicable": Code(400, "The transfer does not wait for a verification."),
    "retry.failed": Code(400, "Trying the transfer again has failed."),
    "retry.not_applicable": Code(400, "The transfer cannot be tried again."),
    "cancellation.not_applicable": Code(400, "The transfer cannot be cancelled."),
    # histories
    "criteria.is_empty": Code(400, "At least one criterion is required."),
    "from_and_to.difference_must_be_less_than_3_hours": Code(
        400, "The range of time must be shorter than 3 hours."
    ),
    "states.can_not_have_null_value": Code(400, "A state must have a value."),
}

# What a bare HTTP error is called.
CODE_OF_STATUS = {
    400: WRONG_BODY,
    401: "token.verification_failed",
    404: "web.no_handler",
    405: "web.method_not_allowed",
    413: WRONG_BODY,
    415: "web.unsupported_media_type",
    429: "too_many_requests",
}


class Refusal(context.Refusal):
    """A call is refused with these codes; the first one gives the HTTP status."""

    def __init__(self, *codes: str) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes

    def response(self, call: Call) -> Response:
        return refusal_response(call, self.codes)


def refusal_response(call: Call, codes: tuple[str, ...]) -> Response:
    """Return ``{"fingerprint": ..., "errors": [{"code": ..., "message": ...}]}``."""
    response = jsonify(
        fingerprint=call.fingerprint,
        errors=[
            {"code": code, "message": translate(CODES[code].message, call.language)}
            for code in codes
        ],
    )
    response.status_code = status_of(codes[0], switches_for(call))
    return response


def switches_for(call: Call) -> Switches:
    """Return the switches of the call's world; its transaction is over by now."""
    with sandbox().store.reading() as session:
        return switches_of(session.get_one(World, call.world))


def status_of(code: str, switches: Switches) -> int:
    """Return the code's HTTP status under these switches."""
    status = switches.v3_bad_credentials if code == BAD_CREDENTIALS else CODES[code].status
    mostly_400 = switches.v3_http_statuses == "mostly_400" and status not in (401, 500)
    return 400 if mostly_400 else status
