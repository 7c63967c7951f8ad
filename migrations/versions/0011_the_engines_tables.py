"""The payment engine owns its tables: groups, payments, events, tokens, discrepancies, runs.

Payments name their order by its number instead of a foreign key. The tables are made anew, since
SQLite can neither drop a column with a foreign key nor change a CHECK.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
PAYMENT_STATES = ("initiated", "awaiting_payer", "verifying", "in_doubt", "needs_review")
PAYMENT_STATES += ("paid", "failed", "expired")
ACTORS = ("payer", "worker", "reconciliation", "operator")
KINDS = ("paid_there_not_here", "paid_here_not_there", "over_there_open_here", "amount_differs")
KINDS += ("currency_differs", "reference_differs", "unknown_here", "missing_there")
KINDS += ("duplicated_reference", "unreadable_row")
CLOSINGS = ("mended", "agrees_now", "decided")

NEW_STATES = {"awaiting_shopper": "awaiting_payer"}
NEW_ACTORS = {"shopper": "payer", "audit": "reconciliation", "merchant": "operator"}
NEW_EVENTS = {
    "sent_to_gateway": "payment_opened",
    "switching_url_not_trusted": "redirect_not_trusted",
    "payment_awaiting_shopper": "payment_awaiting_payer",
    "difference_found": "discrepancy_found",
    "difference_mended": "discrepancy_mended",
    "difference_agrees_now": "discrepancy_agrees_now",
    "difference_decided": "discrepancy_decided",
}
NEW_NAMES = {"reference_number": "reference", "order_identifier": "gateway_payment_id"}
MOVES = """
    initiated>awaiting_payer initiated>needs_review initiated>failed initiated>expired
    awaiting_payer>verifying awaiting_payer>in_doubt
    awaiting_payer>needs_review awaiting_payer>failed awaiting_payer>expired
    verifying>awaiting_payer verifying>in_doubt verifying>paid
    verifying>needs_review verifying>failed verifying>expired
    in_doubt>awaiting_payer in_doubt>verifying in_doubt>paid
    in_doubt>needs_review in_doubt>failed in_doubt>expired
    needs_review>paid needs_review>failed needs_review>expired
