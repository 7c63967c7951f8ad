"""What the sandbox says to whoever steers it wrongly: a sentence, and an HTTP status."""

from __future__ import annotations


class Complaint(ValueError):
    """The request cannot be followed; the sentence says why."""

    status = 400


class NotHere(Complaint):
    """The world has no such order or request."""

    status = 404


class Misfit(Complaint):
    """Each part is possible, but not together, or not here."""

    status = 409
