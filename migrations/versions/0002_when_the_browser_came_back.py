"""Payments remember when a browser first came back, for VERIFY_WITHOUT_CALLBACK."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("callback_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("payments", "callback_at")
