"""The wallet's failures: ``errorCode`` above zero with a message, in both languages.

The document shows only ``errorCode`` 0. The numbers of failures are not documented, so the HTTP
status serves as the number.
"""

from __future__ import annotations

from typing import NamedTuple

from flask import Response, jsonify

from jibit_sandbox.core import context
from jibit_sandbox.core.context import Call, Fields


class Problem(NamedTuple):
    """The HTTP status of a problem, and its message in both languages."""

    status: int
    en: str
    fa: str


PROBLEMS = {
    "username": Problem(400, "username is required.", "username الزامی است."),
    "password": Problem(400, "password is required.", "password الزامی است."),
    "token": Problem(400, "token is required.", "token الزامی است."),
    "refreshToken": Problem(400, "refreshToken is required.", "refreshToken الزامی است."),
    "amount": Problem(
        400,
        "amount must be a whole number of Rials above zero.",
        "amount باید عدد صحیح مثبت (ریال) باشد.",
    ),
    "callBackUrl": Problem(
        400, "callBackUrl must be a web address.", "callBackUrl باید یک نشانی وب باشد."
    ),
    "userIdentity": Problem(
        400,
        "userIdentity must be a mobile number like 09121234567.",
        "userIdentity باید شمارهٔ موبایلی مانند 09121234567 باشد.",
    ),
    "merchantOrderId": Problem(
        400,
        "merchantOrderId must be a filled string or a whole number.",
        "merchantOrderId باید رشته‌ای ناتهی یا عدد صحیح باشد.",
    ),
    "reused": Problem(400, "merchantOrderId was used before.", "merchantOrderId تکراری است."),
    "text": Problem(
        400,
        "A field that has to be a string has another type.",
        "فیلدی که باید رشته باشد نوع دیگری دارد.",
    ),
    "inactive": Problem(400, "The merchant is inactive.", "پذیرنده غیرفعال است."),
    "not paid": Problem(
        409,
        "The order does not wait for a verification.",
        "این سفارش در انتظار تأیید نیست.",
    ),
    "credentials": Problem(
        401, "username or password is wrong.", "username یا password نادرست است."
    ),
    "channel": Problem(401, "The channel is disabled.", "کانال غیرفعال است."),
    "dead token": Problem(401, "The token is not valid.", "توکن معتبر نیست."),
    "merchant": Problem(404, "The merchant was not found.", "پذیرنده پیدا نشد."),
    "order": Problem(404, "The order was not found.", "سفارش پیدا نشد."),
}

# What a bare HTTP error is called.
OF_STATUS = {
    400: Problem(400, "The body is no JSON object.", "بدنهٔ درخواست یک شیء JSON نیست."),
    401: PROBLEMS["dead token"],
    404: Problem(404, "The address does not exist.", "چنین نشانی‌ای وجود ندارد."),
    405: Problem(
        405,
        "The method is not supported here.",
        "این متد HTTP برای این نشانی پشتیبانی نمی‌شود.",
    ),
    406: Problem(406, "The Accept header is not valid.", "سرآیند Accept نامعتبر است."),
    415: Problem(
        415, "Content-Type must be application/json.", "Content-Type باید application/json باشد."
    ),
    429: Problem(429, "Too many requests.", "تعداد درخواست‌ها بیش از اندازه است."),
    500: Problem(500, "Internal error.", "خطای داخلی سرویس."),
}


class Refusal(context.Refusal):
    """A call is refused because of one of PROBLEMS."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = PROBLEMS[problem]

    def response(self, call: Call) -> Response:
        return failure_response(call, self.problem)


def failure_response(call: Call, problem: Problem) -> Response:
    response = jsonify(failure(problem, call.language))
    response.status_code = problem.status
    return response


def failure(problem: Problem, language: str) -> Fields:
    """Return ``{"errorCode": 401, "message": ...}``."""
    message = problem.fa if language == "fa" else problem.en
    return {"errorCode": problem.status, "message": message}
