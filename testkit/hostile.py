"""Addresses, forms and headers that no honest browser sends, for any WSGI application."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from types import MappingProxyType
from typing import Any
from urllib.parse import quote
from wsgiref.types import WSGIApplication, WSGIEnvironment

import pytest
from werkzeug.routing import Rule
from werkzeug.test import create_environ, run_wsgi_app

# As WSGI hands them over: bytes as Latin-1 text. Unquoted in a path, as they stand in a query.
NUMBERS = (
    *("0", "-1", "+1", "1.0", "1e9", "0x10", "1_000", "٣", "²", "NaN", "inf", "-0", "00000000001"),
    *(str(2**power + step) for power in (15, 31, 32, 53, 63, 64, 128) for step in (-1, 0)),
    *("922337203685477", "9" * 18, "9" * 19, "9" * 30, "9" * 5000, "1e400", "-1e400"),
    *(f"{2**63}-1", f"1-{2**63}", f"{2**31}-{2**31}", f"{2**63 - 1}-{2**63 - 1}", "-", "1-", "-1"),
    *(f"{'9' * 14}-{'9' * 14}", "1-1-1", "1--1"),
)
PLACES = (
    *("//[", "///[::1", "//[::1]]", "//a]", "//evil.example", "/\\evil.example", "http://["),
    *("[", "]", "https:///", "http:evil", "//\u2100.example", "javascript:0"),
    *("//evil:99999999", "//evil:x"),
    *("/%", "/%0a/x", "/\r\nSet-Cookie: a=b", "/?%00", "/#[", "//user:pass@evil", "///", "/../../"),
)
TEXTS = (
    *("", " ", ".", "..", "../../etc/passwd", "%00", "%0d%0a", "%ff", "%ed%a0%80", "%c0%ae", "%"),
    *("%zz", "\0", "a\0b", "\x01\x1b[31m", "\x7f", "\x80\xff", "\xed\xa0\x80", "\xf4\x90\x80\x80"),
    *("\xc3\x28", "'", '"', "';--", "' OR 1=1 --", "{{7*7}}", "${7*7}", "<svg onload=1>", "*"),
    *("\\", "|", "a;b", "x" * 8000, "%41" * 2000, "&" * 500, "=" * 500, "\xe9" * 300),
    *("\u200b\u202e", "\u0130", "\ufdfa" * 200, "%F0%9F%92%A9", "\ufdd0", "\uffff", "\r\n", "\t"),
    *("lang=en", "fa\0", "None", "null", "true"),
)
VALUES = tuple(dict.fromkeys((*NUMBERS, *PLACES, *TEXTS)))
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get")
HEADERS: Mapping[str, tuple[str, ...]] = {
    "HTTP_ACCEPT": (
        "*/*;q=x",
        "a/b;q=1e999",
        "/",
        ";;;",
        "\xff",
        "application/json;q=",
        "a" * 5000,
    ),
    "HTTP_ACCEPT_LANGUAGE": ("\xff", "x" * 5000, "fa;q=nan", "en-" * 900, ";q=", "*", "\0"),
    "HTTP_ACCEPT_ENCODING": (
        "\xff",
        "gzip;q=x",
        "br;q=-1",
        "*;q=0",
        "identity;q=0",
        "zstd;q=1e999",
    ),
    "HTTP_AUTHORIZATION": ("Basic", "Basic \xff", "Basic /////w==", "Bearer \0", "Digest a=b", "x"),
    "HTTP_COOKIE": (
        "\xff",
        "a=\xff",
        "=;=;=",
        "language=\xff",
        "storefront_session=\xff.\xff.\xff",
        "storefront_session=.eJw.x.y",
        "a" * 8000,
        'a="\\999"',
        "\0=\0",
        ";" * 500,
    ),
    "HTTP_IF_MODIFIED_SINCE": ("x", "Thu, 01 Jan 0000 00:00:00 GMT", "\xff", "9" * 99),
    "HTTP_IF_NONE_MATCH": ("*", '"', "W/", "\xff", '"a" , "b', "x" * 5000),
    "HTTP_IF_RANGE": ("x", "\xff", "Thu, 99 Jan 9999 00:00:00 GMT"),
    "HTTP_ORIGIN": ("null", "http://[", "\xff", "//", "https://evil.example", "http://a:99999999"),
    "HTTP_RANGE": ("bytes=-", "bytes=9-1", f"bytes=0-{'9' * 99}", "bytes=" + "0-0," * 500, "\xff"),
    "HTTP_REFERER": ("https://[", "\xff", "//", "http://a:99999999/", "javascript:0", "a" * 5000),
    "HTTP_USER_AGENT": ("\xff", "\0", "a" * 8000),
    "HTTP_X_FORWARDED_FOR": ("\xff", "a,b,c", "," * 500, "999.999.999.999", "[", "::1]:x"),
    "HTTP_X_FORWARDED_HOST": ("[", "\xff", "evil.example", "a,b"),
    "HTTP_X_FORWARDED_PROTO": ("[", "\xff", "javascript", "https,http", "http\0"),
    "CONTENT_TYPE": (
        "\xff",
        "application/json",
        "multipart/form-data",
        ";",
        "text/plain;charset=x",
        "multipart/form-data; boundary=\xff",
        "application/x-www-form-urlencoded;=",
    ),
    "CONTENT_LENGTH": ("", "-1", "x", "9" * 30, "\xff", "1.5"),
}
HOSTS = (
    "",
    "[",
    "[::1",
    "evil.example\r\n",
    "a b",
    "\xff",
    "a" * 5000,
    ":",
    ":80",
    "a:b",
    "a:-1",
    "127.0.0.1:99999999",
    "localhost@evil.example",
    "localhost/",
    "localhost#",
    "[::1]:x",
)
HEADER_LINES = tuple((header, value) for header, values in HEADERS.items() for value in values)
HOST_LINES = tuple(("HTTP_HOST", host) for host in HOSTS)
_THIRDS = [pytest.param(slice(n, None, 3), id=f"part {n + 1}") for n in range(3)]


def in_thirds(test: Callable[..., None]) -> Callable[..., None]:
    """Give the test a ``third`` of its list: `make test` sends the first, `make test-long` all."""
    dealt: Callable[..., None] = pytest.mark.parametrize("third", _THIRDS)(test)
    marked: Callable[..., None] = pytest.mark.one_case_in(3)(dealt)
    return marked


def filled(rule: Rule, value: str) -> str:
    """Return a path of this rule with the value in the place of every variable."""
    pieces = rule.rule.replace("<", "\0<").replace(">", "\0").split("\0")
    return "".join(value if piece.startswith("<") else piece for piece in pieces)


def queries(names: Sequence[str], *, quoted: bool) -> Iterator[str]:
    """Give query strings: each hostile value under all of these names, quoted or as it stands."""
    for value in VALUES:
        written = quote(_wsgi(value), encoding="latin-1") if quoted else value
        yield "&".join(f"{name}={written}" for name in names)


class Stranger:
    """Sends raw WSGI requests; ``headers`` go with each of them, such as a cookie."""

    def __init__(self, application: WSGIApplication, **headers: str) -> None:
        self._application = application
        self._headers = headers

    def sends(
        self,
        method: str,
        path: str,
        query: str = "",
        body: bytes = b"",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> int:
        """Send a request; gives the status. Raises what the application raises."""
        environ = self._environ(method, body)
        environ |= {"PATH_INFO": _wsgi(path), "QUERY_STRING": _wsgi(query)}
        environ |= {name: _wsgi(value) for name, value in {**self._headers, **headers}.items()}
        chunks, status, _ = run_wsgi_app(self._application, environ)
        close = getattr(chunks, "close", None)
        if close:
            close()
        return int(status.split()[0])

    def _environ(self, method: str, body: bytes) -> WSGIEnvironment:
        kind = {"CONTENT_TYPE": "application/x-www-form-urlencoded"} if body else {}
        environ: dict[str, Any] = create_environ(method=method, base_url="http://localhost/")
        return {**environ, **kind, "CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}


def _wsgi(value: str) -> str:
    """Bytes as Latin-1, which is how WSGI servers give them; what is beyond it, as UTF-8."""
    return value if max(value, default="") <= "\xff" else value.encode().decode("latin-1")
