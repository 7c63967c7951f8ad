"""Count what fails for a payment or an order by itself; find a job's last run by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


LONG_AGO = "1970-01-01 00:00:00+00:00"  # due at once; the worker then sees what is reserved


def upgrade() -> None:
    # All in place: a batch would copy every payment there ever was, and lose the orders' trigger.
    op.execute("ALTER TABLE payments RENAME COLUMN hook_failures TO failures")
    op.add_column("payments", sa.Column("last_failure", sa.String(100), nullable=True))
    tries = sa.Column("expiry_tries", sa.Integer(), nullable=False, server_default="0")
    check_at = sa.DateTime(timezone=True)
    op.add_column("orders", tries)
    op.add_column("orders", sa.Column("expiry_error", sa.String(100), nullable=True))
    op.add_column(
        "orders", sa.Column("expiry_check_at", check_at, nullable=False, server_default=LONG_AGO)
    )
    op.execute("UPDATE orders SET expiry_check_at = reserved_until")
    op.drop_index("ix_orders_state_reserved_until", "orders")
    op.create_index("ix_orders_state_expiry_check_at", "orders", ["state", "expiry_check_at"])
    op.drop_index("ix_worker_runs_job_started_at", "worker_runs")
    op.create_index("ix_worker_runs_job_id", "worker_runs", ["job", "id"])
    op.create_index("ix_worker_runs_started_at", "worker_runs", ["started_at"])


def downgrade() -> None:
    op.drop_index("ix_worker_runs_started_at", "worker_runs")
    op.drop_index("ix_worker_runs_job_id", "worker_runs")
    op.create_index("ix_worker_runs_job_started_at", "worker_runs", ["job", "started_at"])
    op.drop_index("ix_orders_state_expiry_check_at", "orders")
    op.create_index("ix_orders_state_reserved_until", "orders", ["state", "reserved_until"])
    for name in ("expiry_check_at", "expiry_error", "expiry_tries"):
        op.drop_column("orders", name)
    op.drop_column("payments", "last_failure")
    op.execute("ALTER TABLE payments RENAME COLUMN failures TO hook_failures")
