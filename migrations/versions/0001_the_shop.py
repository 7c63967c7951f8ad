"""The shop: goods, orders, payments, the journal, shared tokens and the worker's runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name_fa", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("slug", name=op.f("uq_categories_slug")),
    )
    op.create_table(
        "gateway_tokens",
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("access_token", sa.Text(), nullable=True),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("gateway", name=op.f("pk_gateway_tokens")),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("checkout_key", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "placed",
                "paid",
                "fulfilled",
                "lapsed",
                "cancelled",
                name="state_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fulfilled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("mobile", sa.String(length=11), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.String(length=10), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("national_code", sa.String(length=10), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'fulfilled') = (fulfilled_at IS NOT NULL)",
            name=op.f("ck_orders_fulfilled_has_a_time"),
        ),
        sa.CheckConstraint(
            "(state IN ('paid', 'fulfilled')) = (paid_at IS NOT NULL)",
            name=op.f("ck_orders_paid_has_a_time"),
        ),
        sa.CheckConstraint("amount_rials > 0", name=op.f("ck_orders_amount_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("checkout_key", name=op.f("uq_orders_checkout_key")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
        sa.UniqueConstraint("token", name=op.f("uq_orders_token")),
    )
    op.create_index("ix_orders_state_held_until", "orders", ["state", "held_until"], unique=False)

    op.create_table(
        "worker_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_runs")),
    )
    op.create_index(
        "ix_worker_runs_job_started_at", "worker_runs", ["job", "started_at"], unique=False
    )

    op.create_table(
        "payments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("reference_number", sa.String(length=40), nullable=False),
        sa.Column("order_identifier", sa.String(length=64), nullable=True),
        sa.Column("switching_url", sa.String(length=2000), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "initiated",
                "awaiting_shopper",
                "verifying",
                "in_doubt",
                "needs_review",
                "paid",
                "failed",
                "expired",
                name="state_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gave_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payer_card", sa.String(length=30), nullable=True),
        sa.Column("claimed", sa.Boolean(), nullable=False),
        sa.Column("verifications_sent", sa.Integer(), nullable=False),
        sa.Column("verifications_answered", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'paid') = (paid_at IS NOT NULL)", name=op.f("ck_payments_paid_has_a_time")
        ),
        sa.CheckConstraint(
            "state <> 'paid' OR claimed", name=op.f("ck_payments_paid_holds_the_claim")
        ),
        sa.CheckConstraint("amount_rials > 0", name=op.f("ck_payments_amount_positive")),
        sa.CheckConstraint(
            "verifications_sent >= verifications_answered",
            name=op.f("ck_payments_answers_were_asked"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_payments_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("reference_number", name=op.f("uq_payments_reference_number")),
    )
    op.create_index("ix_payments_order_id", "payments", ["order_id"], unique=False)
    op.create_index(
        "ix_payments_state_next_check_at", "payments", ["state", "next_check_at"], unique=False
    )
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

    op.create_table(
        "products",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("name_fa", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("description_fa", sa.Text(), nullable=False),
        sa.Column("description_en", sa.Text(), nullable=False),
        sa.Column("image", sa.String(length=200), nullable=False),
        sa.Column("price_rials", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("stock_received", sa.Integer(), nullable=False),
        sa.Column("stock_free", sa.Integer(), nullable=False),
        sa.Column("stock_reserved", sa.Integer(), nullable=False),
        sa.Column("stock_sold", sa.Integer(), nullable=False),
        sa.CheckConstraint("price_rials > 0", name=op.f("ck_products_price_positive")),
        sa.CheckConstraint("stock_free >= 0", name=op.f("ck_products_stock_free_not_negative")),
        sa.CheckConstraint(
            "stock_received = stock_free + stock_reserved + stock_sold",
            name=op.f("ck_products_stock_conserved"),
        ),
        sa.CheckConstraint(
            "stock_reserved >= 0", name=op.f("ck_products_stock_reserved_not_negative")
        ),
        sa.CheckConstraint("stock_sold >= 0", name=op.f("ck_products_stock_sold_not_negative")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_products_category_id_categories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("slug", name=op.f("uq_products_slug")),
    )
    op.create_index("ix_products_category_id", "products", ["category_id"], unique=False)

    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column(
            "actor",
            sa.Enum(
                "shopper",
                "worker",
                "merchant",
                name="actor_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_journal_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_journal_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_order_id_id", "journal", ["order_id", "id"], unique=False)

    op.create_table(
        "order_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "product",
                "delivery",
                "vat",
                name="kind_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("name_fa", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("unit_price_rials", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'product') = (product_id IS NOT NULL)",
            name=op.f("ck_order_lines_goods_have_product"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_lines_quantity_positive")),
        sa.CheckConstraint("unit_price_rials >= 0", name=op.f("ck_order_lines_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_order_lines_product_id_products")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
    )
    op.create_index("ix_order_lines_order_id", "order_lines", ["order_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_order_lines_order_id", "order_lines")

    op.drop_table("order_lines")
    op.drop_index("ix_journal_order_id_id", "journal")

    op.drop_table("journal")
    op.drop_index("ix_products_category_id", "products")

    op.drop_table("products")
    op.drop_index("uq_payments_one_claim_for_an_order", "payments")
    op.drop_index("uq_payments_gateway_order_identifier", "payments")
    op.drop_index("ix_payments_state_next_check_at", "payments")
    op.drop_index("ix_payments_order_id", "payments")

    op.drop_table("payments")
    op.drop_index("ix_worker_runs_job_started_at", "worker_runs")

    op.drop_table("worker_runs")
    op.drop_index("ix_orders_state_held_until", "orders")

    op.drop_table("orders")
    op.drop_table("gateway_tokens")
    op.drop_table("categories")
