"""Name an order in the log while it is worked on, and go on with the trace in which it was placed.

So one purchase is one trace: the worker's question for a lost callback stands where the checkout
does, and so does the letter that follows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from storefront.core import traces
from storefront.core.database import db, end_reading
from storefront.core.log_context import about
from storefront.orders import history

logger = logging.getLogger(__name__)


@contextmanager
def attending(doing: str, order_number: str, payment: str, **facts: str) -> Iterator[None]:
    """Work on an order and its payment, named by its reference; no transaction is open then."""
    begun = _trace_of(order_number) if traces.are_on() else None
    known = about(order=order_number, payment=payment, **facts)
    with known, traces.span(doing, continues=begun):
        yield


def _trace_of(order_number: str) -> str | None:
    try:
        return history.trace_of(order_number)
    except Exception:  # a trace is no reason to leave a payment alone
        logger.exception("the trace of order %s could not be read", order_number)
        db.session.rollback()
        return None
    finally:
        end_reading()