"""


REFUSAL = {
    "moves": "this move is not in the table of moves",
    "append_only": "the history is only appended to",
}


def one_of(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    _drop_triggers("payments_moves_update")
    _drop_triggers("journal_append_only_update", "journal_append_only_delete")
    _unbind_outbox()
    for table in ("payments", "journal", "differences", "gateway_tokens", "audit_runs"):
        _set_aside(table)
    _create_groups_and_payments()
    _create_events()
    _create_discrepancies()
    _create_tokens_and_runs()
    for table in ("journal", "differences", "gateway_tokens", "audit_runs", "payments"):
        op.execute(f"DROP TABLE old_{table}")
    _bind_outbox()
    _refuse("payments", "moves", "UPDATE OF state", _is_none_of(MOVES))
    _refuse("payment_events", "append_only", "UPDATE", "true")
    _refuse("payment_events", "append_only", "DELETE", "true")


def _set_aside(table: str) -> None:
    op.execute(f"CREATE TABLE old_{table} AS SELECT * FROM {table}")
    cascade = " CASCADE" if _on_postgresql() else ""
    op.execute(f"DROP TABLE {table}{cascade}")


def _create_groups_and_payments() -> None:
    op.create_table(
        "payment_groups",
        sa.Column("order_key", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("order_key", name="pk_payment_groups"),
    )
    op.execute(
        "INSERT INTO payment_groups SELECT number FROM orders"
        " WHERE id IN (SELECT order_id FROM old_payments)"
    )
    moments = [
        sa.Column(name, MOMENT, nullable=False)
        for name in ("created_at", "expires_at", "closes_at", "next_check_at")
    ]
    later = [sa.Column(name, MOMENT) for name in ("gave_up_at", "callback_at", "paid_at")]
    evidence = [
        sa.Column(name, MOMENT)
        for name in ("success_since", "success_seen_at", "failed_seen_at", "gateway_expires_at")
    ]
    op.create_table(
        "payments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_key", sa.String(64), nullable=False),
        sa.Column("gateway", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("gateway_payment_id", sa.String(64)),
        sa.Column("redirect_url", sa.String(2000)),
        sa.Column("state", one_of(PAYMENT_STATES, "state_known"), nullable=False),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        *moments,
        *later,
        sa.Column("payer_card", sa.String(30)),
        sa.Column("tracking_number", sa.String(64)),
        sa.Column("in_doubt_since", MOMENT),
        sa.Column("claimed", sa.Boolean(), nullable=False),
        sa.Column("verifications_sent", sa.Integer(), nullable=False),
        sa.Column("verifications_answered", sa.Integer(), nullable=False),
        sa.Column("captured_at", MOMENT),
        sa.Column("hook_failures", sa.Integer(), nullable=False),
        sa.Column("money_seen", sa.Boolean(), nullable=False),
        *evidence,
        sa.Column("success_claimed", sa.Boolean(), nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
        sa.UniqueConstraint("reference", name="uq_payments_reference"),
        sa.ForeignKeyConstraint(
            ["order_key"],
            ["payment_groups.order_key"],
            name="fk_payments_order_key_payment_groups",
        ),
        sa.CheckConstraint("amount_rials > 0", name="amount_positive"),
        sa.CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_has_a_time"),
        sa.CheckConstraint("state <> 'paid' OR claimed", name="paid_holds_the_claim"),
        sa.CheckConstraint(
            "verifications_sent >= verifications_answered", name="answers_were_asked"
        ),
    )
    op.create_index("ix_payments_order_key", "payments", ["order_key"])
    op.create_index(
        "uq_payments_one_claim_for_an_order",
        "payments",
        ["order_key"],
        unique=True,
        sqlite_where=sa.text("claimed"),
        postgresql_where=sa.text("claimed"),
    )
    op.create_index(
        "uq_payments_gateway_payment_id", "payments", ["gateway", "gateway_payment_id"], unique=True
    )
    op.create_index("ix_payments_state_next_check_at", "payments", ["state", "next_check_at"])
    same = (
        *("id", "gateway", "amount_rials", "created_at", "expires_at", "closes_at"),
        *("next_check_at", "gave_up_at", "callback_at", "paid_at", "payer_card"),
        *("tracking_number", "claimed", "verifications_sent", "verifications_answered"),
        *("money_seen", "success_since", "success_claimed", "ended_at", "version"),
    )
    _copy(
        "payments",
        {name: name for name in same}
        | {
            "order_key": "(SELECT number FROM orders WHERE orders.id = old_payments.order_id)",
            "reference": "reference_number",
            "gateway_payment_id": "order_identifier",
            "redirect_url": "switching_url",
            "state": _renamed("state", NEW_STATES),
            "in_doubt_since": "doubtful_since",
            "hook_failures": "0",
            "success_seen_at": "success_heard_at",
            "failed_seen_at": "failed_heard_at",
            "gateway_expires_at": "gateway_end",
        },
    )


def _create_events() -> None:
    op.create_table(
        "payment_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("order_key", sa.String(64), nullable=False),
        sa.Column("payment_id", sa.Integer()),
        sa.Column("actor", one_of(ACTORS, "actor_known"), nullable=False),
        sa.Column("event", sa.String(60), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payment_events"),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name="fk_payment_events_payment_id_payments"
        ),
    )
    op.create_index("ix_payment_events_order_key_id", "payment_events", ["order_key", "id"])
    op.create_index("ix_payment_events_event_at", "payment_events", ["event", "at"])
    _copy(
        "payment_events",
        {
            "id": "id",
            "at": "at",
            "order_key": "(SELECT number FROM orders WHERE orders.id = old_journal.order_id)",
            "payment_id": "payment_id",
            "actor": _renamed("actor", NEW_ACTORS),
            "event": _renamed("event", NEW_EVENTS),
            "details": "details",
        },
        "old_journal",
    )


def _create_discrepancies() -> None:
    op.create_table(
        "discrepancies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.String(64), nullable=False),
        sa.Column("kind", one_of(KINDS, "kind_known"), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("gateway_payment_id", sa.String(64)),
        sa.Column("reference", sa.String(64)),
        sa.Column("payment_id", sa.Integer()),
        sa.Column("ours", sa.JSON(), nullable=False),
        sa.Column("theirs", sa.JSON(), nullable=False),
        *(
            sa.Column(name, MOMENT, nullable=False)
            for name in ("lies_from", "lies_to", "found_at", "last_seen_at")
        ),
        sa.Column("closed_at", MOMENT),
        sa.Column("how", one_of(CLOSINGS, "how_known")),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_discrepancies"),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name="fk_discrepancies_payment_id_payments"
        ),
        sa.CheckConstraint("(closed_at IS NULL) = (how IS NULL)", name="closed_somehow"),
        sa.CheckConstraint("(how = 'decided') = (reason IS NOT NULL)", name="decided_for_a_reason"),
    )
    op.create_index("ix_discrepancies_payment_id", "discrepancies", ["payment_id"])
    op.create_index("ix_discrepancies_closed_at", "discrepancies", ["closed_at"])
    op.create_index(
        "uq_discrepancies_gateway_kind_key",
        "discrepancies",
        ["gateway", "kind", "key"],
        unique=True,
    )
    same = (
        *("id", "gateway", "kind", "key", "payment_id", "ours", "theirs", "lies_from", "lies_to"),
        *("found_at", "last_seen_at", "closed_at", "how", "reason"),
    )
    renamed = {"gateway_payment_id": "order_identifier", "reference": "reference_number"}
    _copy("discrepancies", {name: name for name in same} | renamed, "old_differences")
    _rename_in_json("discrepancies", NEW_NAMES)


def _create_tokens_and_runs() -> None:
    op.create_table(
        "gateway_tokens",
        sa.Column("account", sa.String(100), nullable=False),
        sa.Column("access_token", sa.Text()),
        sa.Column("refresh_token", sa.Text()),
        sa.Column("issued_at", MOMENT),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("leased_until", MOMENT),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("refused_until", MOMENT),
        sa.PrimaryKeyConstraint("account", name="pk_gateway_tokens"),
    )
    same = ("access_token", "refresh_token", "issued_at", "fence", "leased_until")
    same += ("refusals", "refused_until")
    _copy("gateway_tokens", {name: name for name in same} | {"account": "gateway"})
    op.create_table(
        "reconciliation_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("follows_on", sa.Boolean(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(200)),
        sa.PrimaryKeyConstraint("id", name="pk_reconciliation_runs"),
    )
    same = ("id", "since", "until", "follows_on", "started_at", "finished_at", "complete")
    same += ("counts", "error")
    _copy("reconciliation_runs", {name: name for name in same}, "old_audit_runs")


def _copy(table: str, columns: Mapping[str, str], source: str | None = None) -> None:
    source = source or f"old_{table}"
    names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
    op.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {source}")
    if _on_postgresql() and "id" in columns:
        op.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
            f" (SELECT coalesce(max(id), 0) + 1 FROM {table}), false)"
        )


def _renamed(column: str, names: Mapping[str, str]) -> str:
    cases = " ".join(f"WHEN '{old}' THEN '{new}'" for old, new in names.items())
    return f"CASE {column} {cases} ELSE {column} END"


def _rename_in_json(table: str, names: Mapping[str, str]) -> None:
    """Rename keys of both sides, or what a person has decided would count as changed."""
    rows = sa.table(
        table, sa.column("id", sa.Integer), sa.column("ours", sa.JSON), sa.column("theirs", sa.JSON)
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(rows)).all():
        renamed = {
            side: {names.get(name, name): value for name, value in getattr(row, side).items()}
            for side in ("ours", "theirs")
        }
        connection.execute(sa.update(rows).where(rows.c.id == row.id).values(renamed))


def _unbind_outbox() -> None:
    if _on_postgresql():
        op.drop_constraint("fk_outbox_payment_id_payments", "outbox", type_="foreignkey")


def _bind_outbox() -> None:
    """SQLite refers to the table by its name, and the new one has the old one's."""
    if _on_postgresql():
        op.create_foreign_key(
            "fk_outbox_payment_id_payments", "outbox", "payments", ["payment_id"], ["id"]
        )


