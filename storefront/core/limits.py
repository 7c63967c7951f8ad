"""Limit what a stranger can repeat: one count for all processes and hosts together.

`storefront/web/limits.py` says which limits there are, and why those numbers. If the counters
cannot be reached the shop goes on without limits, says so in the log, and asks them again after
:data:`PAUSE_SECONDS`: a shop that sells nothing is the greater harm.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
from collections.abc import Callable
from typing import TypeVar, cast

from flask import Flask, current_app
from limits import RateLimitItem
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from storefront.core.clock import Clock, Steady
from storefront.core.database import db, end_reading
from storefront.core.limits_storage import SqlStorage, engine_for_counters
from storefront.core.settings import WrongSetting

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 10.0  # without counting, after the counters did not answer
REDIS_SECONDS = 1.0  # for an answer of Redis; so much a shopper waits once in a pause
CLIENT_LENGTH = 32
T = TypeVar("T")


class Limits:
    """Ask and count. Every call answers at once where nothing can be counted: nobody is over."""

    def __init__(self, storage: Storage, clock: Clock, steady: Steady) -> None:
        self.storage = storage
        self._windows = FixedWindowRateLimiter(storage)
        self._clock, self._steady = clock, steady
        self._down_until = -math.inf

    @property
    def is_down(self) -> bool:
        """Return whether this process counts nothing at the moment."""
        return self._steady() < self._down_until

    def wait(self, limit: RateLimitItem, *who: str) -> int:
        """Return for how many seconds ``who`` is over the limit; 0 if not. Writes nothing."""

        def ask() -> int:
            return 0 if self._windows.test(limit, *who) else self._left(limit, *who)

        return self._careful(ask, 0)

    def take(self, limit: RateLimitItem, *who: str) -> int:
        """Count once and return 0; if ``who`` is over, count nothing and return the seconds."""

        return self._careful(lambda: 0 if self._admit(limit, *who) else self._left(limit, *who), 0)

    def _admit(self, limit: RateLimitItem, *who: str) -> bool:
        if isinstance(self.storage, SqlStorage):  # in one statement
            return self.storage.admit(limit.key_for(*who), limit.get_expiry(), limit.amount)
        return self._windows.test(limit, *who) and self._windows.hit(limit, *who)

    def count(self, limit: RateLimitItem, *who: str) -> None:
        """Count once."""
        self._careful(lambda: self._windows.hit(limit, *who), False)

    def seen(self, limit: RateLimitItem, *who: str) -> int:
        """Return how often that was counted in the window that is running."""
        return self._careful(lambda: self.storage.get(limit.key_for(*who)), 0)

    def _left(self, limit: RateLimitItem, *who: str) -> int:
        ends_at = self._windows.get_window_stats(limit, *who).reset_time
        seconds = math.ceil(ends_at - self._clock().timestamp())
        return max(1, min(seconds, limit.get_expiry()))

    def _careful(self, ask: Callable[[], T], otherwise: T) -> T:
        """Ask the counters, unless they have just been silent."""
        if self.is_down:
            return otherwise
        end_reading()  # the counters may need the connection that the page has read with
        try:
            return ask()
        except StorageError as error:
            self._down_until = self._steady() + PAUSE_SECONDS
            cause = type(error.__cause__).__name__  # its text may name passwords
            logger.error("no limits for %g s: counting failed (%s)", PAUSE_SECONDS, cause)  # noqa: TRY400
            return otherwise


def init_app(app: Flask, clock: Clock, steady: Steady) -> None:
    """Connect the application to its counters; nothing is sent or read yet."""
    app.extensions["limits"] = Limits(_storage(app, clock), clock, steady)


def _storage(app: Flask, clock: Clock) -> Storage:
    if app.config["LIMITS_URL"] is not None:
        return _redis(app.config["LIMITS_URL"])
    with app.app_context():
        return SqlStorage(engine_for_counters(db.engine), clock)


def _redis(url: str) -> Storage:
    try:
        storage = storage_from_string(
            url,
            wrap_exceptions=True,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
        )
    except ConfigurationError:
        raise WrongSetting(
            "STOREFRONT_LIMITS_URL needs the package redis: pip install redis"
        ) from None
    return cast(Storage, storage)


def current_limits() -> Limits:
    """Return the limits of the running application."""
    return cast(Limits, current_app.extensions["limits"])


def pseudonym(prefix: str) -> str:
    """Return what stands for a client's address in the database: nobody can read it back.

    Of 32 hexadecimal characters; another SECRET_KEY makes others.
    """
    key = hashlib.sha256(b"storefront clients " + str(current_app.secret_key).encode()).digest()
    return hmac.digest(key, prefix.encode(), "sha256").hex()[:CLIENT_LENGTH]
