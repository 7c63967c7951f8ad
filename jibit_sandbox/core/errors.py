"""Errors of the control API: a sentence and an HTTP status."""

from __future__ import annotations


class ControlError(ValueError):
    """The request is wrong; the sentence says why."""

    status = 400


class NotFound(ControlError):
    """The world has no such order or request."""

    status = 404


class Conflict(ControlError):
    """Each part is valid, but not in this combination or state."""

    status = 409
