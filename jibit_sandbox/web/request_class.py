"""Read any bytes that a program sent: no endpoint has to expect others."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from wsgiref.types import WSGIEnvironment

from flask import Request
from werkzeug.routing import IntegerConverter

AS_IT_STANDS = "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~"  # quote() leaves letters, digits and -._~ alone


class BoundedInteger(IntegerConverter):
    """A whole number that the database can hold: one of more than 18 digits is not found."""

    regex = r"[0-9]{1,18}"


class SandboxRequest(Request):
    """A request whose query is ASCII, as Werkzeug expects it."""

    def __init__(self, environ: WSGIEnvironment, *args: Any, **kwargs: Any) -> None:
        query = environ.get("QUERY_STRING", "").encode("latin-1", "replace")
        environ["QUERY_STRING"] = quote(query, safe=AS_IT_STANDS)
        super().__init__(environ, *args, **kwargs)
