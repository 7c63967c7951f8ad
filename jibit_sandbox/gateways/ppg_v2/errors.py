"""PPG's error envelope and every code of the document, with its HTTP status and both languages.

Source: PPG v2.4, "Error Handling Mechanism" and "Possible Status and Error Codes" of each section.
"""

from __future__ import annotations

from typing import NamedTuple

from flask import Response, jsonify

from jibit_sandbox.core import context
from jibit_sandbox.core.context import Call, error_in, switches_for
from jibit_sandbox.i18n.translations import translate


class Code(NamedTuple):
    """The HTTP status of a code, and its message in both languages."""

    status: int
    message: str


CODES = {
    "generate_token.api_key.is_required": Code(400, "The API key is required."),
    "generate_token.secret_key.is_required": Code(400, "The secret key is required."),
    "refresh_token.access_token.is_required": Code(400, "Access token is required."),
    "refresh_token.refresh_token.is_required": Code(400, "Refresh token is required."),
    "order_create.user_identifier.is_required": Code(400, "User identifier is required."),
    "order_create.reference_number.is_required": Code(400, "Reference number is required."),
    "order_create.amount.is_required": Code(400, "Amount of order is required."),
    "order_create.amount.positive": Code(
        400,
        "Amount of order must be positive (more than 99).",
    ),
    "order_create.currency.is_required": Code(400, "Currency is required."),
    "order_create.callback_url.is_required": Code(400, "Callback URL is required."),
    "order_create.callback_url.not_valid": Code(400, "Callback URL is invalid."),
    "order_create.reference_number.duplicated": Code(400, "Reference number was used before."),
    "merchant.inactive": Code(400, "Merchant is inactive."),
    "web.invalid_or_missing_body": Code(400, "The body is invalid or missing."),
    "binding.type_mismatch": Code(400, "The type of a sent field is wrong."),
    "token.channel_not_active": Code(401, "Channel is disabled."),
    "token.generation.failed": Code(401, "Token generation failed."),
    "token.verification.failed": Code(401, "Token verification failed."),
    "token.verification_failed": Code(401, "Token verification failed."),
    "security.auth_required": Code(401, "Authentication is required."),
    "user.not.authenticated": Code(401, "The merchant is not authenticated."),
    "merchant.not_found": Code(404, "The merchant not found."),
    "order.not_found": Code(404, "The order not found."),
    "web.no_handler": Code(404, "The requested address is invalid."),
    "web.method_not_allowed": Code(
        405,
        "The HTTP method is not supported on the resource.",
    ),
    "web.not_acceptable": Code(406, "The Accept header is invalid."),
    "web.unsupported_media_type": Code(415, "The Content-Type header is not supported."),
    "web.too_many_requests": Code(429, "Too many requests."),
    "service.internal_error": Code(500, "Internal error."),
}

# What a bare HTTP error is called; 401 on an order's call is a matter of its token.
CODE_OF_STATUS = {
    400: "web.invalid_or_missing_body",
    401: "token.verification.failed",
    404: "web.no_handler",
    405: "web.method_not_allowed",
    406: "web.not_acceptable",
    413: "web.invalid_or_missing_body",
    415: "web.unsupported_media_type",
    429: "web.too_many_requests",
}


class Refusal(context.Refusal):
    """A call is refused with these codes; the first one gives the HTTP status."""

    def __init__(self, *codes: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(", ".join(codes))
        self.codes, self.fields = codes, fields

    def response(self, call: Call) -> Response:
        return refusal_response(call, self.codes)


class WrongType(Refusal):
    """A field of the body has another JSON type; a switch has the code for it."""

    def __init__(self, field: str) -> None:
        super().__init__("binding.type_mismatch", fields=(field,))

    def response(self, call: Call) -> Response:
        return refusal_response(call, (switches_for(call).wrong_type,))


def refusal_response(call: Call, codes: tuple[str, ...], status: int | None = None) -> Response:
    """Return ``{"fingerprint": ..., "errors": [{"code": ..., "message": ...}]}``."""
    response = jsonify(
        fingerprint=call.fingerprint, errors=[error_in(call, code) for code in codes]
    )
    response.status_code = status or CODES[codes[0]].status
    return response


def message(code: str, language: str) -> str:
    return translate(CODES[code].message, language)


class Section(NamedTuple):
    """A section of the document: its title, its own codes, and those this sandbox adds."""

    title: str
    codes: tuple[str, ...]
    added: tuple[str, ...] = ()

    def all_codes(self) -> tuple[str, ...]:
        return self.codes + self.added + ("web.too_many_requests",)


GET_CODES = ("web.no_handler", "web.method_not_allowed", "web.not_acceptable")
POST_CODES = (
    *("web.invalid_or_missing_body", "binding.type_mismatch"),
    *GET_CODES,
    "web.unsupported_media_type",
)
TOKEN_CODES = ("token.channel_not_active", "token.generation.failed")
ORDER_CODES = ("token.verification.failed", "merchant.not_found")
LAST = "service.internal_error"

SECTIONS = {  # by operation
    "generate": Section(
        "Authentication Mechanism",
        (
            *("generate_token.api_key.is_required", "generate_token.secret_key.is_required"),
            *(*POST_CODES, *TOKEN_CODES, LAST),
        ),
    ),
    "refresh": Section(
        "Refresh Tokens Request",
        (
            "refresh_token.access_token.is_required",
            "refresh_token.refresh_token.is_required",
            *(*POST_CODES, *TOKEN_CODES, LAST),
        ),
    ),
    "create": Section(
        "Create Order",
        (
            "order_create.user_identifier.is_required",
            "order_create.reference_number.is_required",
            "order_create.amount.is_required",
            "order_create.amount.positive",
            "order_create.currency.is_required",
            "order_create.callback_url.is_required",
            "order_create.callback_url.not_valid",
            *("merchant.inactive", *POST_CODES, *ORDER_CODES, LAST),
        ),
        ("order_create.reference_number.duplicated",),
    ),
    "verify": Section(
        "Verify Order",
        ("user.not.authenticated", *ORDER_CODES, *GET_CODES, LAST),
        ("order.not_found",),
    ),
    "inquiry": Section("Inquiry Order", (*ORDER_CODES, *GET_CODES, LAST), ("order.not_found",)),
    "list": Section("Orders List", (*ORDER_CODES, *GET_CODES, LAST), ("binding.type_mismatch",)),
}
