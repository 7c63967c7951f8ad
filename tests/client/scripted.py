"""A small real HTTP server that answers as its script says, or misbehaves as its script says.

It knows nothing of the gateway and shares no code with the adapter or the sandbox: what it says
is written out in the tests, from the documents.
"""

from __future__ import annotations

import json
import select
import socket
import ssl
import struct
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from email.message import Message
from email.parser import Parser
from typing import Any
from urllib.parse import parse_qs, urlsplit

STOPPED_WITHIN = 20  # seconds; only a broken test waits for it


@dataclass
class Heard:
    """A request as it came over the wire."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Message
    raw_body: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw_body) if self.raw_body else None


@dataclass
class Connection:
    """One end of a connection, for a reply to write to (or to break)."""

    socket: socket.socket
    stopping: threading.Event

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)


Reply = Callable[[Connection], bool]  # True: the connection stays open for the next request


def http(status: int, body: bytes, *headers: str) -> bytes:
    """The bytes of an HTTP answer."""
    lines = (f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def says(answer: object, status: int = 200) -> Reply:
    """Answer with JSON."""
    return raw(http(status, json.dumps(answer).encode(), "Content-Type: application/json"))


def refuses(status: int, *codes: str, fingerprint: str = "fp-1", message: str = "said") -> Reply:
    """Answer with the envelope of "Error Handling Mechanism"."""
    errors = [{"code": code, "message": message} for code in codes]
    return says({"fingerprint": fingerprint, "errors": errors}, status)


def raw(data: bytes, *, then_close: bool = False) -> Reply:
    """Answer with exactly these bytes."""

    def reply(connection: Connection) -> bool:
        connection.send(data)
        return not then_close

    return reply


def resets(after: bytes = b"") -> Reply:
    """Send ``after``, then break the connection off with a reset."""

    def reply(connection: Connection) -> bool:
        connection.send(after)
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    return reply


def hangs(connection: Connection) -> bool:
    """Never answer."""
    connection.stopping.wait(STOPPED_WITHIN)
    return False


def drips(data: bytes) -> Reply:
    """Send a byte every 20 ms, so that no single read ever waits long."""

    def reply(connection: Connection) -> bool:
        for byte in data:
            if connection.stopping.wait(0.02):
                break
            connection.send(bytes([byte]))
        return False

    return reply


@dataclass
class ScriptedServer:
    """Answers ``"METHOD /path"`` with the replies given for it, in order; the last one repeats."""

    tls: ssl.SSLContext | None = None
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    _script: dict[str, deque[Reply]] = field(default_factory=lambda: defaultdict(deque))
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"

    def on(self, route: str, *replies: Reply) -> None:
        """Replace what is said to ``route``."""
        with self._lock:
            self._script[route] = deque(replies)

    def asked(self, route: str) -> list[Heard]:
        """The requests that came for ``route``."""
        return [each for each in self.heard if f"{each.method} {each.path}" == route]

    def has_hung_up(self) -> bool:
        """Wait until every connection so far has been closed by this end; False if one stays."""
        for thread in self._threads[1:]:
            thread.join(STOPPED_WITHIN)
        return not any(thread.is_alive() for thread in self._threads[1:])

    def stop(self) -> None:
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(STOPPED_WITHIN)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(STOPPED_WITHIN)
        with closing(connection), suppress(OSError, ValueError):  # gone away, or no HTTP
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with closing(connection), connection.makefile("rb", buffering=0) as stream:
                while self._readable(connection):
                    if not self._turn(Connection(connection, self._stopping), stream):
                        return

    def _readable(self, connection: socket.socket) -> bool:
        while not self._stopping.is_set():
            if select.select([connection], [], [], 0.05)[0]:
                return True
        return False

    def _turn(self, connection: Connection, stream: Any) -> bool:
        method, target, _ = stream.readline().decode("latin-1").split(" ", 2)
        head = b""
        while (header := stream.readline()) not in (b"\r\n", b""):
            head += header
        headers = Parser().parsestr(head.decode())
        body = self._exactly(stream, int(headers.get("Content-Length", 0)))
        url = urlsplit(target)
        with self._lock:
            self.heard.append(Heard(method, url.path, parse_qs(url.query), headers, body))
            replies = self._script[f"{method} {url.path}"]
            reply = replies.popleft() if len(replies) > 1 else next(iter(replies), None)
        return (reply or says("nothing is scripted for this", 599))(connection)

    def _exactly(self, stream: Any, size: int) -> bytes:
        body = b""
        while len(body) < size:
            body += stream.read(size - len(body))
        return body
