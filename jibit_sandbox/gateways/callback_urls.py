"""Callback URLs: which ones are accepted, and how values are added to their query.

The documents say only that a URL must be valid. An http or https URL of plain ASCII is; for what
goes beyond that the switches that begin with ``callback_`` decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from urllib.parse import urlencode, urlsplit, urlunsplit

from werkzeug.urls import iri_to_uri

from jibit_sandbox.core.worlds import Switches

HOST, PATH, ABROAD = "[A-Za-z0-9.-]", "[!-~]", r"[^\x00-\x7f\s]"  # the last: beyond ASCII
USER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:%-]+@)?"
WEB_ADDRESS = rf"https?://({HOST}+|\[::1\])(:[0-9]{{1,5}})?([/?#]{PATH}*)?"
APP_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*)://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*")
NO_APPS = ("http", "https", "ftp", "ws", "wss", "file", "javascript", "data", "vbscript", "blob")
SWITCHES = (
    *("callback_underscore", "callback_user", "callback_persian_path", "callback_persian_host"),
    "callback_app",
)


def is_callback_url(address: str, switches: Switches) -> bool:
    """Return whether this world accepts the URL, which can be sent in a header then."""
    app = APP_ADDRESS.fullmatch(address)
    if app and app[1] not in NO_APPS:
        return switches.callback_app == "accepted"
    accepted = tuple(getattr(switches, name) == "accepted" for name in SWITCHES[:4])
    return web_address(*accepted).fullmatch(address) is not None and can_be_split(address)


@cache
def web_address(underscore: bool, user: bool, path: bool, host: bool) -> re.Pattern[str]:
    """Return the pattern of a web address that may have these parts."""
    hosts = "|".join((HOST, *(["_"] if underscore else []), *([ABROAD] if host else [])))
    paths = f"(?:{PATH}|{ABROAD})" if path else PATH
    who = USER if user else ""
    return re.compile(rf"https?://{who}((?:{hosts})+|\[::1\])(:[0-9]{{1,5}})?([/?#]{paths}*)?")


def can_be_split(address: str) -> bool:
    """Return whether the URL has a host that can be written in ASCII."""
    try:
        return bool(in_ascii(address) and urlsplit(address).hostname)
    except ValueError:
        return False


def in_ascii(address: str) -> str:
    """Return the URL as a browser sends it; the same one where it is ASCII already."""
    return address if address.isascii() else iri_to_uri(address)


def switches_accepting(address: str, switches: Switches) -> list[str]:
    """Return the switches, as few as possible, that would have this URL accepted."""
    alone = [name for name in SWITCHES if is_callback_url(address, with_those(switches, name))]
    return alone or (
        list(SWITCHES) if is_callback_url(address, with_those(switches, *SWITCHES)) else []
    )


def with_those(switches: Switches, *names: str) -> Switches:
    accepted: Mapping[str, str] = dict.fromkeys(names, "accepted")
    return replace(switches, **accepted)  # type: ignore[arg-type] # their words are the same


def with_query(address: str, claims: Mapping[str, str]) -> str:
    """Return the merchant's URL with more query values behind its own."""
    parts = urlsplit(in_ascii(address))
    query = "&".join(part for part in (parts.query, urlencode(claims)) if part)
    return urlunsplit(parts._replace(query=query))
