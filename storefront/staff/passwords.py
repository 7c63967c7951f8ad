"""Hash passwords with Argon2id, and say which ones are good enough."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 200  # characters
# OWASP's second configuration: a try costs some 30 ms and 19 MiB, so that ten at once are no flood.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODYS = _hasher.hash("nobody has this password")


def hashed(password: str) -> str:
    """Return what is stored of a password."""
    return _hasher.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Return whether the password is the one; without a hash it takes as long and is not."""
    try:
        return _hasher.verify(password_hash or _NOBODYS, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_good(password: str, name: str) -> bool:
    """Return whether a password may be chosen: long enough, and neither the name nor one sign."""
    within = SHORTEST <= len(password) <= LONGEST
    return within and len(set(password)) > 3 and name.casefold() not in password.casefold()
