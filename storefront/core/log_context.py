"""Know what is being worked on, so that every line of the log and every span can name it.

The facts stand in a context variable: a thread has its own, and what a thread hands to another one
takes them along if it is run in a copy of the context (:func:`contextvars.copy_context`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_NOTHING: Mapping[str, str] = MappingProxyType({})
_facts: ContextVar[Mapping[str, str]] = ContextVar("storefront_log_context", default=_NOTHING)


def known() -> Mapping[str, str]:
    """Return what is known of the work at hand: request_id, job, run_id, order, payment..."""
    return _facts.get()


@contextmanager
def about(**facts: str | None) -> Iterator[None]:
    """Add facts to what is known, until the end of the block."""
    told = {name: value for name, value in facts.items() if value}
    before = _facts.set({**_facts.get(), **told})
    try:
        yield
    finally:
        _facts.reset(before)


def new_id() -> str:
    """Return an id for a request or for a run of a job, as nginx makes them."""
    return secrets.token_hex(16)
