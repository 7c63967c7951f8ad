"""Keep further pictures of a product, and what each picture shows, in both languages.

Columns are added in place: a batch would make the tables anew, without what refers to them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

ADDED = {
    "products": ("more_images", "image_texts_fa", "image_texts_en"),
    "product_pictures": ("text_fa", "text_en"),
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name in columns:
            column = sa.Column(name, sa.Text(), server_default="", nullable=False)
            op.add_column(table, column)


def downgrade() -> None:
    for table, columns in ADDED.items():
        for name in columns:
            op.drop_column(table, name)
