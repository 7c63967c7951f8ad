"""State what the clients and the sandbox assume about PPG v2.4 without being sure of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from .facts import Fact, Observations, tells_nothing
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

MERCHANT: Final = frozenset({"merchant.inactive", "merchant.not_found"})
BLOCKING: Final = MERCHANT | {"web.too_many_requests"}
SMALL: Final = "order_create.amount.positive"
TOTALS: Final = ("numberOfElemnts", "numberOfElements")


def _id_has_8_letters_or_digits(seen: Observations) -> str | None:
    identifier = str(seen.success("create").body.get("orderIdentifier"))
    if re.fullmatch("[0-9A-Za-z]{8}", identifier):
        return None
    return f"it has {len(identifier)} characters"


def _total_has_both_spellings(seen: Observations) -> str | None:
    spelt = [name for name in TOTALS if name in seen.success("list").body]
    return None if len(spelt) == len(TOTALS) else f"only {spelt[0]}" if spelt else "no total"


def _reference_may_be_used_again(seen: Observations) -> str | None:
    answer = seen.answer("same_reference")
    if answer.ok or answer.codes == ("order_create.reference_number.duplicated",):
        return None if answer.ok else answer.said
    raise tells_nothing(answer)


# fmt: off
FACTS: Final = (
    Fact("Tokens", "refresh_lifetime", "M", "A refresh token lives 48 hours", lives("refresh", timedelta(hours=48))),
    Fact("Tokens", "older_key_names", "M", "The keys are not taken as merchantCode and password", refused("older_keys", 400, "generate_token.api_key.is_required", "generate_token.secret_key.is_required")),
    Fact("Tokens", "empty_bearer", "M", "A token call may carry an empty Bearer header", answered("empty_bearer")),
    Fact("Tokens", "two_pairs", "M", "A new pair leaves an earlier one alive", not_with_status("first_pair", 401)),
    Fact("Tokens", "old_access", "M", "After a refresh the old access token is dead", with_status("old_access", 401)),
    Fact("Tokens", "used_refresh", "M", "A used refresh token is token.generation.failed, HTTP 401", refused("used_refresh", 401, "token.generation.failed")),
    Fact("Errors", "wrong_keys", "M", "Wrong keys are token.generation.failed, HTTP 401", refused("wrong_keys", 401, "token.generation.failed")),
    Fact("Errors", "no_keys", "M", "Missing keys are refused by name, HTTP 400", refused("no_keys", 400, "generate_token.api_key.is_required", "generate_token.secret_key.is_required")),
    Fact("Errors", "no_token", "L", "A call without a token is token.verification.failed, HTTP 401", refused("no_token", 401, "token.verification.failed")),
    Fact("Errors", "dead_token", "M", "A dead token is token.verification.failed, HTTP 401", refused("dead_token", 401, "token.verification.failed")),
    Fact("Errors", "message_language", "H", "Messages follow Accept-Language", in_both_languages("small_in_english", "small_in_persian")),
    Fact("Errors", "broken_body", "H", "A body that is no JSON is web.invalid_or_missing_body, HTTP 400", refused("not_json", 400, "web.invalid_or_missing_body")),
    Fact("Errors", "unknown_path", "H", "An unknown address is web.no_handler, HTTP 404", refused("unknown_path", 404, "web.no_handler")),
    Fact("Errors", "wrong_method", "H", "A wrong method is web.method_not_allowed, HTTP 405", refused("wrong_method", 405, "web.method_not_allowed")),
    Fact("Errors", "wrong_accept", "H", "Another Accept is web.not_acceptable, HTTP 406", refused("wrong_accept", 406, "web.not_acceptable")),
    Fact("Errors", "wrong_content_type", "H", "Another Content-Type is web.unsupported_media_type, HTTP 415", refused("wrong_content_type", 415, "web.unsupported_media_type")),
    Fact("Errors", "get_with_body", "M", "A GET with a body is answered", answered("get_with_body")),
    Fact("Errors", "accept_list", "M", "A list of types in Accept is understood", answered("accept_list")),
    Fact("Create Order", "merchant", "M", "The merchant is known and active", not_refused_with("create", MERCHANT)),
    Fact("Create Order", "unknown_fields", "M", "Unknown fields of a request are ignored", refused("unknown_field", 400, SMALL)),
    Fact("Create Order", "all_at_once", "M", "Wrong fields are refused all at once, HTTP 400", refused("little_alone", 400, SMALL, "order_create.user_identifier.is_required", "order_create.reference_number.is_required", "order_create.callback_url.is_required")),
    Fact("Create Order", "amount_as_text", "M", "An amount that is a text is binding.type_mismatch, HTTP 400", refused("text_alone", 400, "binding.type_mismatch")),
    Fact("Create Order", "force_as_boolean", "M", "forcePayerCardNumber may be a boolean", refused("force_as_boolean", 400, SMALL)),
    Fact("Create Order", "body_of_other_clients", "M", "Nulls, escaped slashes, a last line break and a charset are understood", refused("body_of_other_clients", 400, SMALL)),
    Fact("Create Order", "order_identifier", "M", "orderIdentifier has 8 letters or digits", _id_has_8_letters_or_digits),
    Fact("Create Order", "payment_address", "M", "The payer's address is {base}/orders/{orderIdentifier}/payments", payment_address("pspSwitchingUrl", "/orders/{}/payments", "orderIdentifier")),
    Fact("Create Order", "reused_reference", "L", "A reference may be used again", _reference_may_be_used_again),
    Fact("Verify Order", "verify_unpaid", "L", "Verifying what nobody paid is Failed, HTTP 200", says("verify", "status", "Failed")),
    Fact("Verify Order", "verify_changes_nothing", "L", "Verifying what nobody paid changes nothing", says("inquiry_after_verify", "status", "IN_PROGRESS")),
    Fact("Verify Order", "verify_again", "L", "Verifying a second time is Successful", unseen(NEEDS_PAYMENT)),
    Fact("Verify Order", "verify_late", "L", "Verifying after the end is Failed; the inquiry says EXPIRED", unseen(NEEDS_TIME)),
    Fact("Verify Order", "expiry", "L", "The expiry runs 15 minutes after the creation", unseen(NEEDS_TIME)),
    Fact("Verify Order", "money_returned", "M", "Money that is not verified goes back to the payer", unseen(NEEDS_PAYMENT)),
    Fact("Inquiry Order", "paid_inquiry", "L", "What is paid and not verified is IN_PROGRESS", unseen(NEEDS_PAYMENT)),
    Fact("Inquiry Order", "unknown_order", "L", "An unknown order is order.not_found, HTTP 404", refused("unknown_id", 404, "order.not_found")),
    Fact("Inquiry Order", "order_of_another", "L", "An order of another merchant is not found either", unseen("it needs an order of another merchant")),
    Fact("Orders List", "total_spelling", "M", "The list's total is spelt numberOfElemnts and numberOfElements", _total_has_both_spellings),
    Fact("Orders List", "first_page", "L", "Pages count from 1", says("list", "pageNumber", 1)),
    Fact("Orders List", "page_size", "L", "A page has 25 orders unless its size is named", says("list", "size", 25)),
    Fact("Orders List", "largest_page", "L", "A size above 250 is cut to 250", says("large_list", "size", 250)),
    Fact("Orders List", "unreadable_query", "L", "A filter that cannot be read is binding.type_mismatch, HTTP 400", refused("unreadable_query", 400, "binding.type_mismatch")),
    Fact("Orders List", "newest_first", "L", "The list begins with the newest order", unseen("it needs orders that are not of this check")),
)
# fmt: on
