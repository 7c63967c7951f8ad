"""Callback addresses: which ones may be given, and what is added to their query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

WEB_ADDRESS = r"https?://([A-Za-z0-9.-]+|\[::1\])(:[0-9]{1,5})?([/?#][!-~]*)?"


def is_web_address(address: str) -> bool:
    """Absolute, http or https, with a host, and nothing that a header could not carry."""
    return re.fullmatch(WEB_ADDRESS, address) is not None


def with_claims(address: str, claims: Mapping[str, str]) -> str:
    """The merchant's address with the claims behind its own query, which is kept."""
    parts = urlsplit(address)
    query = "&".join(part for part in (parts.query, urlencode(claims)) if part)
    return urlunsplit(parts._replace(query=query))
