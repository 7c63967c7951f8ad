"""Compress responses as the browser accepts them: zstd, brotli or gzip."""

from __future__ import annotations

from flask import Flask, Response
from flask_compress import Compress


def init_app(app: Flask) -> None:
    """Compress what is text. Functions after a request run last one first: reading comes before."""
    Compress(app)
    app.after_request(_read_whole)


def _read_whole(response: Response) -> Response:
    """Static files are small; compressed as a stream they would stay open."""
    kind = response.mimetype or ""
    text = kind.startswith("text/") or kind == "image/svg+xml"
    if response.direct_passthrough and text and response.status_code == 200:
        response.direct_passthrough = False
        response.make_sequence()
    return response
