"""Senders of bodies that do not come: the headers at once, then a letter now and then."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LENGTH = 3000  # bytes that are promised, about a checkout form


class SlowSender:
    """One connection that promises a body and sends none of it until it is told to.

    ``source`` is the address that it comes from; ``tls`` for a server that speaks only that.
    """

    def __init__(
        self,
        port: int,
        path: str = "/orders",
        *,
        host: str = "127.0.0.1",
        source: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        plain = socket.create_connection(("127.0.0.1", port), 10, (source, 0))
        self._socket = tls.wrap_socket(plain, server_hostname=host) if tls else plain
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {LENGTH}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        self._socket.sendall(head.encode())

    def send_a_letter(self) -> None:
        """Send one byte of the body, if somebody still takes it."""
        with suppress(OSError):
            self._socket.sendall(b"a")

    def status(self, seconds: float) -> int | None:
        """Wait so long for the answer. Gives its status; None if there is none."""
        self._socket.settimeout(seconds)
        try:
            line = self._socket.recv(4096)
        except OSError:
            return None
        return int(line.split()[1]) if line else None

    def cut_off(self, seconds: float) -> bool:
        """Wait so long for the other side to hang up, whatever it says before; whether it did."""
        self._socket.settimeout(seconds)
        try:
            while self._socket.recv(4096):
                pass
        except TimeoutError:
            return False
        except OSError:  # it hung up without a word
            pass
        return True

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


@contextmanager
def slow_senders(
    count: int, port: int, tls: ssl.SSLContext | None = None
) -> Iterator[list[SlowSender]]:
    """Open so many, each with a first letter sent, and close them in the end."""
    senders = [SlowSender(port, tls=tls) for _ in range(count)]
    try:
        for sender in senders:
            sender.send_a_letter()
        yield senders
    finally:
        for sender in senders:
            sender.close()
