"""Count wrong passwords and wrong tokens of `/metrics`, so that somebody looks."""

from __future__ import annotations

import logging

from limits import RateLimitItemPerDay

from storefront.core.limits import current_limits

logger = logging.getLogger(__name__)

A_DAY = RateLimitItemPerDay(10**9, namespace="failed logins")  # counted, never refused
MANY = 10  # as many as one client has: nobody on duty types so many wrong


def note_failed_login(prefix: str) -> None:
    """Log a wrong password or token with the address prefix that it came from, and count it."""
    logger.warning("a wrong password or token from %s", prefix)
    current_limits().count(A_DAY)


def failed_logins() -> int:
    """Return how many there were in the day that began with the first of them."""
    return current_limits().seen(A_DAY)
