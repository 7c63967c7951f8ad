"""Building blocks of behaviours: wait, break the connection, change the response."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request

from jibit_sandbox.core.context import Call, Fields, end_list_turn, error_in, sandbox, work_in
from jibit_sandbox.core.tokens import revoke_tokens
from jibit_sandbox.web.connection import CUT, ConnectionCut

OK = 200
LEAST_REFUSAL = 400
REFUSALS = range(LEAST_REFUSAL, 600)
Before = Callable[[Call], Response | None]
After = Callable[[Call, Response], Response]
Edit = Callable[[Call, Fields], Fields]


def nothing_before(_: Call) -> Response | None:
    return None


def nothing_after(_: Call, response: Response) -> Response:
    return response


def delay(call: Call) -> None:
    sandbox().held_calls.delay(float(call.parameters["seconds"]))


def hold(call: Call) -> None:
    sandbox().held_calls.hold(call.world, float(call.parameters["seconds"]))


def delayed(call: Call, response: Response) -> Response:
    delay(call)
    return response


def held(call: Call, response: Response) -> Response:
    hold(call)
    return response


def reset(call: Call) -> Response:
    """Break the connection before anything is done."""
    call.fate = "never answered"
    request.environ[CUT] = ConnectionCut()
    return Response(status=500)


def hang(call: Call) -> Response:
    hold(call)
    return reset(call)


def lose_answer(call: Call, response: Response) -> Response:
    """Break the connection after everything was done: the response is lost."""
    call.fate = "answer lost"
    request.environ[CUT] = ConnectionCut()
    return response


def hang_and_lose_answer(call: Call, response: Response) -> Response:
    """Never answer; the gateway itself is done, and serves the client's next list call."""
    end_list_turn()
    hold(call)
    return lose_answer(call, response)


def truncate_body(call: Call, response: Response) -> Response:
    """Send half of the body that Content-Length announces, then close."""
    call.fate = "cut in the body"
    request.environ[CUT] = ConnectionCut(len(response.get_data()) // 2)
    return response


def failing(status: int) -> Before:
    """Return an effect that answers with the gateway's error for that status and does nothing."""

    def answer(call: Call) -> Response:
        return call.wire.failure(call, status)

    return answer


def failing_after(status: int) -> After:
    """Return an effect that does everything and then answers with an error."""

    def answer(call: Call, _: Response) -> Response:
        return call.wire.failure(call, status)

    return answer


def bad_gateway(_: Call) -> Response:
    page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\n"
    return Response(page, status=502, mimetype="text/html")


def bad_gateway_after(call: Call, _: Response) -> Response:
    return bad_gateway(call)


def too_many_requests(call: Call) -> Response:
    response = call.wire.failure(call, 429)
    response.headers["Retry-After"] = str(call.parameters["seconds"])
    return response


def refuse_with_code(call: Call) -> Response:
    """Answer with any code of PPG's envelopes; a code that is not in them has no message."""
    code, arguments = str(call.parameters["code"]), call.parameters["arguments"]
    error = error_in(call, code)
    error |= {"arguments": arguments} if arguments else {}
    response = jsonify(fingerprint=call.fingerprint, errors=[error])
    status = int(call.parameters["status"] or LEAST_REFUSAL)
    response.status_code = status if status in REFUSALS else LEAST_REFUSAL
    return response


def redirect_elsewhere(call: Call) -> Response:
    return Response(status=302, headers={"Location": str(call.parameters["location"])})


def revoking_tokens(*, refresh_too: bool) -> Before:
    """Return an effect that revokes the world's tokens before the call is processed."""

    def kill(call: Call) -> None:
        with work_in(call.world) as work:
            revoke_tokens(work.session, call.world, call.wire, refresh_too=refresh_too)

    return kill


def truncate_json(_: Call, response: Response) -> Response:
    """Send a complete HTTP response whose JSON stops in the middle."""
    body = response.get_data()
    response.set_data(body[: len(body) // 2])
    return response


def is_good(response: Response) -> bool:
    """Return whether this is a successful JSON response; errors and pages are never edited."""
    return response.status_code == OK and response.is_json


def rewriting(edit: Edit) -> After:
    """Return an effect that edits a successful response as a whole."""

    def after(call: Call, response: Response) -> Response:
        if is_good(response):
            answer = edit(call, json.loads(response.get_data()))
            response.set_data(json.dumps(answer))
        return response

    return after


def replacing(make: Callable[[Any], Any]) -> After:
    """Return an effect that replaces the content of a successful response."""
    return rewriting(lambda _, answer: make(answer))


def editing_fields(edit: Edit) -> After:
    """Return an effect that edits a successful response; in a list, each of its elements."""
    return rewriting(lambda call, answer: edited(call, edit, answer))


def edited(call: Call, edit: Edit, answer: Fields) -> Fields:
    """Return the edited response and what it wraps; of a list's page, only the elements."""
    elements = answer.get("elements")
    if isinstance(elements, list):
        return {**answer, "elements": [edit(call, element) for element in elements]}
    said = edit(call, answer)
    if "result" in said and isinstance(answer["result"], dict):
        return {**said, "result": edit(call, answer["result"])}
    return said
