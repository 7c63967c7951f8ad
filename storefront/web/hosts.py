"""Answer under the shop's own name: whoever comes by another one is redirected to it.

A shop that is open under two names has two sets of cookies: a shopper who came by `localhost` would
return from the bank at `127.0.0.1` as a stranger. And a name that belongs to somebody else must
not make the shop's pages part of another site (DNS rebinding).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from flask import Flask, abort, current_app, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.urls import iri_to_uri

from storefront.core.settings import LOCAL_HOSTS, is_test_mode

# Asked by machines, by any name or number. A callback that was redirected would lose its POST.
UNDER_ANY_NAME = frozenset(
    {"health.alive", "health.ready", "metrics.measure", "payments.callback", "doctor.reached"}
)
HARMLESS = frozenset({"GET", "HEAD"})
PORTS = {"http": 80, "https": 443}


class Address(NamedTuple):
    """A host's name in ASCII, and its port."""

    name: str
    port: int


@dataclass(frozen=True, slots=True)
class OwnHosts:
    """The shop's own address, and in test mode the names of this machine."""

    public_url: str
    local_too: bool

    def include(self, host: str) -> bool:
        """Return whether the shop answers under what a ``Host`` header says.

        The local names stay open on any port, since a shop that is tried out need not know its own;
        but of two that lead to the same port only the one in PUBLIC_URL is used.
        """
        scheme, public = _public(self.public_url)
        asked = _address(scheme, host)
        if asked == public or asked is None or public is None:
            return asked is not None and asked == public
        twin = public.name in LOCAL_HOSTS and asked.port == public.port
        return self.local_too and asked.name in LOCAL_HOSTS and not twin


def init_app(app: Flask) -> None:
    """Look at the name first of all: before cookies, forms and databases."""
    app.extensions["own_hosts"] = OwnHosts(app.config["PUBLIC_URL"], is_test_mode(app.config))
    app.before_request(_answer_under_own_name)


def _answer_under_own_name() -> ResponseReturnValue | None:
    """Redirect to the same page under PUBLIC_URL, or refuse what cannot be redirected."""
    own: OwnHosts = current_app.extensions["own_hosts"]
    if request.endpoint in UNDER_ANY_NAME or own.include(request.host):
        return None
    if not request.host:  # Werkzeug's word for a header that names no host
        abort(400)
    if request.method not in HARMLESS:
        abort(421)
    return redirect(own.public_url + _same_page(), 308)


def _same_page() -> str:
    """Return path and query; the path begins with one slash and so cannot change the host."""
    query = request.query_string.decode()
    return quote(request.path, safe="/!$&'()*+,;=:@") + (f"?{query}" if query else "")


@lru_cache(maxsize=8)
def _public(url: str) -> tuple[str, Address | None]:
    """Return the scheme of the shop's own URL, and its address."""
    parts = urlsplit(iri_to_uri(url))
    return parts.scheme, _address(parts.scheme, parts.netloc)


@lru_cache(maxsize=64)  # nearly every request names the same host
def _address(scheme: str, host: str) -> Address | None:
    """Return the address in ``host`` or ``host:port``; None if that is none."""
    try:
        parts = urlsplit(f"//{host}")
        return Address(parts.hostname or "", parts.port or PORTS[scheme])
    except ValueError:
        return None
