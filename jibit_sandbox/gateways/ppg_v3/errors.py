"""PPG v3's error envelope, with messages in both languages; codes.py has its codes."""

from __future__ import annotations

from flask import Response, jsonify

from jibit_sandbox.core import context
from jibit_sandbox.core.context import Call, error_in, switches_for
from jibit_sandbox.core.worlds import Switches
from jibit_sandbox.gateways.ppg_v3.codes import BAD_CREDENTIALS, CODES, NOT_ACTIVE
from jibit_sandbox.i18n.translations import translate


class Refusal(context.Refusal):
    """A call is refused with these codes; the first one gives the HTTP status."""

    def __init__(self, *codes: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(", ".join(codes))
        self.codes, self.fields = codes, fields

    def response(self, call: Call) -> Response:
        return refusal_response(call, self.codes)


def refusal_response(call: Call, codes: tuple[str, ...]) -> Response:
    """Return ``{"fingerprint": ..., "errors": [{"code": ..., "message": ...}]}``."""
    response = jsonify(
        fingerprint=call.fingerprint, errors=[error_in(call, code) for code in codes]
    )
    response.status_code = status_of(codes[0], switches_for(call))
    return response


def message(code: str, language: str) -> str | None:
    """Return the code's message; None for a code that the sandbox does not know."""
    return translate(CODES[code].message, language) if code in CODES else None


def status_of(code: str, switches: Switches) -> int:
    """Return the code's HTTP status under these switches."""
    chosen = {
        BAD_CREDENTIALS: switches.v3_bad_credentials,
        NOT_ACTIVE: switches.v3_inactive_client,
    }
    status = chosen.get(code, CODES[code].status)
    mostly_400 = switches.v3_http_statuses == "mostly_400" and status not in (401, 500)
    return 400 if mostly_400 else status
