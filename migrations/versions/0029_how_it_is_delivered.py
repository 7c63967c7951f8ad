"""Keep how an order is delivered, its province and city, and the tax that its prices contain.

The columns are added in place: a batch of SQLite would make `orders` anew, without its triggers.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

DELIVERY = ("delivery_method", "delivery_days_from", "delivery_days_to", "pickup")
PLACE = ("province", "city")


def upgrade() -> None:
    op.add_column("orders", sa.Column("delivery_method", sa.String(20)))
    op.add_column("orders", sa.Column("delivery_days_from", sa.Integer()))
    op.add_column("orders", sa.Column("delivery_days_to", sa.Integer()))
    pickup = sa.Column("pickup", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("orders", pickup)
    for table in ("orders", "former_addresses"):
        op.add_column(table, sa.Column("province", sa.String(24)))
        op.add_column(table, sa.Column("city", sa.String(60)))
    # In one statement with its bound: SQLite cannot add the bound afterwards.
    op.execute(
        "ALTER TABLE order_lines ADD COLUMN tax_included_rials BIGINT DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_order_lines_tax_included_in_bounds"
        " CHECK (tax_included_rials >= 0 AND tax_included_rials <= unit_price_rials * quantity)"
    )


def downgrade() -> None:
    op.drop_column("order_lines", "tax_included_rials")
    for column in PLACE:
        op.drop_column("former_addresses", column)
    for column in (*DELIVERY, *PLACE):
        op.drop_column("orders", column)
