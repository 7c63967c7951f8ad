"""What the document of PPG v2.4 lists: its codes with status and messages, and who may send them.

Source: "Possible Status and Error Codes" of each section.
"""

from __future__ import annotations

from typing import NamedTuple


class Said(NamedTuple):
    """How a code is told: the HTTP status, and the message in both languages."""

    status: int
    en: str
    fa: str


CODES = {
    "generate_token.api_key.is_required": Said(
        400, "The API key is required.", "کلید API الزامی است."
    ),
    "generate_token.secret_key.is_required": Said(
        400, "The secret key is required.", "کلید محرمانه الزامی است."
    ),
    "refresh_token.access_token.is_required": Said(
        400, "Access token is required.", "توکن دسترسی الزامی است."
    ),
    "refresh_token.refresh_token.is_required": Said(
        400, "Refresh token is required.", "توکن تازه‌سازی الزامی است."
    ),
    "order_create.user_identifier.is_required": Said(
        400, "User identifier is required.", "شناسهٔ کاربر الزامی است."
    ),
    "order_create.reference_number.is_required": Said(
        400, "Reference number is required.", "شمارهٔ مرجع الزامی است."
    ),
    "order_create.callback_url.is_required": Said(
        400, "Callback URL is required.", "نشانی بازگشت الزامی است."
    ),
    "order_create.callback_url.not_valid": Said(
        400, "Callback URL is invalid.", "نشانی بازگشت نامعتبر است."
    ),
    "order_create.amount.is_required": Said(
        400, "Amount of order is required.", "مبلغ سفارش الزامی است."
    ),
    "order_create.amount.positive": Said(
        400,
        "Amount of order must be positive (more than 99).",
        "مبلغ سفارش باید مثبت (بیش از ۹۹) باشد.",
    ),
    "order_create.currency.is_required": Said(400, "Currency is required.", "واحد پول الزامی است."),
    "token.channel_not_active": Said(401, "Channel is disabled.", "کانال غیرفعال است."),
    "token.generation.failed": Said(401, "Token generation failed.", "ساخت توکن ناموفق بود."),
    "token.verification.failed": Said(
        401, "Token verification failed.", "اعتبارسنجی توکن ناموفق بود."
    ),
    "user.not.authenticated": Said(
        401, "The merchant is not authenticated.", "پذیرنده احراز هویت نشده است."
    ),
    "merchant.inactive": Said(400, "Merchant is inactive.", "پذیرنده غیرفعال است."),
    "merchant.not_found": Said(404, "The merchant not found.", "پذیرنده پیدا نشد."),
    "web.invalid_or_missing_body": Said(
        400, "The body is invalid or missing.", "بدنهٔ درخواست نامعتبر است یا وجود ندارد."
    ),
    "binding.type_mismatch": Said(
        400, "The type of a sent field is wrong.", "نوع یکی از فیلدها نادرست است."
    ),
    "web.no_handler": Said(
        404, "The requested address is invalid.", "نشانی درخواست‌شده نامعتبر است."
    ),
    "web.method_not_allowed": Said(
        405,
        "The HTTP method is not supported on the resource.",
        "این متد HTTP برای این منبع پشتیبانی نمی‌شود.",
    ),
    "web.not_acceptable": Said(406, "The Accept header is invalid.", "سرآیند Accept نامعتبر است."),
    "web.unsupported_media_type": Said(
        415,
        "The Content-Type header is not supported.",
        "سرآیند Content-Type پشتیبانی نمی‌شود.",
    ),
    "service.internal_error": Said(500, "Internal error.", "خطای داخلی سرویس."),
}

ANY_CALL = {
    *("web.no_handler", "web.method_not_allowed", "web.not_acceptable"),
    "service.internal_error",
}
WITH_BODY = {
    *("web.invalid_or_missing_body", "binding.type_mismatch", "web.unsupported_media_type"),
}
TOKEN_CALL = ANY_CALL | WITH_BODY | {"token.channel_not_active", "token.generation.failed"}
ORDER_CALL = ANY_CALL | {"token.verification.failed", "merchant.not_found"}
DOCUMENTED = {
    "Authentication Mechanism": TOKEN_CALL
    | {"generate_token.api_key.is_required", "generate_token.secret_key.is_required"},
    "Refresh Tokens Request": TOKEN_CALL
    | {"refresh_token.access_token.is_required", "refresh_token.refresh_token.is_required"},
    "Create Order": ORDER_CALL
    | WITH_BODY
    | {code for code in CODES if code.startswith("order_create.")}
    | {"merchant.inactive"},
    "Verify Order": ORDER_CALL | {"user.not.authenticated"},
    "Inquiry Order": ORDER_CALL,
    "Orders List": ORDER_CALL,
}
