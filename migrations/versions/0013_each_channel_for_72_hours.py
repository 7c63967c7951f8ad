"""Try each notification for 72 hours, and find what is due on one channel by an index."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

LASTS = timedelta(hours=72)
OUTBOX = sa.table(
    "outbox",
    sa.column("id", sa.Integer),
    sa.column("created_at", sa.DateTime(timezone=True)),
    sa.column("give_up_at", sa.DateTime(timezone=True)),
)
JOBS = sa.table("worker_runs", sa.column("job", sa.String))


def upgrade() -> None:
    op.add_column("outbox", sa.Column("give_up_at", sa.DateTime(timezone=True), nullable=True))
    connection = op.get_bind()
    for row in connection.execute(sa.select(OUTBOX.c.id, OUTBOX.c.created_at)).all():
        change = sa.update(OUTBOX).where(OUTBOX.c.id == row.id)
        connection.execute(change.values(give_up_at=row.created_at + LASTS))
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
