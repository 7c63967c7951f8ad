"""One HTTP/1.1 connection, which stays open between requests and can be broken on purpose.

Werkzeug's server closes every connection after one response, and no production server lets an
application reset the connection or stop in the middle of a body.
"""

from __future__ import annotations

import io
import os
import socket
import struct
import sys
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from select import select
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from wsgiref.types import WSGIEnvironment

from jibit_sandbox.web.wsgi import LARGEST_BODY, Answer, call_application, read_chunks

if TYPE_CHECKING:
    from jibit_sandbox.web.server import SandboxServer

ON_WINDOWS = os.name == "nt"
# SO_LINGER without time: the peer sees a reset, not an end.
ABORTING = struct.pack("hh" if ON_WINDOWS else "ii", 1, 0)
CUT = "sandbox.cut"  # the environ key under which an application asks for a Cut
DATELESS = "sandbox.dateless"  # the same for an answer without the header Date


@dataclass(frozen=True, slots=True)
class ConnectionCut:
    """Break the connection after so many bytes of the body; None resets it, nothing sent."""

    after_bytes: int | None = None


class BodyTooLong(Exception):
    """The request's body is longer than LARGEST_BODY."""


class Handler(BaseHTTPRequestHandler):
    """One connection: its requests, one after another, passed to the WSGI application."""

    server: SandboxServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet
    dateless = False  # whether the answer comes from a seeded world

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError, ValueError):
            self.close_connection = True  # the client went away; that is its right

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline:
            self.close_connection = True
        elif self.parse_request():
            self.answer()
            self.wfile.flush()

    def answer(self) -> None:
        try:
            environ = self.environ(self.read_body())
        except (BodyTooLong, OSError, ValueError):
            self.close_connection = True
            self.send_error(413 if self.headers.get("Content-Length", "").isdigit() else 400)
            return
        answer = call_application(self.server.application, environ)
        self.dateless = bool(environ.get(DATELESS))
        if answer.is_stream:
            self.write_stream(answer)
        else:
            content = answer.whole()
            self.write(answer.status, answer.headers, content, environ.get(CUT))

    def read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            body = read_chunks(self.rfile)
        else:
            length = int(self.headers.get("Content-Length") or 0)
            if length < 0:
                raise ValueError(length)
            body = self.rfile.read(min(length, LARGEST_BODY + 1))
        if len(body) > LARGEST_BODY:
            raise BodyTooLong
        return body

    def environ(self, body: bytes) -> WSGIEnvironment:
        target = self.requestline.split()[1]  # self.path has lost a slash of two at its beginning
        url = urlsplit(target if target.startswith("http") else f"//-{target}")
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(url.path, "latin-1"),
            "QUERY_STRING": url.query,
            "REQUEST_URI": target,
            "SERVER_NAME": self.server.server_address[0],
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": self.server.scheme,
            "wsgi.input": io.BytesIO(body),
            "wsgi.input_terminated": True,  # whole, whatever the headers say of its length
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            key = "HTTP_" + name.upper().replace("-", "_")
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ

    def write(
        self, status: str, headers: list[tuple[str, str]], content: bytes, cut: ConnectionCut | None
    ) -> None:
        if cut is not None and cut.after_bytes is None:
            self.reset()
            return
        self.begin(status, headers)
        if not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(content)))
        if self.close_connection or cut is not None:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content if cut is None else content[: cut.after_bytes])

    def begin(self, status: str, headers: list[tuple[str, str]]) -> None:
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        self.send_header("Server", self.version_string())
        if not self.dateless:
            self.send_header("Date", self.date_time_string())
        for name, value in headers:
            self.send_header(name, value)

    def write_stream(self, answer: Answer) -> None:
        """Send each part as soon as it is made, until the last one or until the reader has left.

        The response has no length: it ends with its connection. Empty parts only give the chance
        to see that nobody reads any more.
        """
        self.begin(answer.status, [*answer.headers, ("Connection", "close")])
        self.end_headers()
        with closing(answer.each()) as parts:
            for part in parts:
                self.wfile.write(part)
                self.wfile.flush()
                if self.reader_has_left():
                    break

    def reader_has_left(self) -> bool:
        if self.server.scheme == "https":  # nobody can look ahead there; a reader says nothing
            return bool(select([self.connection], [], [], 0)[0])
        self.connection.settimeout(0)
        try:
            return len(self.connection.recv(1, socket.MSG_PEEK)) == 0
        except BlockingIOError:
            return False
        finally:
            self.connection.settimeout(None)

    def reset(self) -> None:
        """Drop the connection so that the client's read fails with "connection reset by peer"."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORTING)
        socket.close(self.connection.detach())

    def version_string(self) -> str:
        return "jibit-sandbox"

    def log_request(self, *_: Any) -> None:
        """Stay quiet: the requests are in the sandbox's log, which its dashboard shows."""

    def log_message(self, *_: Any) -> None:
        """Stay quiet, as above."""
