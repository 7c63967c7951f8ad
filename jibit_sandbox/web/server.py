"""A threaded HTTP/1.1 server that keeps connections alive, and can break them on purpose.

Werkzeug's server closes every connection after one response, and no production server lets an
application reset the connection or stop in the middle of a body.
"""

from __future__ import annotations

import io
import os
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from threading import Lock, Thread
from typing import Any, cast
from urllib.parse import unquote, urlsplit
from wsgiref.types import WSGIApplication, WSGIEnvironment

from werkzeug.serving import DechunkedInput

LARGEST_BODY = 1_000_000  # bytes; what is longer is refused and not read
ON_WINDOWS = os.name == "nt"
# SO_LINGER without time: the peer sees a reset, not an end.
ABORTING = struct.pack("hh" if ON_WINDOWS else "ii", 1, 0)
CUT = "sandbox.cut"  # the environ key under which an application asks for a Cut


@dataclass(frozen=True, slots=True)
class ConnectionCut:
    """Break the connection after so many bytes of the body; None resets it, nothing sent."""

    after_bytes: int | None = None


class CannotListen(OSError):
    """The address is in use, or does not belong to this machine."""


class BodyTooLong(Exception):
    """The request's body is longer than LARGEST_BODY."""


class Handler(BaseHTTPRequestHandler):
    """One connection: its requests, one after another, passed to the WSGI application."""

    server: SandboxServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet

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
        status, headers, content = run(self.server.application, environ)
        self.write(status, headers, content, environ.get(CUT))

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
        url = urlsplit(self.path if self.path.startswith("http") else f"//-{self.path}")
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(url.path, "latin-1"),
            "QUERY_STRING": url.query,
            "REQUEST_URI": self.path,
            "SERVER_NAME": self.server.server_address[0],
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
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
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(content)))
        if self.close_connection or cut is not None:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content if cut is None else content[: cut.after_bytes])

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


def run(
    application: WSGIApplication, environ: WSGIEnvironment
) -> tuple[str, list[tuple[str, str]], bytes]:
    """Call the application and return its whole response: status line, headers, body."""
    answer: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None, /) -> Any:
        answer[:] = [status, headers]

    chunks = application(environ, start_response)
    try:
        content = b"".join(chunks)
    finally:
        close: Callable[[], None] = getattr(chunks, "close", lambda: None)
        close()
    return answer[0], answer[1], content


def read_chunks(stream: Any) -> bytes:
    """Return a chunked body, read to at most one byte more than allowed."""
    reader: Any = io.BufferedReader(cast(io.RawIOBase, DechunkedInput(stream)))
    return cast(bytes, reader.read(LARGEST_BODY + 1))


class SandboxServer(ThreadingMixIn, TCPServer):
    """Listens as soon as it is created; serves one WSGI application from ``start`` to ``stop``."""

    application: WSGIApplication

    daemon_threads = True
    allow_reuse_address = not ON_WINDOWS  # there it would let two servers share a port
    request_queue_size = 256

    def __init__(self, host: str, port: int) -> None:
        self._connections: set[socket.socket] = set()
        self._guard = Lock()
        try:
            super().__init__((host, port), Handler)
        except OSError as error:
            raise CannotListen(
                f"Cannot listen on {host}:{port}: {error.strerror}. Choose another port."
            ) from error

    @property
    def address(self) -> str:
        """Return ``http://host:port``, with the port that was assigned."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):  # a connection that is gone is no news
            super().handle_error(request, client_address)

    def start(self, application: WSGIApplication) -> None:
        """Serve from a thread of its own."""
        self.application = application
        thread = Thread(target=self.serve_forever, args=(0.05,), name="sandbox", daemon=True)
        thread.start()

    def stop(self) -> None:
        """Stop listening and close the connections that were kept alive."""
        self.shutdown()
        self.server_close()
        with self._guard:
            for connection in self._connections:
                end(connection)


def end(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it ended by itself
