"""Note when an order's personal data was erased; find by an index whose is to be."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENTS = ("erased_at", "erasure_tried_at")
INDEXES = {
    "ix_orders_unpaid_personal_created_at": ("created_at", "paid_at IS NULL"),
    "ix_orders_paid_personal_paid_at": ("paid_at", "paid_at IS NOT NULL"),
}


def upgrade() -> None:
    for moment in MOMENTS:
        op.add_column("orders", sa.Column(moment, sa.DateTime(timezone=True), nullable=True))
    for name, (column, which) in INDEXES.items():
        rows = sa.text(f"erased_at IS NULL AND {which}")
        op.create_index(name, "orders", [column], sqlite_where=rows, postgresql_where=rows)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "orders")
    for moment in MOMENTS:  # no batch: SQLite would make the table anew, without its triggers
        op.drop_column("orders", moment)
