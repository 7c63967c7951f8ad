"""The wire itself: send a request by socket, and see every byte that comes back and how it ends."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """The bytes received, and the ending: "closed", "reset" or "silent" (nothing more in time)."""

    received: bytes
    ending: str

    @property
    def status(self) -> int:
        return int(self.received.split(b" ", 2)[1])

    @property
    def body(self) -> bytes:
        return self.received.partition(b"\r\n\r\n")[2]

    @property
    def promised(self) -> int:
        """The Content-Length."""
        head = self.received.partition(b"\r\n\r\n")[0].decode().lower()
        line = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
        return int(line.split(":")[1])


def ask(
    base_url: str,
    method: str,
    path: str,
    *,
    token: str = "",
    body: bytes = b"",
    content_type: str = "application/json",
    patience: float = 5,
) -> Answer:
    """One request to a gateway on a connection of its own, closed after the answer."""
    url = urlsplit(base_url)
    head = (
        f"{method} {url.path}{path} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    assert url.hostname
    assert url.port
    with socket.create_connection((url.hostname, url.port), timeout=patience) as connection:
        connection.sendall(head.encode() + body)
        return read_all(connection)


def read_all(connection: socket.socket) -> Answer:
    received = b""
    try:
        while more := connection.recv(65536):
            received += more
    except ConnectionResetError:
        return Answer(received, "reset")
    except TimeoutError:
        return Answer(received, "silent")
    return Answer(received, "closed")
