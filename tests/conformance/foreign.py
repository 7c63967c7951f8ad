"""A gateway of somebody else: it answers as the sandbox does, but for what its script says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import requests


class Said(NamedTuple):
    """An answer; ``hangs`` has none."""

    status: int = 200
    body: str = "{}"
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    hangs: bool = False


class Heard(NamedTuple):
    """What the script is asked about."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Script = Callable[[Heard], Said | None]  # None: as the sandbox


@contextmanager
def foreign(origin: str, script: Script) -> Iterator[str]:
    """Run one in front of the gateway at this address; give its own address."""
    stopping = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            heard = Heard(self.command, self.path, dict(self.headers), body)
            said = script(heard) or forwarded(origin, heard)
            if said.hangs:
                stopping.wait(20)
                self.close_connection = True
                return
            self.send_response(said.status)
            for name, value in (("Content-Type", said.content_type), *said.headers):
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body.encode())))
            self.end_headers()
            self.wfile.write(said.body.encode())

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    stopping.set()
    server.shutdown()
    server.server_close()
    thread.join()


def forwarded(origin: str, heard: Heard) -> Said:
    headers = {name: value for name, value in heard.headers.items() if name != "Host"}
    with requests.Session() as session:
        session.trust_env = False
        answer = session.request(
            heard.method, f"{origin}{heard.path}", headers=headers, data=heard.body, timeout=10
        )
    return Said(answer.status_code, answer.text, answer.headers.get("Content-Type", ""))
