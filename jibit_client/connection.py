"""Connections that keep to a deadline: a server that drips a byte a second cannot hold us.

urllib3's read timeout restarts with every byte that arrives. Here it is the time from the
request being sent to the last byte of the answer.
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

# Servers close a quiet connection after a minute or so, and firewalls forget it without a word; a
# request that is sent just then is lost. Ours are retired earlier, so that this hardly happens.
MAX_IDLE_SECONDS: Final = 30.0


class _DeadlineReader(io.RawIOBase):
    """The bytes of one answer, as long as they arrive before the deadline."""

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
    """What http.client needs of a socket in order to read an answer: its ``makefile``."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def makefile(self, _mode: str) -> io.BufferedReader:
        # urllib3 has just set the socket's timeout to the read timeout
        return io.BufferedReader(_DeadlineReader(self._sock, self._sock.gettimeout() or 0.0))


def _answer(sock: Any, *, method: str) -> HTTPResponse:
    return HTTPResponse(_ResponseSocket(sock), method=method)  # type: ignore[arg-type]  # duck-typed


class DeadlineHTTPConnection(HTTPConnection):
    """A connection with a deadline for every answer, an idle limit, and one word for "not made"."""

    max_idle_seconds = MAX_IDLE_SECONDS
    _used_at = 0.0
    response_class = staticmethod(_answer)  # type: ignore[assignment]  # http.client only calls it

    def connect(self) -> None:
        """Connect; whatever fails here, the handshake included, failed before anything was sent."""
        try:
            super().connect()
        except (OSError, ValueError) as error:  # urllib3's CertificateError is a ValueError
            raise NewConnectionError(self, str(error)) from error

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as urllib3 does itself
        """The answer; notes when the connection was last of use."""
        self._used_at = monotonic()
        return super().getresponse()

    @property
    def is_connected(self) -> bool:
        """Whether urllib3 may use this pooled connection again."""
        return monotonic() - self._used_at < self.max_idle_seconds and super().is_connected


class DeadlineHTTPSConnection(DeadlineHTTPConnection, HTTPSConnection):
    """The same over TLS; urllib3's own HTTPSConnection stands between the two."""


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = DeadlineHTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = DeadlineHTTPSConnection


def _use_deadlines(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


class DeadlineAdapter(HTTPAdapter):
    """requests' adapter over such connections, through a proxy or not; it never retries."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools for direct connections."""
        super().init_poolmanager(*args, **kwargs)
        _use_deadlines(self.poolmanager)

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        """Make, or find, the pools for connections through ``proxy``."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        _use_deadlines(manager)
        return manager
