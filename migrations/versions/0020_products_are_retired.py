"""Note when a product was retired; list those that are sold by indexes of these alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

LISTINGS = (
    ("position", "id"),
    ("price_rials", "id"),
    ("category_id", "position", "id"),
    ("category_id", "price_rials", "id"),
    ("category_id", "id"),
)


def upgrade() -> None:
    # In place: a batch would make the table anew, without what refers to it.
    op.add_column("products", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    sold = sa.text("retired_at IS NULL")
    for columns in LISTINGS:
        name = f"ix_products_{'_'.join(columns)}"
        op.drop_index(name, "products")
        op.create_index(name, "products", list(columns), sqlite_where=sold, postgresql_where=sold)
    op.create_index("ix_products_id", "products", ["id"], sqlite_where=sold, postgresql_where=sold)


def downgrade() -> None:
    op.drop_index("ix_products_id", "products")
    for columns in LISTINGS:
        name = f"ix_products_{'_'.join(columns)}"
        op.drop_index(name, "products")
        op.create_index(name, "products", list(columns))
    op.drop_column("products", "retired_at")
