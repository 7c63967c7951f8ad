"""State what the clients and the sandbox assume about PPG v3 without being sure of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from . import ppg_v3_judging as v3
from .facts import Fact
from .judging import (
    NEEDS_PAYMENT,
    NEEDS_TIME,
    answered,
    in_both_languages,
    lives,
    not_refused_with,
    not_with_status,
    payment_address,
    refused,
    says,
    unseen,
    with_status,
)

BLOCKING: Final = frozenset(
    {"ip.not_trusted", "client.not_active", "too_many_requests", "server.error"}
)
NEEDS_REVERSAL: Final = unseen("it needs a reversal, and this check sends none")
NEEDS_REFUND: Final = unseen("it needs a refund, and this check sends none")
NEEDS_LISTS: Final = unseen("it needs a second list call at the same moment")
BODY: Final = "web.invalid_or_missing_body"
SMALL: Final = "amount.not_enough"

# fmt: off
FACTS: Final = (
    Fact("Conventions", "message_language", "M", "Messages follow Accept-Language", in_both_languages("small_in_english", "small_in_persian")),
    Fact("Conventions", "any_accept", "H", "Any Accept header is answered", answered("any_accept")),
    Fact("Conventions", "empty_fields", "M", "Fields without a value are left out, not null", v3.has_no_nulls),
    Fact("Conventions", "unknown_fields", "M", "Unknown fields of a request are ignored", refused("unknown_field", 400, SMALL)),
    Fact("Tokens", "access_lifetime", "M", "An access token is a JWT of 24 hours", lives("access", timedelta(hours=24))),
    Fact("Tokens", "refresh_lifetime", "M", "A refresh token is a JWT of 48 hours", lives("refresh", timedelta(hours=48))),
    Fact("Tokens", "older_key_names", "L", "The keys are not taken as username and password", refused("older_keys", 400, "apiKey.is_required", "secretKey.is_required")),
    Fact("Tokens", "two_pairs", "M", "A new pair leaves an earlier one alive", not_with_status("first_pair", 401)),
    Fact("Tokens", "old_access", "M", "After a refresh the old access token is dead", with_status("old_access", 401)),
    Fact("Tokens", "used_refresh", "M", "A used refresh token is security.bad_credentials, HTTP 400", refused("used_refresh", 400, "security.bad_credentials")),
    Fact("Errors", "no_token", "H", "A call without a token is security.auth_required, HTTP 401", refused("no_token", 401, "security.auth_required")),
    Fact("Errors", "dead_token", "M", "A dead token is token.verification_failed, HTTP 401", refused("dead_token", 401, "token.verification_failed")),
    Fact("Errors", "bad_credentials", "M", "Wrong keys are security.bad_credentials, HTTP 400", refused("wrong_keys", 400, "security.bad_credentials")),
    Fact("Errors", "no_keys", "M", "Missing keys are apiKey.is_required and secretKey.is_required, HTTP 400", refused("no_keys", 400, "apiKey.is_required", "secretKey.is_required")),
    Fact("Errors", "client_not_active", "L", "An inactive merchant is client.not_active, HTTP 400", unseen("it needs a merchant that is not active")),
    Fact("Errors", "ip_not_trusted", "L", "An address that is not registered is ip.not_trusted, HTTP 403", v3.unknown_address_is_refused),
    Fact("Errors", "broken_body", "M", f"A body that is no JSON is {BODY}, HTTP 400", refused("not_json", 400, BODY)),
    Fact("Errors", "unreadable_query", "M", "An unreadable query value is binding.type_mismatch, HTTP 400", refused("unreadable_query", 400, "binding.type_mismatch")),
    Fact("Errors", "unknown_path", "M", "An unknown address is web.no_handler, HTTP 404", refused("unknown_path", 404, "web.no_handler")),
    Fact("Errors", "wrong_method", "M", "A wrong method is web.method_not_allowed, HTTP 405", refused("wrong_method", 405, "web.method_not_allowed")),
    Fact("Errors", "wrong_content_type", "M", "Another Content-Type is web.unsupported_media_type, HTTP 415", refused("wrong_content_type", 415, "web.unsupported_media_type")),
    Fact("Errors", "parallel_lists", "M", "A second list call at once is too_many_requests, HTTP 429", NEEDS_LISTS),
    Fact("Errors", "purchase_not_found", "L", "An unknown purchase is purchase.not_found, HTTP 404", refused("verify_unknown", 404, "purchase.not_found")),
    Fact("Errors", "all_at_once", "M", "Wrong fields are refused all at once, HTTP 400", refused("little_alone", 400, SMALL, "currency.is_required", "callbackUrl.is_required", "clientReferenceNumber.is_required")),
    Fact("Create", "least_amount", "M", f"An amount below 5,000 Rials is {SMALL}, HTTP 400", refused("small_in_english", 400, SMALL)),
    Fact("Create", "amount_as_text", "L", f"An amount that is a text is {BODY}", refused("text_alone", 400, BODY)),
    Fact("Create", "amount_with_fraction", "L", f"An amount with a fraction is {BODY}", refused("fraction_alone", 400, BODY)),
    Fact("Create", "largest_amount", "M", "An amount above the limit is amount_plus_wage.permitted_value_exceeded", refused("large_amount", 400, "amount_plus_wage.permitted_value_exceeded")),
    Fact("Create", "limit", "M", "The limit is 2,000,000,000 Rials", unseen("it needs a purchase of that amount")),
    Fact("Create", "wage_of_15_percent", "L", "A wage of exactly 15 % is accepted", v3.wage_of_15_percent_is_accepted),
    Fact("Create", "other_currency", "M", f"Another currency than IRR is {BODY}", refused("other_currency", 400, BODY)),
    Fact("Create", "callback_address", "M", "A callback that is no address is callbackUrl.is_invalid", refused("no_callback_address", 400, SMALL, "callbackUrl.is_invalid")),
    Fact("Create", "long_reference", "L", "A reference above 50 letters is clientReferenceNumber.max_length", refused("long_reference", 400, SMALL, "clientReferenceNumber.max_length")),
    Fact("Create", "number_as_reference", "L", "A reference may be a number", refused("number_as_reference", 400, SMALL)),
    Fact("Create", "duplicated_reference", "M", "A used reference is clientReferenceNumber.duplicated, HTTP 400", refused("same_reference", 400, "clientReferenceNumber.duplicated")),
    Fact("Create", "reference_of_a_refused_create", "L", "The reference of a refused create is free again", v3.reference_is_free_again),
    Fact("Create", "foreign_mobile", "M", "A mobile number with +98 is payerMobileNumber.is_invalid", refused("foreign_mobile", 400, SMALL, "payerMobileNumber.is_invalid")),
    Fact("Create", "text_as_data", "L", f"additionalData that is a text is {BODY}", refused("text_as_data", 400, BODY)),
    Fact("Create", "payable_amount", "L", "payableAmount is amount and wage", v3.payable_is_amount_and_wage),
    Fact("Create", "payment_address", "H", "The payer's address is {base}/purchases/{purchaseId}/payments", payment_address("pspSwitchingUrl", "/purchases/{}/payments", "purchaseIdStr")),
    Fact("Create", "fee_call", "L", "POST /purchases/fee tells the fee", unseen("no document describes this call, so it is not sent")),
    Fact("Callback", "callback_method", "M", "The browser posts a form to the callback", unseen(NEEDS_PAYMENT)),
    Fact("Callback", "callback_fields", "M", "Its fields depend on success; its amount is without the wage", unseen(NEEDS_PAYMENT)),
    Fact("Callback", "callback_query", "M", "The callback keeps the query of its address", unseen(NEEDS_PAYMENT)),
    Fact("Verify", "verify_unpaid", "M", "Verifying what nobody paid is NOT_VERIFIABLE, HTTP 200", says("verify", "status", "NOT_VERIFIABLE")),
    Fact("Verify", "verify_changes_nothing", "M", "Verifying what nobody paid changes nothing", v3.state_is("inquiry_after_verify", "IN_PROGRESS")),
    Fact("Verify", "verify_again", "M", "Verifying a second time is ALREADY_VERIFIED, HTTP 200", unseen(NEEDS_PAYMENT)),
    Fact("Verify", "verify_reversed", "M", "Verifying what was reversed is REVERSED or purchase.already_reversed", NEEDS_REVERSAL),
    Fact("Inquiry", "unknown_id", "M", "An id that no purchase has is an empty list, HTTP 200", v3.finds_nothing),
    Fact("Inquiry", "purchase_of_another", "L", "A purchase of another merchant is not found either", unseen("it needs a purchase of another merchant")),
    Fact("Inquiry", "filter_by_id", "H", "The filter purchaseId finds the purchase alone", v3.finds_the_purchase("inquiry")),
    Fact("Inquiry", "filter_by_reference", "H", "The filter clientReferenceNumber finds the purchase alone", v3.finds_the_purchase("inquiry_by_reference")),
    Fact("Inquiry", "page_size", "M", "A page above 250 rows is page_size.max_exceeded, HTTP 400", refused("large_page", 400, "page_size.max_exceeded")),
    Fact("Inquiry", "newest_first", "L", "Lists begin with the newest purchase", unseen("it needs purchases that are not of this check")),
    Fact("Reverse", "reverse", "M", "Reversal is off", NEEDS_REVERSAL),
    Fact("Reverse", "reverse_unverified", "L", "A reversal before the verify is refused", NEEDS_REVERSAL),
    Fact("Reverse", "late_reverse", "L", "A reversal is possible for 24 hours after the capture", NEEDS_REVERSAL),
    Fact("Reverse", "reverse_manual", "L", "MANUALLY_SUCCESS is not reversible, but can be refunded", NEEDS_REVERSAL),
    Fact("Refund", "refund", "M", "Refunds are off", NEEDS_REFUND),
    Fact("Refund", "refund_verification", "M", "A refund does not wait for a verification", NEEDS_REFUND),
    Fact("Refund", "refund_balance", "M", "A refund needs enough balance", NEEDS_REFUND),
    Fact("Refund", "refund_the_rest", "M", "A refund without an amount returns the rest", NEEDS_REFUND),
    Fact("Refund", "refund_too_much", "L", "A refund above the rest is transfers.0.amount.exceeded_maximum_for_normal", NEEDS_REFUND),
    Fact("States", "contradictions", "L", "FAILED and EXPIRED may become MANUALLY_SUCCESS or REVERSED", unseen("it needs a payment that the bank contradicts")),
    Fact("States", "expiry", "L", "The expiry runs 15 minutes after the creation", unseen(NEEDS_TIME)),
    Fact("Features", "ip_accepted", "M", "The gateway accepts calls from our address", not_refused_with("health", frozenset({"ip.not_trusted"}))),
    Fact("Features", "callback_domain", "M", "The gateway accepts the callback's domain", v3.callback_is_accepted),
    Fact("Features", "health", "M", "The gateway says that it is up", says("health", "status", "UP")),
    Fact("Features", "balances", "M", "The balances can be read", answered("balances")),
    Fact("Features", "fee_as_wage", "M", "Fee as wage is off", v3.wages_are_ours),
    Fact("Features", "early_fees", "M", "Early calculation of fees is off", v3.has_no_early_fees),
    Fact("Features", "wide_histories", "M", "Histories without purchaseId are criteria.is_empty, HTTP 400", refused("wide_histories", 400, "criteria.is_empty")),
    Fact("Features", "auto_verify", "M", "Auto-verify is off at every terminal", v3.no_terminal_has("isAutoVerifyEnabled")),
    Fact("Features", "card_check", "M", "The check of the card is off at every terminal", v3.no_terminal_has("isSingleCardFreezeActive")),
    Fact("Features", "mobile_check", "M", "The check of the mobile number is off at every terminal", v3.no_terminal_has("isCheckPayerMobileNumberActive")),
    Fact("Features", "national_code_check", "M", "The check of the national code is off at every terminal", v3.no_terminal_has("isCheckPayerNationalCodeActive")),
)
# fmt: on
