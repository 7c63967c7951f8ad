"""Try each notification for 72 hours, and find what is due on one channel by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

GIVE_UP_AT = {  # one statement: an old shop keeps a row for each notification that it ever sent
    "postgresql": "created_at + INTERVAL '72 hours'",
    "sqlite": "datetime(created_at, '+72 hours')",
}
JOBS = sa.table("worker_runs", sa.column("job", sa.String))


def upgrade() -> None:
    op.add_column("outbox", sa.Column("give_up_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(f"UPDATE outbox SET give_up_at = {GIVE_UP_AT[op.get_bind().dialect.name]}")
    with op.batch_alter_table("outbox") as table:
        table.alter_column("give_up_at", nullable=False)
    op.drop_index("ix_outbox_next_try_at", "outbox")
    op.create_index("ix_outbox_channel_next_try_at", "outbox", ["channel", "next_try_at"])
    op.execute(sa.update(JOBS).where(JOBS.c.job == "send_notifications").values(job="send_emails"))


def downgrade() -> None:
    op.drop_index("ix_outbox_channel_next_try_at", "outbox")
    op.create_index("ix_outbox_next_try_at", "outbox", ["next_try_at"])
    with op.batch_alter_table("outbox") as table:
        table.drop_column("give_up_at")
    op.execute(
        sa.update(JOBS)
        .where(JOBS.c.job.in_(["send_emails", "send_webhooks"]))
        .values(job="send_notifications")
    )
