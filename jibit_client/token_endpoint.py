"""Request tokens: the two calls of a gateway's token endpoint.

The gateways differ only in paths and field names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from .fields import Fields
from .tokens import TokenLifetimes, TokenPair
from .transport import Call, Transport

# Our own rule, in no document: the token becomes part of a header line.
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class TokenEndpointSpec:
    """Describe a token endpoint: paths, names of the token fields, and lifetimes.

    ``read(operation, answer)`` returns the fields that hold the tokens. ``refresh_sends_access``:
    a refresh takes both old tokens, not the refresh token alone.
    """

    generate_path: str
    refresh_path: str
    access_name: str
    refresh_name: str
    read: Callable[[str, object], Fields]
    lifetimes: TokenLifetimes
    refresh_sends_access: bool = True


class HttpTokenEndpoint:
    """Call a token endpoint over a transport. ``credentials`` is the body of a generate."""

    def __init__(
        self,
        transport: Transport,
        spec: TokenEndpointSpec,
        credentials: Mapping[str, str],
        clock: Callable[[], datetime],
    ) -> None:
        self._transport = transport
        self._spec = spec
        self._credentials = credentials
        self._clock = clock

    def generate(self) -> TokenPair:
        """Return a new pair for the credentials; earlier pairs stay valid."""
        return self._post("generate", self._spec.generate_path, self._credentials)

    def refresh(self, pair: TokenPair) -> TokenPair:
        """Return a new pair for an old one, which stops working."""
        body = {self._spec.refresh_name: pair.refresh_token}
        if self._spec.refresh_sends_access:
            body[self._spec.access_name] = pair.access_token
        return self._post("refresh", self._spec.refresh_path, body)

    def _post(self, operation: str, path: str, body: Mapping[str, str]) -> TokenPair:
        asked_at = self._clock()
        # English: these messages are for the operator, no payer sees them.
        call = Call(operation, "POST", path, body=body, language="en")
        fields = self._spec.read(operation, self._transport.call(call))
        return TokenPair(
            header_safe(fields, self._spec.access_name),
            header_safe(fields, self._spec.refresh_name),
            asked_at,
        )


def header_safe(fields: Fields, name: str) -> str:
    """Read a token that fits into a header line, which must be there."""
    token = fields.text(name)
    if not _TOKEN.fullmatch(token):
        fields.complain(f"{name} does not fit into a header line")
    return token
