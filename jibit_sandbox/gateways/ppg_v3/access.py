"""Access to PPG v3, checked in this order: bearer token, the caller's address, the client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import g, request

from jibit_sandbox.core.context import Work, require_call, sandbox, work_for
from jibit_sandbox.core.tokens import bearer_token, is_valid_access_token
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.gateways.ppg_v3.errors import Refusal
from jibit_sandbox.web.json_requests import require_json


@contextmanager
def authorised(*, brings_body: bool = False) -> Iterator[Work]:
    """Begin the call's transaction if the caller may make it; any ``Accept`` is good."""
    if brings_body:
        require_json(request)
    call = require_call()
    with work_for(call) as work:
        token = bearer_token(request)
        if token is None:
            raise Refusal("security.auth_required")
        if not is_valid_access_token(work, call.wire, token):
            raise Refusal(switches_of(work.world).v3_dead_token)
        if not switches_of(work.world).v3_trusted_ip:
            raise Refusal("ip.not_trusted")
        check_client(work)
        yield work


@contextmanager
def authorised_list() -> Iterator[Work]:
    """Do the same for a list call, of which each client has one at a time."""
    with authorised() as work:
        world = work.world.name
        if switches_of(work.world).v3_parallel_lists == "refused":
            if not sandbox().list_turns.take(world):
                raise Refusal("too_many_requests")
            g.list_turn = world
        yield work


def check_client(work: Work) -> None:
    if switches_of(work.world).merchant != "active":
        raise Refusal("client.not_active")
