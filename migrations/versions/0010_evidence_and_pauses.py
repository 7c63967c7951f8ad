"""What the gateway has said after a payment's end, shared pauses of a refused credential, and a row
to test whether the database can be written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

EVIDENCE = ("success_since", "success_heard_at", "failed_heard_at", "gateway_end", "ended_at")
FLAGS = ("money_seen", "success_claimed")


def upgrade() -> None:
    for name in EVIDENCE:
        op.add_column("payments", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in FLAGS:
        column = sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        op.add_column("payments", column)
    op.add_column(
        "gateway_tokens", sa.Column("refusals", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "gateway_tokens", sa.Column("refused_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "write_probe",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_write_probe"),
    )


def downgrade() -> None:
    op.drop_table("write_probe")
    for name in ("refused_until", "refusals"):
        op.drop_column("gateway_tokens", name)
    for name in reversed(EVIDENCE + FLAGS):
        op.drop_column("payments", name)
