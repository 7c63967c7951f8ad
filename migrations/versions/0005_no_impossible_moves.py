"""The database itself refuses the moves that orders and payments cannot make, and a bent journal.

The tables of moves are those of the shop's states on this day; a test tries every move against
the newest schema. Mind that SQLite loses a table's triggers when a batch migration makes
the table anew: such a migration must create them again, and the same test says so.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOVES = {
    "orders": """
        placed>paid placed>lapsed placed>cancelled
        paid>fulfilled
    """,
    "payments": """
        initiated>awaiting_shopper initiated>needs_review initiated>failed initiated>expired
        awaiting_shopper>verifying awaiting_shopper>in_doubt
        awaiting_shopper>needs_review awaiting_shopper>failed awaiting_shopper>expired
        verifying>awaiting_shopper verifying>in_doubt verifying>paid
        verifying>needs_review verifying>failed verifying>expired
        in_doubt>awaiting_shopper in_doubt>verifying in_doubt>paid
        in_doubt>needs_review in_doubt>failed in_doubt>expired
        needs_review>paid needs_review>failed needs_review>expired
    """,
}
REFUSAL = {
    "moves": "this move is not in the table of moves",
    "append_only": "the journal is only appended to",
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION '%: %', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'check_violation';"
            " END $$"
        )
    for table, moves in MOVES.items():
        _refuse(table, "moves", "UPDATE OF state", _is_none_of(moves))
    _refuse("journal", "append_only", "UPDATE", "true")
    _refuse("journal", "append_only", "DELETE", "true")


def _is_none_of(moves: str) -> str:
    known = ", ".join(f"'{move}'" for move in moves.split())
    return f"OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({known})"


def _refuse(table: str, rule: str, what: str, when: str) -> None:
    name, sentence = f"{table}_{rule}_{what.split()[0].lower()}", REFUSAL[rule]
    if op.get_bind().dialect.name == "postgresql":
        body = f"EXECUTE FUNCTION refuse('{sentence}')"
    else:
        body = f"BEGIN SELECT RAISE(ABORT, '{table}: {sentence}'); END"
    op.execute(f"CREATE TRIGGER {name} BEFORE {what} ON {table} FOR EACH ROW WHEN ({when}) {body}")


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for name in ("orders_moves", "payments_moves", "journal_append_only"):
        table = name.split("_")[0]
        for what in ("update", "delete") if table == "journal" else ("update",):
            suffix = f" ON {table}" if on_postgresql else ""
            op.execute(f"DROP TRIGGER {name}_{what}{suffix}")
    if on_postgresql:
        op.execute("DROP FUNCTION refuse()")
