"""A small mail server on a port of its own, with or without TLS, that keeps what it is given."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailServer(socketserver.ThreadingTCPServer):
    """The least of SMTP that a letter needs; what came in is in ``letters`` and ``logins``.

    ``receivers`` are whom the letters go to, as the server is told. With ``tls`` it offers
    STARTTLS, or speaks TLS from the first byte if ``implicit``; what else it offers is in
    ``abilities``; unless ``lets_in``, no login is right.
    """

    daemon_threads = True

    def __init__(self, host: str, tls: ssl.SSLContext | None, *, implicit: bool) -> None:
        self.letters: list[EmailMessage] = []
        self.logins: list[str] = []
        self.receivers: list[str] = []
        self.abilities = ["AUTH PLAIN"]
        self.lets_in = True
        self.host, self.tls, self.implicit = host, tls, implicit
        super().__init__((host, 0), MailSession)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])


class MailSession(socketserver.StreamRequestHandler):
    """One connection."""

    server: MailServer

    def handle(self) -> None:
        """Answer every command until the other side goes."""
        with suppress(ssl.SSLError, ConnectionError):
            if self.server.implicit:
                self._encrypt()
            self._say("220 test")
            while line := self.rfile.readline():
                self._answer(line.decode().strip())

    def finish(self) -> None:
        """Close the encrypted connection, too."""
        super().finish()
        self.connection.close()

    def _answer(self, command: str) -> None:
        verb, _, rest = command.partition(" ")
        match verb.upper():
            case "EHLO":
                self._say(*self._abilities())
            case "STARTTLS":
                self._say("220 go on")
                self._encrypt()
            case "AUTH":
                self.server.logins.append(base64.b64decode(rest.split()[1]).decode())
                self._say("235 welcome" if self.server.lets_in else "535 no")
            case "RCPT":
                self.server.receivers.append(rest.partition("<")[2].partition(">")[0])
                self._say("250 ok")
            case "DATA":
                self._say("354 go on")
                self.server.letters.append(self._letter())
                self._say("250 ok")
            case "QUIT":
                self._say("221 bye")
            case _:
                self._say("250 ok")

    def _abilities(self) -> list[str]:
        encrypted = isinstance(self.connection, ssl.SSLSocket)
        offers_tls = self.server.tls is not None and not encrypted
        offered = [*(["STARTTLS"] if offers_tls else []), *self.server.abilities]
        return ["250-test", *(f"250-{ability}" for ability in offered), "250 HELP"]

    def _encrypt(self) -> None:
        assert self.server.tls is not None
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def _letter(self) -> EmailMessage:
        lines = iter(self.rfile.readline, b".\r\n")
        return message_from_bytes(b"".join(lines), policy=policy.default)


@contextmanager
def running_mail_server(
    host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, *, implicit: bool = False
) -> Iterator[MailServer]:
    """Run one until the block ends."""
    with MailServer(host, tls, implicit=implicit) as server:
        threading.Thread(target=server.serve_forever, args=[0.05]).start()
        yield server
        server.shutdown()
