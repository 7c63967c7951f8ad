"""Answer the doctor, who asks through the web server in front how a request reaches the shop."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from limits import RateLimitItemPerMinute

from storefront.doctor import question
from storefront.web import limits
from storefront.web.security import keep_private

blueprint = Blueprint("doctor", __name__)

ONCE = RateLimitItemPerMinute(1, 2, namespace="doctor's question")  # it is valid for one minute


@blueprint.get("/doctor")
def reached() -> ResponseReturnValue:
    """Return the client and the scheme that the shop sees, to who has SECRET_KEY; else 404.

    A wrong question costs no more than an unknown address: nothing is written for it.
    """
    key = current_app.config["SECRET_KEY"]
    number = question.number_of(key, request.args.get("question", ""))
    if number is None or limits.take_for(number, ONCE):
        return keep_private(Response("Not found.\n", 404, mimetype="text/plain"))
    answer = question.answer(key, number, request, current_app.config["TRUSTED_PROXIES"])
    return keep_private(Response(answer, mimetype="text/plain"))
