"""Since when nobody knows whether a payment's money has moved; callbacks counted by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "payments", sa.Column("doubtful_since", sa.DateTime(timezone=True), nullable=True)
    )
    op.execute(
        "UPDATE payments SET doubtful_since = created_at"
        " WHERE state IN ('verifying', 'in_doubt', 'needs_review')"
    )
    op.create_index("ix_journal_event_at", "journal", ["event", "at"])


def downgrade() -> None:
    op.drop_index("ix_journal_event_at", "journal")
    op.drop_column("payments", "doubtful_since")
