"""A threaded HTTP/1.1 server: a thread for each connection, and none is forgotten at the end."""

from __future__ import annotations

import errno
import socket
import ssl
import sys
from socketserver import TCPServer, ThreadingMixIn
from threading import Lock, Thread
from typing import Any
from wsgiref.types import WSGIApplication

from jibit_sandbox.web.connection import ON_WINDOWS, Handler


class CannotListen(OSError):
    """The address is in use, or does not belong to this machine."""


def advice(error: OSError) -> str:
    """Return what to do about an address that cannot be had."""
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return "Choose another --host: 127.0.0.1, or 0.0.0.0 for other machines"
    if isinstance(error, PermissionError):
        return "Choose a port above 1023"
    return "Choose another port, and another file by --database"


class SandboxServer(ThreadingMixIn, TCPServer):
    """Listens as soon as it is created; serves one WSGI application from ``start`` to ``stop``."""

    application: WSGIApplication

    daemon_threads = True
    allow_reuse_address = not ON_WINDOWS  # there it would let two servers share a port
    request_queue_size = 256

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._connections: set[socket.socket] = set()
        self._guard = Lock()
        try:
            super().__init__((host, port), Handler)
        except OSError as error:
            raise CannotListen(
                f"Cannot listen on {host}:{port}: {error.strerror}. {advice(error)}."
            ) from error

    @property
    def address(self) -> str:
        """Return ``http://host:port``, or https, with the port that was assigned."""
        host, port = self.server_address[:2]
        return f"{self.scheme}://{host!s}:{port}"

    @property
    def scheme(self) -> str:
        return "https" if self._tls else "http"

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; the first read, in its own thread, shakes hands."""
        connection, address = super().get_request()
        if self._tls:
            connection = self._tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

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
