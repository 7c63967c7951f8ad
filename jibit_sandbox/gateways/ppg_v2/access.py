"""Who may call PPG: headers, then bearer token, then merchant, as a gateway's layers would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from jibit_sandbox.core.context import Work, the_call, work_for
from jibit_sandbox.core.tokens import bearer_token, is_alive
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.gateways.ppg_v2.errors import Refusal
from jibit_sandbox.web.json_requests import check_headers

DEAD_TOKEN = "token.verification.failed"  # noqa: S105 - an error's code, not a token


@contextmanager
def authorised(without_token: str = DEAD_TOKEN) -> Iterator[Work]:
    """The call's work, if its headers fit, its bearer token lives and its merchant exists."""
    check_headers(request, brings_body=request.method == "POST")
    call = the_call()
    with work_for(call) as work:
        token = bearer_token(request)
        if token is None:
            raise Refusal(without_token)
        if not is_alive(work, call.wire, token):
            raise Refusal(DEAD_TOKEN)
        if switches_of(work.world).merchant == "missing":
            raise Refusal("merchant.not_found")
        yield work


def check_channel(work: Work) -> None:
    """Refusal if the merchant's channel is disabled; only the token calls say so."""
    if switches_of(work.world).channel == "disabled":
        raise Refusal("token.channel_not_active")
