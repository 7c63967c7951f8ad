"""Keep the staff, their sessions and log; what is packed, sent and noted; names to find orders by.

Columns of ``orders`` are added in place: a batch would make the table anew, without its trigger.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COLUMNS = {
    "packed_at": MOMENT,
    "delivered_at": MOMENT,
    "carrier": sa.String(60),
    "tracking_code": sa.String(60),
}
INDEXES = {
    "ix_orders_state_id": ["state", "id"],
    "ix_orders_created_at_id": ["created_at", "id"],
    "ix_orders_amount_rials_id": ["amount_rials", "id"],
    "ix_orders_mobile_id": ["mobile", "id"],
    "ix_orders_tracking_code": ["tracking_code"],
}
OPEN_WORK = {
    "ix_orders_to_send_id": "state = 'paid'",
    "ix_orders_on_the_way_id": "state = 'fulfilled' AND delivered_at IS NULL",
}
OF_PAYMENTS = {
    "ix_payments_tracking_number": ["tracking_number"],
    "ix_payments_gateways_number": ["gateway_payment_id"],
}
LETTERS = ("order_paid", "payment_failed", "money_returned", "order_refunded")
LONGEST_WORD, MOST_WORDS, AT_ONCE = 40, 30, 1000


def upgrade() -> None:
    _create_staff()
    for name, kind in COLUMNS.items():
        op.add_column("orders", sa.Column(name, kind))
    for name, columns in INDEXES.items():
        op.create_index(name, "orders", columns)
    for name, which in OPEN_WORK.items():
        rows = sa.text(which)
        op.create_index(name, "orders", ["id"], sqlite_where=rows, postgresql_where=rows)
    for name, columns in OF_PAYMENTS.items():
        op.create_index(name, "payments", columns)
    _create_rows_of_orders()
    _change_letters((*LETTERS, "order_sent"))
    _fill_order_words()


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE kind = 'order_sent'")
    _change_letters(LETTERS)
    for table in ("order_words", "order_notes", "former_addresses"):
        op.drop_table(table)
    for name in OF_PAYMENTS:
        op.drop_index(name, "payments")
    for name in (*OPEN_WORK, *INDEXES):
        op.drop_index(name, "orders")
    for name in COLUMNS:
        op.drop_column("orders", name)
    for table in ("staff_log", "staff_sessions", "staff"):
        op.drop_table(table)


def _create_staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("link_hash", sa.String(64)),
        sa.Column("link_until", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.Column("last_login_at", MOMENT),
        sa.CheckConstraint("role IN ('clerk', 'owner')", name=op.f("ck_staff_role_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_name")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_staff_link_hash")),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["staff.id"], name=op.f("fk_staff_sessions_member_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_sessions_token_hash")),
    )
    op.create_index(op.f("ix_staff_sessions_member_id"), "staff_sessions", ["member_id"])
    op.create_table(
        "staff_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("client", sa.String(64)),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_log")),
    )
    op.create_index(op.f("ix_staff_log_at"), "staff_log", ["at"])


def _create_rows_of_orders() -> None:
    op.create_table(
        "former_addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("full_name", sa.String(120), nullable=False),
        sa.Column("mobile", sa.String(11), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.String(10), nullable=False),
        _of_order("former_addresses"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_addresses")),
    )
    op.create_table(
        "order_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _of_order("order_notes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_notes")),
    )
    word = sa.String(LONGEST_WORD).with_variant(
        sa.String(LONGEST_WORD, collation="C"), "postgresql"
    )
    op.create_table(
        "order_words",
        sa.Column("word", word, nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        _of_order("order_words"),
        sa.PrimaryKeyConstraint("word", "order_id", name=op.f("pk_order_words")),
    )
    for table in ("former_addresses", "order_notes", "order_words"):
        op.create_index(op.f(f"ix_{table}_order_id"), table, ["order_id"])


def _of_order(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_order_id_orders")
    return sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=name)


def _change_letters(known: tuple[str, ...]) -> None:
    name = op.f("ck_outbox_kind_known")
    with op.batch_alter_table("outbox") as batch:
        batch.drop_constraint(name, type_="check")
    with op.batch_alter_table("outbox") as batch:
        batch.create_check_constraint(name, sa.column("kind").in_(known))


def _fill_order_words() -> None:
    """Put the words of every name that is still there into the table, some thousand at a time."""
    connection = op.get_bind()
    orders = sa.table("orders", sa.column("id"), sa.column("full_name"))
    words = sa.table("order_words", sa.column("word"), sa.column("order_id"))
    after = 0
    while True:
        query = sa.select(orders).where(orders.c.id > after).order_by(orders.c.id).limit(AT_ONCE)
        found = connection.execute(query).all()
        if not found:
            return
        after = found[-1].id
        rows = [
            {"word": word, "order_id": order_id}
            for order_id, name in found
            for word in sorted(set(_words_of(name)))[:MOST_WORDS]
        ]
        if rows:
            connection.execute(sa.insert(words), rows)


# The spelling of the catalogue's search when this migration was written.
_ONE_LETTER = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ە": "ه", "ـ": None})


def _words_of(name: str) -> Iterator[str]:
    bare = (sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    plain = "".join(str(unicodedata.decimal(sign, sign)) for sign in bare)
    words = re.findall(r"\w+", plain.translate(_ONE_LETTER).casefold())
    yield from (word[:LONGEST_WORD] for word in words)
    yield from ("".join(pair)[:LONGEST_WORD] for pair in pairwise(words))
