"""The payment engine's tables in the shop's metadata, so that Alembic and the pages see them.

Only the engine writes to them; ``storefront/orders/payments.py`` and ``history.py`` read.
"""

from __future__ import annotations

from payment_engine.sqlalchemy_tables import payment_tables
from storefront.core.database import db

TABLES = payment_tables(db.metadata)
