"""The words of PPG v3, as OpenAPI 3.2.48 and two newer clients have them: the tests' own list."""

from __future__ import annotations

TOO_LONG = "transfers.0.{}.invalid_length"
NOT_VALID = "transfers.0.{}.not_valid"
TRANSFER_CODES = {  # Jibit's transfer service speaks: a refund can be answered so
    *("daily_limitation.reached", "transfer.already_exists", "payment_id.not_enabled"),
    *("batchID.invalid_length", "submissionMode.not_valid", "transfers.invalid_length"),
    *map(
        TOO_LONG.format,
        (
            *("transferID", "destinationFirstName", "destinationLastName", "description"),
            *("metadata", "notifyURL", "paymentID"),
        ),
    ),
    *map(NOT_VALID.format, ("destination", "currency", "notifyURL", "paymentID")),
    "transfers.0.source_bank.not_supported",
    *("transfers.0.amount.not_enough_for_ach", "transfers.0.amount.exceeded_maximum_for_ach"),
}
CODES = TRANSFER_CODES | {
    # section 2
    *("security.auth_required", "token.verification_failed", "security.bad_credentials"),
    *("client.not_active", "ip.not_trusted"),
    *("apiKey.is_required", "secretKey.is_required", "refreshToken.is_required"),
    *("web.invalid_or_missing_body", "binding.type_mismatch", "web.no_handler"),
    *("web.method_not_allowed", "web.not_acceptable", "web.unsupported_media_type"),
    *("too_many_requests", "server.error"),
    # section 3, create
    *("amount.is_required", "amount.not_enough", "wage.is_invalid"),
    "wage.must_be_less_than_fifteen_percent_of_purchase_amount",
    "fee_as_wage.wage_must_be_zero",
    "amount_plus_wage.permitted_value_exceeded",
    "amount_plus_wage.max_value_exceeded",
    "currency.is_required",
    *("callbackUrl.is_required", "callbackUrl.is_invalid", "callbackUrl.max_length"),
    "callbackUrl.domain_not_in_whitelist",
    *("clientReferenceNumber.is_required", "clientReferenceNumber.duplicated"),
    *("clientReferenceNumber.max_length", "userIdentifier.max_length", "description.max_length"),
    *("payerMobileNumber.is_invalid", "payerMobileNumber.in_blacklist"),
    "payerMobileNumber.must_be_provided_to_check_with_card_number",
    "payerCardNumber.is_invalid",
    "payerCardNumber_and_payerCardNumbers.just_one_of_them_is_permitted",
    "payerNationalCode.is_invalid",
    "payerNationalCode_and_payerMobileNumber.are_required",
    "switching.terminalIds.is_required",
    # section 3, verify and inquiry
    *("payment.already_verified", "purchase.invalid_state", "purchase.already_reversed"),
    *("purchase.not_found", "page_number.max_exceeded", "page_size.max_exceeded"),
    # section 3, reverse
    *("reverse.is_not_enabled", "reverse.not_supported", "purchase.not_reversible"),
    *("purchase.refunded", "clientReferenceNumber_or_purchaseId.are_required"),
    # section 3, refund
    *("refund.not_supported", "balances.not_enough", "transfer.not_found"),
    *("transfers.0.amount.not_enough_for_normal", "transfers.0.amount.exceeded_maximum_for_normal"),
    *("verify.failed", "verify.not_applicable", "retry.failed", "retry.not_applicable"),
    *("cancellation.failed", "cancellation.not_applicable"),
    # section 3, histories
    *("criteria.is_empty", "states.can_not_have_null_value"),
    "from_and_to.difference_must_be_less_than_3_hours",
}
NOT_PRODUCED = {  # and why
    "web.not_acceptable": "any Accept header is answered",
    "amount_plus_wage.max_value_exceeded": "an older name of permitted_value_exceeded",
    "payerNationalCode_and_payerMobileNumber.are_required": "an older rule: the code stands alone",
}

VERIFY_STATUSES = {"SUCCESSFUL", "ALREADY_VERIFIED", "NOT_VERIFIABLE", "FAILED", "UNKNOWN"}
REVERSE_STATUSES = {"SUCCESSFUL", "ALREADY_REVERSED", "NOT_REVERSIBLE", "FAILED", "UNKNOWN"}
CALLBACK_STATUSES = {"SUCCESSFUL", "FAILED", "UNKNOWN"}
FAIL_REASONS = {
    *("CANCELLED_BY_USER", "TRANSACTION_TIMED_OUT", "PSP_PAYER_CARD_NOT_MATCHED", "UNKNOWN"),
}
PURCHASE_STATES = {
    *("IN_PROGRESS", "READY_TO_VERIFY", "SUCCESS", "UNKNOWN", "FAILED", "EXPIRED"),
    *("MANUALLY_SUCCESS", "REVERSED"),
}
TRANSFER_STATES = {
    *("INITIALIZED", "FEE_COMPUTED", "CORE_SUBMITTED", "DESTINATION_IDENTIFIED", "IN_PROGRESS"),
    *("RETRYING", "ON_HOLD", "ON_HOLD_BALANCES_NOT_ENOUGH", "ON_HOLD_WAIT_FOR_MANUAL_SUBMISSION"),
    *("ON_HOLD_WAIT_FOR_VERIFY", "CANCELLING", "CANCELLED", "TRANSFERRED", "FAILED"),
    "MANUALLY_FAILED",
}
SETTLEMENT_STATES = {"IN_PROGRESS", "FAILED", "SETTLED", "OBSOLETE", "EARLY_SETTLED"}
HEALTH = {"UP", "DOWN", "NOT_IMPLEMENTED"}
PSPS = {"saman-ipg", "sepehr-ipg", "behpardakht-ipg"}
BALANCES = {"WLT", "STL", "FEE", "SHW", "BLK"}
