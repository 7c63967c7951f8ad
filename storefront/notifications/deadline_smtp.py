"""Speak SMTP with a total deadline: a server that sends a byte a second is given up.

The library's timeout restarts with every byte that arrives.
"""

from __future__ import annotations

import smtplib
import socket
from contextlib import suppress
from threading import Timer
from time import monotonic
from typing import Any


class DeadlineSmtp(smtplib.SMTP):
    """Connect, and end all that follows within ``seconds``, as if the server had hung up then.

    Takes the library's own options beside, such as ``timeout`` for a single step.
    """

    def __init__(self, host: str, port: int, seconds: float, **options: Any) -> None:
        self._ends_at = monotonic() + seconds
        super().__init__(host, port, **options)

    def getreply(self) -> tuple[int, bytes]:
        """Read the reply to a command. Raises SMTPServerDisconnected after the deadline."""
        cut = Timer(max(self._ends_at - monotonic(), 0), self._hang_up)
        cut.start()
        try:
            return super().getreply()
        finally:
            cut.cancel()

    def _hang_up(self) -> None:
        if self.sock is not None:
            with suppress(OSError):  # not the method of an SSLSocket, which another thread reads
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class DeadlineSmtps(DeadlineSmtp, smtplib.SMTP_SSL):
    """Do the same over TLS from the first byte."""
