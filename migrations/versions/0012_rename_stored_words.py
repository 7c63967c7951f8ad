"""Rename stored words: expired orders, reserved_until, returned money, webhooks and job names.

SQLite cannot change a CHECK: Alembic's batch mode makes the tables anew, without their triggers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


class Change(NamedTuple):
    """What changes in a table: words by column, and columns."""

    table: str
    words: Mapping[str, tuple[str, ...]]  # column: its words after the upgrade
    renamed: Mapping[str, str] = {}  # old column: new column


WORDS = {"lapsed": "expired", "money_going_home": "money_returned", "hook": "webhook"}
CHANGES = (
    Change(
        "orders",
        {"state": ("placed", "paid", "fulfilled", "expired", "cancelled")},
        renamed={"held_until": "reserved_until"},
    ),
    Change(
        "outbox",
        {
            "kind": ("order_paid", "payment_failed", "money_returned"),
            "channel": ("email", "webhook"),
        },
    ),
)
JOBS = {
    "find_lost_callbacks": "recover_payments",
    "expire_stale_orders": "expire_orders",
    "deliver_news": "send_notifications",
    "audit": "reconcile",
}
EVENTS = {"order_lapsed": "order_expired"}
MOVES = "placed>paid placed>expired placed>cancelled paid>fulfilled"
APPEND_ONLY = ("UPDATE", "DELETE")


def upgrade() -> None:
    op.drop_index("ix_orders_state_held_until", "orders")
    _rename(CHANGES, WORDS, JOBS, EVENTS, MOVES)
    op.create_index("ix_orders_state_reserved_until", "orders", ["state", "reserved_until"])


def downgrade() -> None:
    old = {new: word for word, new in WORDS.items()}
    changes = tuple(
        Change(
            each.table,
            {
                column: tuple(old.get(word, word) for word in words)
                for column, words in each.words.items()
            },
            {new: name for name, new in each.renamed.items()},
        )
        for each in CHANGES
    )
    op.drop_index("ix_orders_state_reserved_until", "orders")
    jobs, events = ({new: word for word, new in words.items()} for words in (JOBS, EVENTS))
    _rename(changes, old, jobs, events, MOVES.replace("expired", "lapsed"))
    op.create_index("ix_orders_state_held_until", "orders", ["state", "held_until"])


def _rename(
    changes: tuple[Change, ...],
    words: Mapping[str, str],
    jobs: Mapping[str, str],
    events: Mapping[str, str],
    moves: str,
) -> None:
    _drop_trigger("orders", "orders_moves_update")
    for what in APPEND_ONLY:
        _drop_trigger("payment_events", f"payment_events_append_only_{what.lower()}")
    for change in changes:
        _apply(change, words)
    _reword("worker_runs", "job", jobs)
    _reword("payment_events", "event", events)
    known = ", ".join(f"'{move}'" for move in moves.split())
    _refuse(
        "orders_moves_update BEFORE UPDATE OF state ON orders FOR EACH ROW"
        f" WHEN (OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({known}))",
        "orders",
        "this move is not in the table of moves",
    )
    for what in APPEND_ONLY:
        _refuse(
            f"payment_events_append_only_{what.lower()} BEFORE {what} ON payment_events"
            " FOR EACH ROW WHEN (true)",
            "payment_events",
            "the history is only appended to",
        )


def _apply(change: Change, words: Mapping[str, str]) -> None:
    """Take the words' CHECKs away, rename, and put CHECKs of the new words in their place."""
    with op.batch_alter_table(change.table) as batch:
        for column in change.words:
            batch.drop_constraint(op.f(f"ck_{change.table}_{column}_known"), type_="check")
        for old, new in change.renamed.items():
            batch.alter_column(old, new_column_name=new)
    for column in change.words:
        _reword(change.table, column, words)
    with op.batch_alter_table(change.table) as batch:
        for column, allowed in change.words.items():
            batch.create_check_constraint(
                op.f(f"ck_{change.table}_{column}_known"), sa.column(column).in_(allowed)
            )


def _reword(table: str, column: str, words: Mapping[str, str]) -> None:
    for old, new in words.items():
        op.execute(f"UPDATE {table} SET {column} = '{new}' WHERE {column} = '{old}'")


def _refuse(trigger: str, table: str, sentence: str) -> None:
    if _on_postgresql():
        body = f"EXECUTE FUNCTION refuse('{sentence}')"
    else:
        body = f"BEGIN SELECT RAISE(ABORT, '{table}: {sentence}'); END"
    op.execute(f"CREATE TRIGGER {trigger} {body}")


def _drop_trigger(table: str, name: str) -> None:
    op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if _on_postgresql() else ""))


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
