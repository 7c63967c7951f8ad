"""Count what strangers repeat, and know which network an unpaid order came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("client", sa.String(32), nullable=True))
    op.create_index("ix_orders_client_state", "orders", ["client", "state"])
    if op.get_bind().dialect.name == "postgresql":  # SQLite has a file of its own for it
        op.create_table(
            "rate_limits",
            sa.Column("key", sa.String(200), primary_key=True),
            sa.Column("hits", sa.BigInteger, nullable=False),
            sa.Column("began_at", sa.Double, nullable=False),
            sa.Column("ends_at", sa.Double, nullable=False),
            prefixes=["UNLOGGED"],
        )
        op.create_index("ix_rate_limits_ends_at", "rate_limits", ["ends_at"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_table("rate_limits")
    op.drop_index("ix_orders_client_state", "orders")
    op.drop_column("orders", "client")
