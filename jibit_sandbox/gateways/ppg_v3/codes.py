"""PPG v3's codes, with HTTP statuses and messages.

Source: PPG v3, OpenAPI 3.2.48. The document names the codes without their HTTP statuses, so these
are a choice; the switch ``v3_http_statuses`` has the other one: 400 for all but 401 and 500.
"""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """The HTTP status of a code, and its message in both languages."""

    status: int
    message: str


BAD_CREDENTIALS = "security.bad_credentials"
NOT_ACTIVE = "client.not_active"
WRONG_BODY = "web.invalid_or_missing_body"
WRONG_QUERY = "binding.type_mismatch"
TRANSFER_CODES = {  # of Jibit's transfer service; most of them come on request only
    "daily_limitation.reached": Code(400, "The daily limit of transfers is reached."),
    "transfer.already_exists": Code(400, "The transfer exists already."),
    "payment_id.not_enabled": Code(400, "Payment ids are not enabled for the client."),
    "batchID.invalid_length": Code(400, "The length of the batch id is wrong."),
    "submissionMode.not_valid": Code(400, "The submission mode is invalid."),
    "transfers.invalid_length": Code(400, "The number of transfers is wrong."),
    "transfers.0.source_bank.not_supported": Code(400, "The source bank is not supported."),
    **{
        f"transfers.0.{name}.invalid_length": Code(400, "A text of the transfer is too long.")
        for name in (
            *("transferID", "destinationFirstName", "destinationLastName", "description"),
            *("metadata", "notifyURL", "paymentID"),
        )
    },
    **{
        f"transfers.0.{name}.not_valid": Code(400, "A field of the transfer is invalid.")
        for name in ("destination", "currency", "notifyURL", "paymentID")
    },
    **{
        f"transfers.0.amount.not_enough_for_{mode}": Code(400, "The amount is too small.")
        for mode in ("ach", "normal")
    },
    **{
        f"transfers.0.amount.exceeded_maximum_for_{mode}": Code(400, "The amount is too large.")
        for mode in ("ach", "normal")
    },
}
CODES = {
    # access
    "security.auth_required": Code(401, "Authentication is required."),
    "token.verification_failed": Code(401, "Token verification failed."),
    BAD_CREDENTIALS: Code(400, "The credentials are wrong."),
    NOT_ACTIVE: Code(400, "The client is not active."),
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
    "reverse.not_supported": Code(400, "A purchase of this kind cannot be reversed."),
    "purchase.not_reversible": Code(400, "The purchase cannot be reversed."),
    "purchase.refunded": Code(400, "The purchase was refunded."),
    "purchase.already_reversed": Code(400, "The purchase was reversed before."),
    "refund.not_supported": Code(400, "Refund is not enabled for the client."),
    "balances.not_enough": Code(400, "The balance is not enough."),
    **TRANSFER_CODES,
    "transfer.not_found": Code(404, "The transfer was not found."),
    "verify.failed": Code(400, "The verification of the transfer has failed."),
    "verify.not_applicable": Code(400, "The transfer does not wait for a verification."),
    "retry.failed": Code(400, "Trying the transfer again has failed."),
    "retry.not_applicable": Code(400, "The transfer cannot be tried again."),
    "cancellation.failed": Code(400, "The cancellation of the transfer has failed."),
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
