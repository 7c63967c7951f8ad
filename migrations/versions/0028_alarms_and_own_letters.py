"""Keep incidents, who was told of them, and the merchant's own texts of letters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
IS_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    _create_incidents()
    _create_notices()
    op.create_table(
        "letter_texts",
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("kind", "language", name=op.f("pk_letter_texts")),
    )


def downgrade() -> None:
    for table in ("letter_texts", "alarm_notices", "incidents"):
        op.drop_table(table)


def _create_incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("announced_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index(op.f("ix_incidents_ended_at"), "incidents", ["ended_at"])
    op.create_index(
        "ix_incidents_open_name",
        "incidents",
        ["name"],
        unique=True,
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    )


def _create_notices() -> None:
    known = {"event": ("alarm_raised", "alarm_ended"), "channel": ("email", "webhook")}
    op.create_table(
        "alarm_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(24), nullable=False),
        sa.Column("channel", sa.String(24), nullable=False),
        sa.Column("next_try_at", MOMENT),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("give_up_at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT),
        sa.Column("given_up_at", MOMENT),
        sa.Column("last_error", sa.String(200)),
        *(
            sa.CheckConstraint(
                sa.column(name).in_(words), name=op.f(f"ck_alarm_notices_{name}_known")
            )
            for name, words in known.items()
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_alarm_notices_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_notices")),
        sa.UniqueConstraint(
            "incident_id",
            "event",
            "channel",
            name=op.f("uq_alarm_notices_incident_id_event_channel"),
        ),
    )
    op.create_index(op.f("ix_alarm_notices_next_try_at"), "alarm_notices", ["next_try_at"])
