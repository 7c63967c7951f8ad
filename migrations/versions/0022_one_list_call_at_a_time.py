"""Add the turns: PPG v3 serves one list call of a merchant at a time, over all processes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gateway_turns",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("urgent_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_gateway_turns"),
    )


def downgrade() -> None:
    op.drop_table("gateway_turns")
