"""When a gateway lets go of a payment, which may be later than it takes a verification; its number
for support."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The default is for the rows that are there; SQLite adds no column without one.
    op.add_column(
        "payments",
        sa.Column(
            "closes_at", sa.DateTime(timezone=True), nullable=False, server_default="2000-01-01"
        ),
    )
    op.execute("UPDATE payments SET closes_at = expires_at")
    op.add_column("payments", sa.Column("tracking_number", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("payments", "tracking_number")
    op.drop_column("payments", "closes_at")
