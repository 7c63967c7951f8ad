"""The audit: its runs, the differences it found, and its name among those who act."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KINDS = (
    "paid_there_not_here",
    "paid_here_not_there",
    "over_there_open_here",
    "amount_differs",
    "currency_differs",
    "reference_differs",
    "unknown_here",
    "missing_there",
    "duplicated_reference",
    "unreadable_row",
)


def upgrade() -> None:
    _let_act("shopper", "worker", "audit", "merchant")
    op.create_table(
        "audit_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("follows_on", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_runs")),
    )
    op.create_index(
        "ix_audit_runs_follows_on_started_at", "audit_runs", ["follows_on", "started_at"]
    )
    op.create_table(
        "differences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("kind", _one_of("kind_known", *KINDS), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("order_identifier", sa.String(length=64), nullable=True),
        sa.Column("reference_number", sa.String(length=64), nullable=True),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("ours", sa.JSON(), nullable=False),
        sa.Column("theirs", sa.JSON(), nullable=False),
        sa.Column("lies_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lies_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("how", _one_of("how_known", "mended", "agrees_now", "decided"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (how IS NULL)", name=op.f("ck_differences_closed_somehow")
        ),
        sa.CheckConstraint(
            "(how = 'decided') = (reason IS NOT NULL)",
            name=op.f("ck_differences_decided_for_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_differences_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_differences")),
    )
    op.create_index(op.f("ix_differences_closed_at"), "differences", ["closed_at"])
    op.create_index(op.f("ix_differences_payment_id"), "differences", ["payment_id"])
    op.create_index(
        "uq_differences_gateway_kind_key", "differences", ["gateway", "kind", "key"], unique=True
    )


def downgrade() -> None:
    op.drop_table("differences")
    op.drop_table("audit_runs")
    op.execute("UPDATE journal SET actor = 'worker' WHERE actor = 'audit'")
    _let_act("shopper", "worker", "merchant")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def _let_act(*actors: str) -> None:
    """Change who may stand in the journal. SQLite writes the table anew, without the old check."""
    name, check = op.f("ck_journal_actor_known"), f"actor IN {actors}"
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("journal", recreate="always") as journal:
            journal.create_check_constraint(name, check)
    else:
        op.drop_constraint(name, "journal", type_="check")
        op.create_check_constraint(name, "journal", check)
