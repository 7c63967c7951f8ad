"""Keep refunds; payments can be returned, orders be refunded, and both be reopened by a person.

SQLite cannot change a CHECK: Alembic's batch mode makes the tables anew, without their triggers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

PAYMENTS = ("initiated", "awaiting_payer", "verifying", "in_doubt", "needs_review", "paid")
PAYMENTS += ("failed", "expired")
ORDERS = ("placed", "paid", "fulfilled", "expired", "cancelled")
KINDS = ("paid_there_not_here", "paid_here_not_there", "over_there_open_here", "amount_differs")
KINDS += ("currency_differs", "reference_differs", "unknown_here", "missing_there")
KINDS += ("duplicated_reference", "unreadable_row")
LETTERS = ("order_paid", "payment_failed", "money_returned")
#: The words of a column before and after, by table and column.
WORDS: Mapping[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]] = {
    ("payments", "state"): (PAYMENTS, (*PAYMENTS, "returned")),
    ("orders", "state"): (ORDERS, (*ORDERS, "refunded")),
    ("discrepancies", "kind"): (KINDS, (*KINDS, "contradicted_there")),
    ("outbox", "kind"): (LETTERS, (*LETTERS, "order_refunded")),
}
CHECKS = {
    "paid_has_a_time": (
        "(state IN ('paid', 'fulfilled')) = (paid_at IS NOT NULL)",
        "(state IN ('paid', 'fulfilled', 'refunded')) = (paid_at IS NOT NULL)",
    ),
    "fulfilled_has_a_time": (
        "(state = 'fulfilled') = (fulfilled_at IS NOT NULL)",
        "(state = 'fulfilled') <= (fulfilled_at IS NOT NULL)"
        " AND (fulfilled_at IS NULL OR state IN ('fulfilled', 'refunded'))",
    ),
}
MOVES = {
    "initiated": ("awaiting_payer", "expired", "failed", "needs_review"),
    "awaiting_payer": ("expired", "failed", "in_doubt", "needs_review", "verifying"),
    "verifying": ("awaiting_payer", "expired", "failed", "in_doubt", "needs_review", "paid"),
    "in_doubt": ("awaiting_payer", "expired", "failed", "needs_review", "paid", "verifying"),
    "needs_review": ("expired", "failed", "paid"),
}
RETURNED = {
    "awaiting_payer": ("returned",),
    "verifying": ("returned",),
    "in_doubt": ("returned",),
    "needs_review": ("returned",),
    "failed": ("paid", "returned"),
    "expired": ("paid", "returned"),
}
ORDER_MOVES = {"placed": ("paid", "expired", "cancelled"), "paid": ("fulfilled",)}
REOPENED = {
    "paid": ("refunded",),
    "fulfilled": ("refunded",),
    "expired": ("placed",),
    "cancelled": ("placed",),
}
REFUNDS = {
    "requested": ("cancelled", "done", "failed", "in_doubt"),
    "in_doubt": ("cancelled", "done", "failed", "in_progress", "requested", "waiting"),
    "in_progress": ("cancelled", "done", "failed", "waiting"),
    "waiting": ("cancelled", "done", "failed", "in_progress"),
}
MOMENT = sa.DateTime(timezone=True)
Moves = Mapping[str, Sequence[str]]


def upgrade() -> None:
    _drop_triggers()
    with op.batch_alter_table("payments") as batch:
        batch.add_column(
            sa.Column("refunded_rials", sa.BigInteger(), nullable=False, server_default="0")
        )
        batch.add_column(sa.Column("demanded_card", sa.String(30)))
        batch.create_check_constraint(
            op.f("ck_payments_refunded_not_negative"), "refunded_rials >= 0"
        )
    with op.batch_alter_table("orders") as batch:
        batch.add_column(
            sa.Column("refunded_rials", sa.BigInteger(), nullable=False, server_default="0")
        )
        batch.create_check_constraint(
            op.f("ck_orders_refunded_in_bounds"),
            "refunded_rials >= 0 AND refunded_rials <= amount_rials",
        )
    with op.batch_alter_table("order_lines") as batch:
        batch.add_column(sa.Column("taken_back", sa.Integer(), nullable=False, server_default="0"))
        batch.create_check_constraint(
            op.f("ck_order_lines_taken_back_in_bounds"),
            "taken_back >= 0 AND taken_back <= quantity",
        )
    _change_words(1)
    _create_refunds()
    op.add_column("outbox", sa.Column("refund_id", sa.Integer(), nullable=True))
    with op.batch_alter_table("outbox") as batch:
        batch.create_foreign_key(
            op.f("fk_outbox_refund_id_refunds"), "refunds", ["refund_id"], ["id"]
        )
    _refuse("payments", _both(MOVES, RETURNED))
    _refuse("orders", _both(ORDER_MOVES, REOPENED))
    _refuse("refunds", REFUNDS)


def downgrade() -> None:
    _drop_triggers("refunds")
    with op.batch_alter_table("outbox") as batch:
        batch.drop_constraint(op.f("fk_outbox_refund_id_refunds"), type_="foreignkey")
        batch.drop_column("refund_id")
    op.drop_table("refunds")
    op.execute("UPDATE payments SET state = 'expired', paid_at = NULL WHERE state = 'returned'")
    op.execute(
        "UPDATE orders SET state = CASE WHEN fulfilled_at IS NULL THEN 'paid' ELSE 'fulfilled' END"
        " WHERE state = 'refunded'"
    )
    op.execute("DELETE FROM discrepancies WHERE kind = 'contradicted_there'")
    op.execute("DELETE FROM outbox WHERE kind = 'order_refunded'")
    with op.batch_alter_table("payments") as batch:
        batch.drop_constraint(op.f("ck_payments_refunded_not_negative"), type_="check")
        batch.drop_column("demanded_card")
        batch.drop_column("refunded_rials")
    with op.batch_alter_table("orders") as batch:
        batch.drop_constraint(op.f("ck_orders_refunded_in_bounds"), type_="check")
        batch.drop_column("refunded_rials")
    with op.batch_alter_table("order_lines") as batch:
        batch.drop_constraint(op.f("ck_order_lines_taken_back_in_bounds"), type_="check")
        batch.drop_column("taken_back")
    _change_words(0)
    _refuse("payments", MOVES)
    _refuse("orders", ORDER_MOVES)


def _change_words(which: int) -> None:
    """Put the CHECKs of the words before (0) or after (1) this revision in place."""
    for (table, column), words in WORDS.items():
        name = op.f(f"ck_{table}_{column}_known")
        checks = CHECKS if table == "orders" else {}
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(name, type_="check")
            for check in checks:
                batch.drop_constraint(op.f(f"ck_{table}_{check}"), type_="check")
        with op.batch_alter_table(table) as batch:
            batch.create_check_constraint(name, sa.column(column).in_(words[which]))
            for check, conditions in checks.items():
                batch.create_check_constraint(op.f(f"ck_{table}_{check}"), conditions[which])


def _create_refunds() -> None:
    known = {
        "method": ("reverse", "refund", "by_hand"),
        "state": (*REFUNDS, "done", "failed", "cancelled"),
    }
    op.create_table(
        "refunds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("order_key", sa.String(64), nullable=False),
        sa.Column("gateway", sa.String(64), nullable=False),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(24), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.String(100), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("cancellable", sa.Boolean(), nullable=False),
        sa.Column("gateway_refund_id", sa.String(64)),
        sa.Column("said", sa.String(64)),
        sa.Column("times_sent", sa.Integer(), nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("absent_since", MOMENT),
        sa.Column("next_check_at", MOMENT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure", sa.String(100)),
        sa.Column("ended_at", MOMENT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refunds"),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name="fk_refunds_payment_id_payments"
        ),
        sa.CheckConstraint("amount_rials > 0", name="ck_refunds_amount_positive"),
        sa.CheckConstraint(
            "(state IN ('done', 'failed', 'cancelled')) = (ended_at IS NOT NULL)",
            name="ck_refunds_ended_has_a_time",
        ),
        *(
            sa.CheckConstraint(sa.column(name).in_(words), name=f"ck_refunds_{name}_known")
            for name, words in known.items()
        ),
    )
    op.create_index("ix_refunds_payment_id", "refunds", ["payment_id"])
    op.create_index("ix_refunds_order_key", "refunds", ["order_key"])
    op.create_index("ix_refunds_state_next_check_at", "refunds", ["state", "next_check_at"])
    unfinished = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_refunds_one_unfinished_for_a_payment",
        "refunds",
        ["payment_id"],
        unique=True,
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )


def _both(first: Moves, second: Moves) -> Moves:
    return {name: (*first.get(name, ()), *second.get(name, ())) for name in {**first, **second}}


def _refuse(table: str, moves: Moves) -> None:
    known = ", ".join(f"'{old}>{new}'" for old, allowed in moves.items() for new in allowed)
    if _on_postgresql():
        body = "EXECUTE FUNCTION refuse('this move is not in the table of moves')"
    else:
        body = f"BEGIN SELECT RAISE(ABORT, '{table}: this move is not in the table of moves'); END"
    op.execute(
        f"CREATE TRIGGER {table}_moves_update BEFORE UPDATE OF state ON {table} FOR EACH ROW"
        f" WHEN (OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({known})) {body}"
    )


def _drop_triggers(*also: str) -> None:
    for table in ("payments", "orders", *also):
        on_table = f" ON {table}" if _on_postgresql() else ""
        op.execute(f"DROP TRIGGER {table}_moves_update{on_table}")


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
