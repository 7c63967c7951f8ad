"""The wallet's failures: ``errorCode`` above zero with a message, in both languages.

The document shows only ``errorCode`` 0. The numbers of failures are not documented, so the HTTP
status serves as the number.
"""

from __future__ import annotations

from typing import NamedTuple

from flask import Response, jsonify

from jibit_sandbox.core import context
from jibit_sandbox.core.context import Call, Fields
from jibit_sandbox.i18n.translations import translate


class Problem(NamedTuple):
    """The HTTP status of a problem, and its message in both languages."""

    status: int
    message: str


PROBLEMS = {
    "username": Problem(400, "username is required."),
    "password": Problem(400, "password is required."),
    "token": Problem(400, "token is required."),
    "refreshToken": Problem(400, "refreshToken is required."),
    "amount": Problem(
        400,
        "amount must be a whole number of Rials above zero.",
    ),
    "callBackUrl": Problem(400, "callBackUrl must be a web address."),
    "userIdentity": Problem(
        400,
        "userIdentity must be a mobile number like 09121234567.",
    ),
    "merchantOrderId": Problem(
        400,
        "merchantOrderId must be a filled string or a whole number.",
    ),
    "reused": Problem(400, "merchantOrderId was used before."),
    "text": Problem(
        400,
        "A field that has to be a string has another type.",
    ),
    "inactive": Problem(400, "The merchant is inactive."),
    "not paid": Problem(
        409,
        "The order does not wait for a verification.",
    ),
    "credentials": Problem(401, "username or password is wrong."),
    "channel": Problem(401, "The channel is disabled."),
    "dead token": Problem(401, "The token is not valid."),
    "merchant": Problem(404, "The merchant was not found."),
    "order": Problem(404, "The order was not found."),
}

FIELDS = (  # the problems that have the name of their field
    *("username", "password", "token", "refreshToken", "amount", "callBackUrl", "userIdentity"),
    "merchantOrderId",
)

# What a bare HTTP error is called.
OF_STATUS = {
    400: Problem(400, "The body is no JSON object."),
    401: PROBLEMS["dead token"],
    404: Problem(404, "The address does not exist."),
    405: Problem(
        405,
        "The method is not supported here.",
    ),
    406: Problem(406, "The Accept header is not valid."),
    415: Problem(415, "Content-Type must be application/json."),
    429: Problem(429, "Too many requests."),
    500: Problem(500, "Internal error."),
}


class Refusal(context.Refusal):
    """A call is refused because of one of PROBLEMS."""

    def __init__(self, problem: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(problem)
        self.problem = PROBLEMS[problem]
        self.fields = fields or ((problem,) if problem in FIELDS else ())

    def response(self, call: Call) -> Response:
        return failure_response(call, self.problem)


def failure_response(call: Call, problem: Problem) -> Response:
    response = jsonify(failure(problem, call.language))
    response.status_code = problem.status
    return response


def failure(problem: Problem, language: str) -> Fields:
    """Return ``{"errorCode": 401, "message": ...}``."""
    return {"errorCode": problem.status, "message": translate(problem.message, language)}