def _is_none_of(moves: str) -> str:
    known = ", ".join(f"'{move}'" for move in moves.split())
    return f"OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({known})"


def _refuse(table: str, rule: str, what: str, when: str) -> None:
    sentence = REFUSAL[rule]
    name = f"{table}_{rule}_{what.split()[0].lower()}"
    if _on_postgresql():
        body = f"EXECUTE FUNCTION refuse('{sentence}')"
    else:
        body = f"BEGIN SELECT RAISE(ABORT, '{table}: {sentence}'); END"
    op.execute(f"CREATE TRIGGER {name} BEFORE {what} ON {table} FOR EACH ROW WHEN ({when}) {body}")


def _drop_triggers(*names: str) -> None:
    for name in names:
        table = name.partition("_moves")[0].partition("_append")[0]
        op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if _on_postgresql() else ""))


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def downgrade() -> None:
    _drop_triggers("payments_moves_update")
    _drop_triggers("payment_events_append_only_update", "payment_events_append_only_delete")
    _unbind_outbox()
    tables = ("payment_events", "discrepancies", "payments", "gateway_tokens")
    for table in (*tables, "reconciliation_runs"):
        _set_aside(table)
    op.drop_table("payment_groups")
    _recreate_payments()
    _recreate_journal()
    _recreate_differences()
    _recreate_tokens_and_runs()
    for table in (*tables, "reconciliation_runs"):
        op.execute(f"DROP TABLE old_{table}")
    _bind_outbox()
    _refuse("payments", "moves", "UPDATE OF state", _is_none_of(_old(MOVES)))
    _refuse("journal", "append_only", "UPDATE", "true")
    _refuse("journal", "append_only", "DELETE", "true")


