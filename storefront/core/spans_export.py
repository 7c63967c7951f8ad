"""Send spans to a collector by OTLP over HTTP; OpenTelemetry's own variables say where and how."""

from __future__ import annotations

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def to_collector() -> SpanProcessor:
    """Return what sends spans in batches from a thread of its own; it delays no request."""
    return BatchSpanProcessor(OTLPSpanExporter())
