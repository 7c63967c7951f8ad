"""For a test that goes through a list: whatever fails in it says at which entry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def naming(*entry: object) -> Iterator[None]:
    """Name an entry of the list in any failure inside."""
    try:
        yield
    except BaseException as failure:  # that something was not raised is no Exception of pytest's
        failure.add_note(f"at {', '.join(map(repr, entry))}")
        raise
