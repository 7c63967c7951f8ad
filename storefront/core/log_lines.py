"""Write a record of the log as a line of text or of JSON, bounded and without secrets.

What comes from outside is in no record unmasked by intention. Here it is masked once more, since a
sentence of a library may quote an address, a header or a form.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime

from payment_engine.redaction import redact_text
from storefront.core.log_context import known

LONGEST_MESSAGE = 8000
LONGEST_TRACE = 16_000  # its end: there is what was raised
LONGEST_FACT = 100
# A secret that is cut in two is none of the patterns: so much more is looked at, and left out.
MARGIN = 500
FACTS = ("operation", "outcome", "milliseconds", "attempt", "server", "fingerprint")


def safe(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """Return a text on one line, masked, of at most so many characters and a mark of the cut."""
    masked = redact_text(text[: longest + MARGIN])
    return masked if len(text) <= longest else f"{masked[:longest]}…"


def facts_of(record: logging.LogRecord) -> dict[str, object]:
    """Return what was being worked on, and what the record itself says of a call."""
    told = {name: getattr(record, name) for name in FACTS if hasattr(record, name)}
    return {name: _bounded(value) for name, value in {**known(), **told}.items()}


def _bounded(value: object) -> object:
    return value if isinstance(value, int | float) else safe(str(value), LONGEST_FACT)


def trace_of(record: logging.LogRecord) -> list[str]:
    """Return the lines of the trace of the record's exception, masked; the last ones of many."""
    if not record.exc_info or record.exc_info[0] is None:
        return []
    text = "".join(traceback.format_exception(*record.exc_info))[-LONGEST_TRACE:]
    return [safe(line) for line in text.splitlines()]


class TextLines(logging.Formatter):
    """Write what people read. Lines of a trace are indented: none of them passes for a record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, what was being worked on in brackets, and the trace below it."""
        message = safe(record.getMessage())
        head = f"[{self.formatTime(record)}] {record.levelname} in {record.module}: {message}"
        context = " ".join(f"{name}={safe(value, LONGEST_FACT)}" for name, value in known().items())
        lines = [f"{head} [{context}]" if context else head, *trace_of(record)]
        return "\n  ".join(lines)


class JsonLines(logging.Formatter):
    """Write what programs read: one object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": safe(record.getMessage()),
        }
        return json.dumps({**line, **facts_of(record), **_exception(record)}, ensure_ascii=False)


def _exception(record: logging.LogRecord) -> Mapping[str, str]:
    """Return the class and the trace of what was raised."""
    if not record.exc_info or record.exc_info[0] is None:
        return {}
    return {"exception": record.exc_info[0].__name__, "traceback": "\n".join(trace_of(record))}
