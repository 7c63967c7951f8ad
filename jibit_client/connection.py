"""Connect with a total deadline per response: a server that sends a byte a second is given up.

urllib3's read timeout restarts with every byte that arrives. Here it is the time from
sending the request to the last byte of the response.
"""

from __future__ import annotations

import io
import socket
from http.client import HTTPResponse
from time import monotonic
from typing import Any, Final

import urllib3
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

#: Servers close an idle connection after a minute or so, and firewalls drop it silently; a request
#: that is sent at that moment is lost. Connections are retired earlier, so that this is rare.
MAX_IDLE_SECONDS: Final = 30.0


class _DeadlineReader(io.RawIOBase):
    """Read the bytes of one response; raise TimeoutError after the deadline."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the answer was not complete in time")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _ResponseSocket:
    """Provide what http.client needs of a socket to read a response: its ``makefile``."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def makefile(self, _mode: str) -> io.BufferedReader:
        # urllib3 has just set the socket's timeout to the read timeout
        return io.BufferedReader(_DeadlineReader(self._sock, self._sock.gettimeout() or 0.0))


def _answer(sock: Any, *, method: str) -> HTTPResponse:
    return HTTPResponse(_ResponseSocket(sock), method=method)  # type: ignore[arg-type]  # duck-typed


class DeadlineHTTPConnection(HTTPConnection):
    """Limit the time of a response and of idling; raise one error for a failed connect."""

    max_idle_seconds = MAX_IDLE_SECONDS
    _used_at = 0.0
    response_class = staticmethod(_answer)  # type: ignore[assignment]  # http.client only calls it

    def connect(self) -> None:
        """Connect, TLS handshake included. Raises NewConnectionError: nothing was sent yet."""
        try:
            super().connect()
        except (OSError, ValueError) as error:  # urllib3's CertificateError is a ValueError
            raise NewConnectionError(self, str(error)) from error

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as urllib3 does itself
        """Return the response; note when the connection was last used."""
        self._used_at = monotonic()
        return super().getresponse()

    @property
    def is_connected(self) -> bool:
        """Return whether urllib3 may use this pooled connection again."""
        return monotonic() - self._used_at < self.max_idle_seconds and super().is_connected


class DeadlineHTTPSConnection(DeadlineHTTPConnection, HTTPSConnection):
    """Do the same over TLS; in the MRO urllib3's HTTPSConnection comes between the two."""


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = DeadlineHTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = DeadlineHTTPSConnection


def _use_deadlines(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


class DeadlineAdapter(HTTPAdapter):
    """Use such connections in requests, through a proxy or not; never retry."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Create the pools for direct connections."""
        super().init_poolmanager(*args, **kwargs)
        _use_deadlines(self.poolmanager)

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        """Return the pools for connections through ``proxy``, created when first needed."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        _use_deadlines(manager)
        return manager
