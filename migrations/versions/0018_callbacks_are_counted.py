"""Count the callbacks of each payment, and space the questions that visitors cause."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MANY = sa.text("callbacks_seen > 5")
MOST = 1000
# Each callback was an entry of the history until now. One statement, led by the entries' index.
COUNTED = f"""
    UPDATE payments SET
      callbacks_seen = (SELECT CASE WHEN count(*) > {MOST} THEN {MOST} ELSE count(*) END
                        FROM payment_events AS seen WHERE seen.order_key = payments.order_key
                        AND seen.payment_id = payments.id AND seen.event = 'callback'),
      last_callback_at = (SELECT max(at) FROM payment_events AS seen
                          WHERE seen.order_key = payments.order_key
                          AND seen.payment_id = payments.id AND seen.event = 'callback')
    WHERE id IN (SELECT payment_id FROM payment_events WHERE event = 'callback')
"""


def upgrade() -> None:
    op.add_column(
        "payments", sa.Column("callbacks_seen", sa.Integer(), nullable=False, server_default="0")
    )
    for name in ("last_callback_at", "next_turn_at"):
        op.add_column("payments", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.execute(COUNTED)
    op.create_index(
        "ix_payments_many_callbacks",
        "payments",
        ["last_callback_at"],
        sqlite_where=MANY,
        postgresql_where=MANY,
    )


def downgrade() -> None:
    op.drop_index("ix_payments_many_callbacks", "payments")
    for name in ("next_turn_at", "last_callback_at", "callbacks_seen"):
        op.drop_column("payments", name)
