"""Keep what was typed into the checkout form of a cart, until it is ordered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

WITH_CODE = sa.text("national_code IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "checkout_drafts",
        sa.Column(
            "cart_id",
            sa.Integer,
            sa.ForeignKey("carts.id", name="fk_checkout_drafts_cart_id_carts", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("national_code", sa.String(40), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(
        "ix_checkout_drafts_with_code_saved_at",
        "checkout_drafts",
        ["saved_at"],
        sqlite_where=WITH_CODE,
        postgresql_where=WITH_CODE,
    )


def downgrade() -> None:
    op.drop_table("checkout_drafts")
