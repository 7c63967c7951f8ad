"""Undelivered news is found without reading all that was ever delivered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_outbox_waiting_created_at": ("created_at", "next_try_at IS NOT NULL"),
    "ix_outbox_given_up_id": ("id", "given_up_at IS NOT NULL"),
}


def upgrade() -> None:
    for name, (column, rows) in INDEXES.items():
        only = {"sqlite_where": sa.text(rows), "postgresql_where": sa.text(rows)}
        op.create_index(name, "outbox", [column], **only)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "outbox")
