"""Callback URLs: which ones are accepted, and how values are added to their query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

WEB_ADDRESS = r"https?://([A-Za-z0-9.-]+|\[::1\])(:[0-9]{1,5})?([/?#][!-~]*)?"


def is_web_address(address: str) -> bool:
    """Return whether this is an absolute http or https URL with a host, fit for a header."""
    return re.fullmatch(WEB_ADDRESS, address) is not None


def with_query(address: str, claims: Mapping[str, str]) -> str:
    """Return the merchant's URL with more query values behind its own."""
    parts = urlsplit(address)
    query = "&".join(part for part in (parts.query, urlencode(claims)) if part)
    return urlunsplit(parts._replace(query=query))
