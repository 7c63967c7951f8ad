"""A proxy between a shop and its gateway that gives one field of every answer another value.

It stands outside both, so that a test can put any JSON into an answer, whatever the sandbox's own
behaviours can do.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

PASSED_ON = ("Authorization", "Content-Type", "Accept", "Accept-Language")


class ResponseEdits:
    """Gives ``field`` this ``value`` wherever an answer has it, once it is told to.

    ``rewrite`` sees every whole answer before that, and gives another one.
    """

    def __init__(self) -> None:
        self.field: str | None = None
        self.value: Any = None
        self.rewrite: Callable[[Any], Any] = lambda answer: answer

    def set(self, field: str, value: Any) -> None:
        """Do so from now on."""
        self.value, self.field = value, field

    def stop(self) -> None:
        """Pass answers on as they are."""
        self.field = None

    def applied(self, answer: Any) -> Any:
        """The answer with the other value: flat, in an envelope, and in each row of a list."""
        if isinstance(answer, list):
            return [self.applied(each) for each in answer]
        if not isinstance(answer, dict):
            return answer
        return {
            name: self.value if name == self.field else self.applied(inner)
            for name, inner in answer.items()
        }


@contextmanager
def editing_proxy(base_url: str) -> Iterator[tuple[str, ResponseEdits]]:
    """Run one before this gateway. Gives its own base URL, and what edits its answers."""
    edits, session = ResponseEdits(), requests.Session()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass_on(None)

        def do_POST(self) -> None:
            self._pass_on(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _pass_on(self, body: bytes | None) -> None:
            headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
            url = f"{base_url}{self.path}"
            answer = session.request(self.command, url, data=body, headers=headers, timeout=10)
            said = json.dumps(edits.applied(edits.rewrite(answer.json()))).encode()
            self.send_response(answer.status_code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", edits
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        session.close()


FIELDS: Mapping[str, Mapping[str, bool]] = {
    "ppg": {
        **dict.fromkeys(("id", "amount", "currency", "referenceNumber", "status"), True),
        **dict.fromkeys(("userIdentifier", "callbackUrl", "description", "additionalData"), False),
        **dict.fromkeys(("initPayerIp", "redirectPayerIp", "payerCard", "nationalCode"), False),
        **dict.fromkeys(("createdAt", "modifiedAt", "expirationDate"), False),
    },
    "ppg_v3": {
        **dict.fromkeys(("purchaseId", "purchaseIdStr", "amount", "wage", "currency"), True),
        **dict.fromkeys(("clientReferenceNumber", "state", "status"), True),
        **dict.fromkeys(("userIdentifier", "callbackUrl", "description", "additionalData"), False),
        **dict.fromkeys(("initPayerIp", "redirectPayerIp", "payerMobileNumber"), False),
        **dict.fromkeys(("pspRrn", "pspReferenceNumber", "pspTraceNumber", "pspName"), False),
        **dict.fromkeys(("fee", "shaparakFee", "netAmount", "refundableAmount"), False),
        **dict.fromkeys(("createdAt", "expirationDate", "billingDate", "verifiedAt"), False),
        **dict.fromkeys(("pspMaskedCardNumber", "hasContradiction", "pspSettled"), False),
    },
    "wallet": {
        **dict.fromkeys(("merchantOrderId", "amount", "statusV", "errorCode", "result"), True),
        **dict.fromkeys(("refId", "additionalData", "userIdentity"), False),
        **dict.fromkeys(("clientIP", "clientIp"), False),
    },
}
"""The fields of the answers after a payment was opened, and whether they decide anything."""
