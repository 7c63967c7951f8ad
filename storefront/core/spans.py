"""Make spans of OpenTelemetry; import it only where traces are wanted.

The client's wire log tells of each call of a gateway when it is over; its span is made of that.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from flask import Flask, current_app, has_app_context
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)

from storefront.core.log_context import about, known
from storefront.core.logs import WIRE

# One word: a number with blanks or hyphens might be taken for a card's, and masked.
MARK = re.compile("t([0-9a-f]{32})([0-9a-f]{16})([0-9a-f]{2})")
Facts = Mapping[str, str | int | None]


class Tracing:
    """What one shop traces with."""

    def __init__(self, processor: SpanProcessor) -> None:
        service = {SERVICE_NAME: os.environ.get("OTEL_SERVICE_NAME", "storefront")}
        provider = TracerProvider(resource=Resource.create(service))
        provider.add_span_processor(processor)
        self.tracer = provider.get_tracer("storefront")

    @contextmanager
    def span(self, name: str, continues: str | None, facts: Facts) -> Iterator[None]:
        """Trace a piece of work; what it raises is named by its class alone."""
        parent, links = _place(continues)
        with (
            self.tracer.start_as_current_span(
                name,
                parent,
                attributes=_named({**_context(), **facts}),
                links=links,
                record_exception=False,
                set_status_on_exception=False,
            ) as span,
            about(trace_id=f"{span.get_span_context().trace_id:032x}"),
        ):
            try:
                yield
            except Exception as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def note(self, facts: Facts) -> None:
        """Add facts to the span at hand."""
        get_current_span().set_attributes(_named(facts))

    def mark(self) -> str | None:
        """Return the span at hand as a word."""
        here = get_current_span().get_span_context()
        if not here.is_valid:
            return None
        return f"t{here.trace_id:032x}{here.span_id:016x}{here.trace_flags:02x}"

    def tell_call(self, record: logging.LogRecord) -> None:
        """Make the span of a gateway's call that is over."""
        end = int(record.created * 1e9)
        failed = record.levelno > logging.INFO
        span = self.tracer.start_span(
            f"gateway {getattr(record, 'operation', '')}",
            kind=SpanKind.CLIENT,
            attributes=_named({**_context(), **_call(record)}),
            start_time=end - int(getattr(record, "milliseconds", 0) * 1e6),
        )
        if failed:
            span.set_status(Status(StatusCode.ERROR, str(getattr(record, "outcome", ""))))
        span.end(end)


class _Calls(logging.Handler):
    """Hands what the wire log tells to the shop that has made the call."""

    def emit(self, record: logging.LogRecord) -> None:
        tracing = current_app.extensions.get("traces") if has_app_context() else None
        if tracing is not None and hasattr(record, "operation"):
            tracing.tell_call(record)


_CALLS = _Calls(logging.INFO)  # one for all: a logger takes the same handler once


def begin(app: Flask, processor: SpanProcessor) -> None:
    """Trace what this shop does, and hand the spans to ``processor``."""
    app.extensions["traces"] = Tracing(processor)
    WIRE.addHandler(_CALLS)
    WIRE.setLevel(logging.INFO)


def _place(continues: str | None) -> tuple[Context | None, list[Link]]:
    """Return the parent that was stored, and a link to the span at hand if that is elsewhere."""
    found = MARK.fullmatch(continues or "")
    if found is None:
        return None, []
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    here = get_current_span().get_span_context()
    if here.trace_id == trace_id:
        return None, []
    stored = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
    links = [Link(here)] if here.is_valid else []
    return set_span_in_context(NonRecordingSpan(stored)), links


def _context() -> Facts:
    return {name: value for name, value in known().items() if name != "trace_id"}


def _call(record: logging.LogRecord) -> Facts:
    names = ("operation", "outcome", "attempt", "server")
    return {name: getattr(record, name) for name in names if hasattr(record, name)}


def _named(facts: Facts) -> dict[str, str | int]:
    told = {name: value for name, value in facts.items() if value is not None}
    return {f"storefront.{name}": value for name, value in told.items()}
