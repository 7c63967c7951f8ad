"""Let notifications go out by SMS, too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

OLD = ("email", "webhook")
TABLES = ("outbox", "alarm_notices")


def upgrade() -> None:
    for table in TABLES:
        _know(table, ("email", "sms", "webhook"))


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DELETE FROM {table} WHERE channel = 'sms'")
        _know(table, OLD)


def _know(table: str, channels: tuple[str, ...]) -> None:
    """Put another CHECK in the place of the one; SQLite makes the table anew for it."""
    name = op.f(f"ck_{table}_channel_known")
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(name, type_="check")
    with op.batch_alter_table(table) as batch:
        batch.create_check_constraint(name, sa.column("channel").in_(channels))
