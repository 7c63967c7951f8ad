"""Find what was paid and what went back in a period, and what is almost sold out, by indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0024"
branch_labels = None
depends_on = None

PAID = sa.text("paid_at IS NOT NULL AND refunded_rials >= 0")
LOW = sa.text("stock_free <= 3 AND retired_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_orders_paid_at_id",
        "orders",
        ["paid_at", "id"],
        sqlite_where=PAID,
        postgresql_where=PAID,
    )
    op.create_index("ix_refunds_ended_at_id", "refunds", ["ended_at", "id"])
    op.create_index(
        "ix_products_low_stock",
        "products",
        ["stock_free", "id"],
        sqlite_where=LOW,
        postgresql_where=LOW,
    )


def downgrade() -> None:
    op.drop_index("ix_products_low_stock", "products")
    op.drop_index("ix_refunds_ended_at_id", "refunds")
    op.drop_index("ix_orders_paid_at_id", "orders")
