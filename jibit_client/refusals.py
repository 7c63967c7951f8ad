"""Pause after refused credentials; all processes on one token store share the pause.

It grows from one second to a minute, so that one wrong answer of the gateway costs a second and
wrong credentials are not sent with every request. A new pair in the store ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from .errors import CredentialsRefused, Refused
from .tokens import PAUSES, TokenStore, pause_after

LAST_CHANCE: Final = timedelta(seconds=30)  #: so long before its deadline a payment is asked about


def no_deadline() -> None:
    """Return the nearest deadline for a caller that knows of none."""


class RefusalPause:
    """Keep refused credentials from being sent again too soon; thread-safe.

    ``nearest_deadline`` returns when the next open payment can no longer be verified, or None.
    """

    def __init__(
        self,
        store: TokenStore,
        clock: Callable[[], datetime],
        nearest_deadline: Callable[[], datetime | None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._nearest_deadline = nearest_deadline

    def raise_if_paused(self) -> None:
        """Raise CredentialsRefused while the pause lasts."""
        refusals = self._store.refusals()
        if refusals and refusals.block(self._clock()):
            raise CredentialsRefused("generate", "the credentials were refused a moment ago")

    def start(self) -> timedelta:
        """Note a refusal for all processes, and return how long to pause after it.

        The pause ends before the last chance to verify the next payment. Within that last chance
        the credentials are tried once a second.
        """
        now, earlier = self._clock(), self._store.refusals()
        pause = pause_after(earlier.count + 1 if earlier else 1)
        deadline = self._nearest_deadline()
        if deadline is not None:
            pause = min(pause, deadline - LAST_CHANCE - now)
        pause = max(pause, PAUSES[0])
        self._store.note_refusal(now + pause)
        return pause


def credentials_refused(error: Refused) -> CredentialsRefused:
    """Return the error for a refused generate, with all that the gateway said."""
    return CredentialsRefused(
        error.operation,
        "the credentials were refused",
        http_status=error.http_status,
        codes=error.codes,
        messages=error.messages,
        fingerprint=error.fingerprint,
    )
