"""Show how old the gateways' tokens are and until when they work; never the tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from jibit_client.conform import GATEWAYS
from jibit_client.tokens import TokenPair
from storefront.core.database import db
from storefront.core.services import Services
from storefront.core.tables import TABLES


@dataclass(frozen=True, slots=True)
class TokensInStore:
    """The tokens of one account at one gateway.

    ``issued_at`` is None before the first ones; ``ends_at`` is None, too, for tokens that no key of
    this shop opens. Until ``refused_until`` the credentials are not sent again.
    """

    gateway: str
    account: str
    issued_at: datetime | None
    ends_at: datetime | None
    refusals: int
    refused_until: datetime | None


def tokens_in_store(services: Services) -> list[TokensInStore]:
    """Return every account's tokens, those first that were issued last."""
    columns = TABLES.tokens.c
    query = select(columns.account, columns.issued_at, columns.refusals, columns.refused_until)
    rows = db.session.execute(query.order_by(columns.issued_at.desc())).all()
    return [
        TokensInStore(
            row.account.rpartition("-")[0],
            row.account,
            row.issued_at,
            _end(services, row.account),
            row.refusals,
            row.refused_until,
        )
        for row in rows
    ]


def _end(services: Services, account: str) -> datetime | None:
    """Return until when the access token works, if it can be read."""
    known = GATEWAYS.get(account.rpartition("-")[0])
    stored = services.engine.services.store.tokens(account).read()
    if known is None or stored is None:
        return None
    pair = TokenPair(stored.access_token, stored.refresh_token, stored.issued_at)
    return stored.issued_at + known.tokens.lifetimes.of_access(pair)
