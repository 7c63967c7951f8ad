"""Find the payments of a span by an index: a day was compared by reading every payment there is."""

from __future__ import annotations

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

NAME = "ix_payments_created_at_id"


def upgrade() -> None:
    op.create_index(NAME, "payments", ["created_at", "id"])


def downgrade() -> None:
    op.drop_index(NAME, "payments")
