"""Find what was paid and what went back in a period by indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

PAID = sa.text("paid_at IS NOT NULL AND refunded_rials >= 0")


def upgrade() -> None:
    op.create_index(
        "ix_orders_paid_at_id",
        "orders",
        ["paid_at", "id"],
        sqlite_where=PAID,
        postgresql_where=PAID,
    )
    op.create_index("ix_refunds_ended_at_id", "refunds", ["ended_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_refunds_ended_at_id", "refunds")
    op.drop_index("ix_orders_paid_at_id", "orders")
