"""Call a WSGI application, and read bodies for it."""

from __future__ import annotations

import io
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any, cast
from wsgiref.types import WSGIApplication, WSGIEnvironment

from werkzeug.serving import DechunkedInput

LARGEST_BODY = 1_000_000  # bytes; what is longer is refused and not read
STREAM = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: status line, headers, and the parts of its body, made when they are asked for."""

    status: str
    headers: list[tuple[str, str]]
    parts: Iterable[bytes]

    @property
    def is_stream(self) -> bool:
        """Return whether each part is sent as soon as it is made."""
        kinds = (value for name, value in self.headers if name.lower() == "content-type")
        return any(kind.startswith(STREAM) for kind in kinds)

    def whole(self) -> bytes:
        """Return the whole body."""
        return b"".join(self.each())

    def each(self) -> Generator[bytes, None, None]:
        """Give the parts of the body; close the application's response at the end in any case."""
        try:
            yield from self.parts
        finally:
            close: Callable[[], None] = getattr(self.parts, "close", lambda: None)
            close()


def call_application(application: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """Call the application and return its response."""
    said: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None, /) -> Any:
        said[:] = [status, headers]

    parts = application(environ, start_response)
    return Answer(said[0], said[1], parts)


def read_chunks(stream: Any) -> bytes:
    """Return a chunked body, read to at most one byte more than allowed."""
    reader: Any = io.BufferedReader(cast(io.RawIOBase, DechunkedInput(stream)))
    return cast(bytes, reader.read(LARGEST_BODY + 1))
