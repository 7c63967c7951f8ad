"""A gateway's two token calls, which differ from gateway to gateway in their spelling only."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from .fields import Fields
from .tokens import TokenLifetimes, TokenPair
from .transport import Call, Transport

# Ours: the token becomes part of a header line.
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class TokenSpelling:
    """The paths of the two calls, the tokens' names in question and answer, and how long they live.

    ``read`` gives the fields of an answer that hold the tokens.
    """

    generate_path: str
    refresh_path: str
    access_name: str
    refresh_name: str
    read: Callable[[str, object], Fields]
    lifetimes: TokenLifetimes


class TokenCalls:
    """A TokenIssuer over a transport. ``credentials`` is the body that asks for a first pair."""

    def __init__(
        self,
        transport: Transport,
        spelling: TokenSpelling,
        credentials: Mapping[str, str],
        clock: Callable[[], datetime],
    ) -> None:
        self._transport = transport
        self._spelling = spelling
        self._credentials = credentials
        self._clock = clock

    def generate(self) -> TokenPair:
        """A new pair for the credentials; earlier pairs live on."""
        return self._post("generate", self._spelling.generate_path, self._credentials)

    def refresh(self, pair: TokenPair) -> TokenPair:
        """A new pair for an old one, of which both tokens are needed; the old one dies."""
        names = (self._spelling.access_name, self._spelling.refresh_name)
        body = dict(zip(names, (pair.access_token, pair.refresh_token), strict=True))
        return self._post("refresh", self._spelling.refresh_path, body)

    def _post(self, operation: str, path: str, body: Mapping[str, str]) -> TokenPair:
        asked_at = self._clock()
        # English: these messages are for the operator, no shopper sees them
        call = Call(operation, "POST", path, body=body, language="en")
        fields = self._spelling.read(operation, self._transport.call(call))
        return TokenPair(
            _header_safe(fields, self._spelling.access_name),
            _header_safe(fields, self._spelling.refresh_name),
            asked_at,
        )


def _header_safe(fields: Fields, name: str) -> str:
    token = fields.text(name)
    if not _TOKEN.fullmatch(token):
        fields.complain(f"{name} does not fit into a header line")
    return token
