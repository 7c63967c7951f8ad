"""Read what a browser sent so that any bytes are some text: no view has to expect others."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from wsgiref.types import WSGIEnvironment

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.routing import IntegerConverter

UNREADABLE = "\ufffd"  # what HTML, too, makes of a null byte
_AS_IT_STANDS = "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~"  # quote() leaves letters, digits and -._~ alone


def init_app(app: Flask) -> None:
    """Use these classes for requests and for whole numbers in addresses. Call it before routing."""
    app.request_class = ShopRequest
    app.url_map.converters["int"] = BoundedInteger


class BoundedInteger(IntegerConverter):
    """A whole number that every database can hold: one of more than 18 digits is not found."""

    regex = r"[0-9]{1,18}"


class Values(ImmutableMultiDict[str, Any]):
    """Names and values of a query or a form, without the null bytes that PostgreSQL refuses."""

    def __init__(self, mapping: Any = None) -> None:
        pairs = MultiDict(mapping).items(multi=True)
        super().__init__([(_without_null(name), self._value(value)) for name, value in pairs])

    @staticmethod
    def _value(value: Any) -> Any:
        return _without_null(value) if isinstance(value, str) else value  # an uploaded file is none


class ShopRequest(Request):
    """A request whose path, query and cookies are UTF-8, and whose body nobody has read yet.

    Werkzeug takes them for UTF-8 and raises UnicodeDecodeError at others, outside of any view.
    """

    parameter_storage_class = Values

    def __init__(self, environ: WSGIEnvironment, *args: Any, **kwargs: Any) -> None:
        for name in ("PATH_INFO", "HTTP_COOKIE"):
            if name in environ:
                environ[name] = _as_utf8(environ[name])
        if not _is_host(environ.get("HTTP_HOST", "")):
            environ["HTTP_HOST"] = ""  # what Werkzeug makes of other hosts that are none
        query = environ.get("QUERY_STRING", "").encode("latin-1", "replace")
        environ["QUERY_STRING"] = quote(query, safe=_AS_IT_STANDS)
        super().__init__(environ, *args, **kwargs)


def _is_host(host: str) -> bool:
    """Return whether routing can bear this name: a label has at most 63 letters."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def _as_utf8(value: str) -> str:
    """Replace what is not UTF-8; WSGI hands bytes over as Latin-1 text."""
    text = value.encode("latin-1", "replace").decode(errors="replace")
    return _without_null(text).encode().decode("latin-1")


def _without_null(text: str) -> str:
    return text.replace("\0", UNREADABLE)
