"""Keep carts in the database; an order knows the cart whose goods it holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(43), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("key", name="uq_carts_key"),
    )
    op.create_index("ix_carts_changed_at", "carts", ["changed_at"])
    op.create_table(
        "cart_lines",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "cart_id",
            sa.Integer,
            sa.ForeignKey("carts.id", name="fk_cart_lines_cart_id_carts", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column(
            "product_id",
            sa.Integer,
            sa.ForeignKey(
                "products.id", name="fk_cart_lines_product_id_products", ondelete="CASCADE"
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.CheckConstraint("quantity > 0", name="ck_cart_lines_quantity_positive"),
        sa.UniqueConstraint("cart_id", "product_id", name="uq_cart_lines_cart_id_product_id"),
    )
    op.add_column("orders", sa.Column("cart_key", sa.String(43), nullable=True))
    in_cart = sa.Column("in_cart", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("orders", in_cart)
    op.create_index("ix_orders_cart_key", "orders", ["cart_key"])


def downgrade() -> None:
    op.drop_index("ix_orders_cart_key", "orders")
    op.drop_column("orders", "in_cart")
    op.drop_column("orders", "cart_key")
    op.drop_table("cart_lines")
    op.drop_table("carts")
