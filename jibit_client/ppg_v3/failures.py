"""Read PPG v3's refusals: some of its codes tell more than the HTTP status does."""

from __future__ import annotations

from typing import Final

from ..answers import Failure, read_errors

#: The token, or the pair of keys, is not accepted: nothing was executed.
_SECURITY: Final = frozenset(
    {"security.auth_required", "security.bad_credentials", "token.verification_failed"}
)


def read_failure(answer: object) -> Failure | None:
    """Read the envelope ``{"fingerprint": ..., "errors": [...]}``; None if it is not one."""
    failure = read_errors(answer)
    return failure and failure._replace(meant=_status_of(failure.codes))


def _status_of(codes: tuple[str, ...]) -> int | None:
    """Return the HTTP status that the codes amount to; None if they leave it to the gateway's."""
    if not _SECURITY.isdisjoint(codes):
        return 401
    if "too_many_requests" in codes:
        return 429
    return 404 if any(code.endswith(".not_found") for code in codes) else None
