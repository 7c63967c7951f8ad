"""Trace a purchase over shop, worker and gateway, if a setting asks for it.

Nothing of OpenTelemetry is imported before that. Spans have names and numbers of ours alone: no
address, no text of a form, no message of an exception.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, has_app_context

from storefront.core.setting_sources import WrongSetting

if TYPE_CHECKING:
    from storefront.core.spans import Tracing

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
MISSING = (
    "should be unset, or the packages installed that it needs: "
    "pip install --require-hashes -r requirements-otel.txt"
)


def init_app(app: Flask) -> None:
    """Begin to trace if TRACES, or OpenTelemetry's own variable, asks for it."""
    if asker := _asker(app.config):
        try:
            from storefront.core import spans
            from storefront.core.spans_export import to_collector
        except ImportError:
            raise WrongSetting(f"{asker} {MISSING}") from None
        spans.begin(app, to_collector())


def _asker(settings: Mapping[str, Any]) -> str | None:
    """Return the name of what asks for traces."""
    if settings["TRACES"] is not None:
        return "STOREFRONT_TRACES" if settings["TRACES"] == "otlp" else None
    return ENDPOINT if os.environ.get(ENDPOINT) else None


def _tracing() -> Tracing | None:
    return current_app.extensions.get("traces") if has_app_context() else None


def are_on() -> bool:
    """Return whether this process traces."""
    return _tracing() is not None


def span(
    name: str, *, continues: str | None = None, **facts: str | int | None
) -> AbstractContextManager[None]:
    """Trace a piece of work; ``continues`` is the :func:`mark` of what it belongs to."""
    tracing = _tracing()
    return tracing.span(name, continues, facts) if tracing else nullcontext()


def note(**facts: str | int) -> None:
    """Add to the span at hand what is known only now."""
    if tracing := _tracing():
        tracing.note(facts)


def mark() -> str | None:
    """Return the trace at hand as a word that can be stored; None if there is none."""
    tracing = _tracing()
    return tracing.mark() if tracing else None