def _old(text: str) -> str:
    return text.replace("awaiting_payer", "awaiting_shopper")


def _back(names: Mapping[str, str]) -> dict[str, str]:
    return {new: old for old, new in names.items()}


def _order_id(table: str) -> str:
    return f"(SELECT id FROM orders WHERE orders.number = old_{table}.order_key)"


def _recreate_payments() -> None:
    states = tuple(map(_old, PAYMENT_STATES))
    required = ("created_at", "expires_at", "closes_at", "next_check_at")
    optional = ("gave_up_at", "callback_at", "paid_at", "doubtful_since", "success_since")
    optional += ("success_heard_at", "failed_heard_at", "gateway_end", "ended_at")
    op.create_table(
        "payments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("reference_number", sa.String(40), nullable=False),
        sa.Column("order_identifier", sa.String(64)),
        sa.Column("switching_url", sa.String(2000)),
        sa.Column("state", one_of(states, "state_known"), nullable=False),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        *(sa.Column(name, MOMENT, nullable=False) for name in required),
        *(sa.Column(name, MOMENT) for name in optional),
        sa.Column("payer_card", sa.String(30)),
        sa.Column("tracking_number", sa.String(64)),
        sa.Column("claimed", sa.Boolean(), nullable=False),
        sa.Column("verifications_sent", sa.Integer(), nullable=False),
        sa.Column("verifications_answered", sa.Integer(), nullable=False),
        sa.Column("money_seen", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("success_claimed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
        sa.UniqueConstraint("reference_number", name="uq_payments_reference_number"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_payments_order_id_orders"),
        sa.CheckConstraint("amount_rials > 0", name="amount_positive"),
        sa.CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_has_a_time"),
        sa.CheckConstraint("state <> 'paid' OR claimed", name="paid_holds_the_claim"),
        sa.CheckConstraint(
            "verifications_sent >= verifications_answered", name="answers_were_asked"
        ),
    )
    op.create_index("ix_payments_order_id", "payments", ["order_id"])
    op.create_index("ix_payments_state_next_check_at", "payments", ["state", "next_check_at"])
    op.create_index(
        "uq_payments_gateway_order_identifier",
        "payments",
        ["gateway", "order_identifier"],
        unique=True,
    )
    op.create_index(
        "uq_payments_one_claim_for_an_order",
        "payments",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("claimed"),
        postgresql_where=sa.text("claimed"),
    )
    same = (
        *("id", "gateway", "amount_rials", *required, "gave_up_at", "callback_at", "paid_at"),
        *("payer_card", "tracking_number", "claimed", "verifications_sent"),
        *("verifications_answered", "money_seen", "success_since", "success_claimed"),
        *("ended_at", "version"),
    )
    _copy(
        "payments",
        {name: name for name in same}
        | {
            "order_id": _order_id("payments"),
            "reference_number": "reference",
            "order_identifier": "gateway_payment_id",
            "switching_url": "redirect_url",
            "state": _renamed("state", _back(NEW_STATES)),
            "doubtful_since": "in_doubt_since",
            "success_heard_at": "success_seen_at",
            "failed_heard_at": "failed_seen_at",
            "gateway_end": "gateway_expires_at",
        },
    )


def _recreate_journal() -> None:
    actors = tuple(_back(NEW_ACTORS).get(actor, actor) for actor in ACTORS)
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer()),
        sa.Column("actor", one_of(actors, "actor_known"), nullable=False),
        sa.Column("event", sa.String(60), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_journal_order_id_orders"),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name="fk_journal_payment_id_payments"
        ),
    )
    op.create_index("ix_journal_order_id_id", "journal", ["order_id", "id"])
    op.create_index("ix_journal_event_at", "journal", ["event", "at"])
    same = ("id", "at", "payment_id", "details")
    _copy(
        "journal",
        {name: name for name in same}
        | {
            "order_id": _order_id("payment_events"),
            "actor": _renamed("actor", _back(NEW_ACTORS)),
            "event": _renamed("event", _back(NEW_EVENTS)),
        },
        "old_payment_events",
    )


def _recreate_differences() -> None:
    required = ("lies_from", "lies_to", "found_at", "last_seen_at")
    op.create_table(
        "differences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("kind", one_of(KINDS, "kind_known"), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("order_identifier", sa.String(64)),
        sa.Column("reference_number", sa.String(64)),
        sa.Column("payment_id", sa.Integer()),
        sa.Column("ours", sa.JSON(), nullable=False),
        sa.Column("theirs", sa.JSON(), nullable=False),
        *(sa.Column(name, MOMENT, nullable=False) for name in required),
        sa.Column("closed_at", MOMENT),
        sa.Column("how", one_of(CLOSINGS, "how_known")),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_differences"),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name="fk_differences_payment_id_payments"
        ),
        sa.CheckConstraint("(closed_at IS NULL) = (how IS NULL)", name="closed_somehow"),
        sa.CheckConstraint("(how = 'decided') = (reason IS NOT NULL)", name="decided_for_a_reason"),
    )
    op.create_index("ix_differences_closed_at", "differences", ["closed_at"])
    op.create_index("ix_differences_payment_id", "differences", ["payment_id"])
    op.create_index(
        "uq_differences_gateway_kind_key", "differences", ["gateway", "kind", "key"], unique=True
    )
    same = ("id", "gateway", "kind", "key", "payment_id", "ours", "theirs", *required)
    same += ("closed_at", "how", "reason")
    renamed = {"order_identifier": "gateway_payment_id", "reference_number": "reference"}
    _copy("differences", {name: name for name in same} | renamed, "old_discrepancies")
    _rename_in_json("differences", _back(NEW_NAMES))


def _recreate_tokens_and_runs() -> None:
    op.create_table(
        "gateway_tokens",
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("access_token", sa.Text()),
        sa.Column("refresh_token", sa.Text()),
        sa.Column("issued_at", MOMENT),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("leased_until", MOMENT),
        sa.Column("refusals", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("refused_until", MOMENT),
        sa.PrimaryKeyConstraint("gateway", name="pk_gateway_tokens"),
    )
    same = ("access_token", "refresh_token", "issued_at", "fence", "leased_until")
    same += ("refusals", "refused_until")
    _copy("gateway_tokens", {name: name for name in same} | {"gateway": "account"})
    op.create_table(
        "audit_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("follows_on", sa.Boolean(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(200)),
        sa.PrimaryKeyConstraint("id", name="pk_audit_runs"),
    )
    op.create_index(
        "ix_audit_runs_follows_on_started_at", "audit_runs", ["follows_on", "started_at"]
    )
    same = ("id", "since", "until", "follows_on", "started_at", "finished_at", "complete")
    same += ("counts", "error")
    _copy("audit_runs", {name: name for name in same}, "old_reconciliation_runs")
