"""Access to PPG, checked in this order: headers, bearer token, merchant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from jibit_sandbox.core.context import Work, require_call, work_for
from jibit_sandbox.core.tokens import bearer_token, is_valid_access_token
from jibit_sandbox.core.worlds import Switches, switches_of
from jibit_sandbox.gateways.ppg_v2.errors import Refusal
from jibit_sandbox.web.json_requests import check_headers

INVALID_TOKEN = "token.verification.failed"  # noqa: S105 - an error's code, not a token


@contextmanager
def authorised(without_token: str = INVALID_TOKEN) -> Iterator[Work]:
    """Begin the call's transaction if headers, bearer token and merchant are valid."""
    check_headers(request, brings_body=request.method == "POST")
    call = require_call()
    with work_for(call) as work:
        token = bearer_token(request)
        switches = switches_of(work.world)
        if token is None:
            raise Refusal(code_without_token(switches, without_token))
        if not is_valid_access_token(work, call.wire, token):
            raise Refusal(switches.dead_token)
        if switches.merchant == "missing":
            raise Refusal("merchant.not_found")
        yield work


def code_without_token(switches: Switches, of_section: str) -> str:
    """Return the code of a call without a token: that of its section, or the switch's."""
    said: str = switches.absent_token
    return of_section if said == "by_section" else said


def check_channel(work: Work) -> None:
    """Raise Refusal if the merchant's channel is disabled; only token calls say so."""
    if switches_of(work.world).channel == "disabled":
        raise Refusal("token.channel_not_active")
