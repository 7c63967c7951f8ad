"""Fills a migrated shop with goods and history in a handful of statements, all in the database.

The goods are variations of the bundled ones; the orders are spread over three years and ended long
ago, nine of ten paid, but for a few that wait to be paid.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, create_engine, text

BUNDLED = 26
# Orders to be paid, however large the shop. Their stock is kept and their payments, whose window is
# over, are not due for 15 minutes: long enough to measure.
WAITING = 20
YEARS_SECONDS = 3 * 365 * 24 * 60 * 60

QUICKLY = {  # nothing here need survive a crash, and what is inserted refers to what is there
    "sqlite": (
        "PRAGMA journal_mode = OFF",
        "PRAGMA synchronous = OFF",
        "PRAGMA cache_size = -1000000",
    ),
    "postgresql": ("SET session_replication_role = replica",),
}
TOLD = {
    "state": "SUCCESSFUL",
    "named_us": True,
    "gateway": "ppg",
    "amount_rials": 4845500,
    "gateway_payment_id": "id",
}
NUMBERS = """
    WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {count})
"""
MOMENT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', 'now', ({seconds}) || ' seconds')",
    "postgresql": "now() + make_interval(secs => ({seconds}))",
}

GOODS = """
    INSERT INTO products (id, slug, category_id, name_fa, name_en, description_fa, description_en,
        image, price_rials, position, stock_received, stock_free, stock_reserved, stock_sold)
    {numbers}
    SELECT {bundled} + i, 'good-' || i, category_id, name_fa || ' x' || i, name_en || ' x' || i,
        description_fa, description_en, image, price_rials + i % 1000 * 10000, i, 1000, 1000, 0, 0
    FROM numbers JOIN products ON products.id = 1 + i % {bundled}
"""
WORDS = """
    INSERT INTO product_words (word, product_id, rank)
    {numbers}
    SELECT word, {bundled} + i, rank
    FROM numbers JOIN product_words ON product_id = 1 + i % {bundled}
"""
OWN_WORDS = """
    INSERT INTO product_words (word, product_id)
    {numbers}
    SELECT 'x' || (1000000 + i), {bundled} + i FROM numbers
"""
# As many words of seven signs as there are products, each without one of its signs.
VARIANTS = """
    INSERT INTO word_variants (variant, word)
    {numbers}, places(place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM places WHERE place < 7)
    SELECT DISTINCT substr(word, 1, place - 1) || substr(word, place + 1), word
    FROM (SELECT CAST(1000000 + i AS TEXT) AS word FROM numbers) AS words CROSS JOIN places
"""
ORDERS = """
    INSERT INTO orders (id, number, token, checkout_key, state, amount_rials, created_at,
        reserved_until, expiry_check_at, paid_at, full_name, mobile, address, postal_code,
        language, version)
    {numbers}
    SELECT i, CAST(1000000000 + i AS TEXT), 'order-token-' || i, 'checkout-key-' || i,
        CASE WHEN {waits} THEN 'placed' WHEN i % 10 = 0 THEN 'expired' ELSE 'paid' END,
        4845500, {created}, {expires}, {expires},
        CASE WHEN NOT {waits} AND i % 10 <> 0 THEN {created} END,
        'مریم حسینی', '09121234567', 'تهران، خیابان ولیعصر، پلاک ۱۲', '1591634311', 'fa', 1
    FROM numbers
"""
LINES = """
    INSERT INTO order_lines (order_id, product_id, kind, name_fa, name_en, unit_price_rials,
        quantity)
    {numbers}
    SELECT i, product_id, kind, name_fa, name_en, unit_price_rials, quantity
    FROM numbers CROSS JOIN (
        SELECT id AS product_id, 'product' AS kind, name_fa, name_en,
            price_rials AS unit_price_rials, 2 AS quantity FROM products WHERE id <= 2
        UNION ALL SELECT NULL, 'delivery', 'هزینهٔ ارسال', 'Delivery', 850000, 1
        UNION ALL SELECT NULL, 'vat', 'مالیات بر ارزش افزوده', 'Value added tax', 440500, 1
    ) AS kinds
"""
GROUPS = """
    INSERT INTO payment_groups (order_key)
    {numbers}
    SELECT CAST(1000000000 + i AS TEXT) FROM numbers
"""
PAYMENTS = """
    INSERT INTO payments (id, order_key, gateway, reference, gateway_payment_id, redirect_url,
        state, amount_rials, created_at, expires_at, closes_at, next_check_at, callback_at, paid_at,
        payer_card, claimed, verifications_sent, verifications_answered, failures, money_seen,
        success_claimed, version)
    {numbers}
    SELECT i, CAST(1000000000 + i AS TEXT), 'ppg', 'reference-' || i, 'id-' || i,
        'http://127.0.0.1/orders/' || i,
        CASE WHEN {waits} THEN 'awaiting_payer' WHEN i % 10 = 0 THEN 'expired' ELSE 'paid' END,
        4845500, {created}, {created}, {created}, {expires},
        CASE WHEN NOT {waits} THEN {created} END,
        CASE WHEN NOT {waits} AND i % 10 <> 0 THEN {created} END, '603799******7893',
        NOT {waits} AND i % 10 <> 0, CASE WHEN {waits} THEN 0 ELSE 1 END,
        CASE WHEN {waits} THEN 0 ELSE 1 END, 0, FALSE, NOT {waits}, 4
    FROM numbers
"""
EVENTS = """
    INSERT INTO payment_events (at, order_key, payment_id, actor, event, details)
    {numbers}
    SELECT {created}, CAST(1000000000 + i AS TEXT), i, 'payer', event, '{details}'
    FROM numbers CROSS JOIN (
        SELECT 'order_placed' AS event UNION ALL SELECT 'payment_initiated'
        UNION ALL SELECT 'payment_opened' UNION ALL SELECT 'callback'
        UNION ALL SELECT 'verifying' UNION ALL SELECT 'payment_paid'
    ) AS events
"""
NEWS = """
    INSERT INTO outbox (key, kind, channel, payment_id, created_at, give_up_at, tries,
        delivered_at)
    {numbers}
    SELECT 'order_paid:' || i || ':email', 'order_paid', 'email', i, {created}, {created}, 1,
        {created}
    FROM numbers WHERE i % 10 <> 0 AND NOT {waits}
"""


@dataclass(frozen=True)
class Size:
    """How large a shop is."""

    products: int
    orders: int


def fill(url: str, size: Size) -> None:
    """Fill an empty shop that has the bundled goods."""
    engine = create_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for line in QUICKLY[engine.dialect.name]:
            connection.execute(text(line))
        for statement in (GOODS, WORDS, OWN_WORDS, VARIANTS):
            _run(connection, statement, size.products - BUNDLED)
        for statement in (ORDERS, LINES, GROUPS, PAYMENTS, EVENTS, NEWS):
            _run(connection, statement, size.orders)
        if engine.dialect.name == "postgresql":  # does so by itself; on SQLite nobody ever does
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _run(connection: Connection, statement: str, count: int) -> None:
    moment = MOMENT[connection.dialect.name]
    waits = f"(i > {count - WAITING})"
    since = f"CASE WHEN {waits} THEN 0 ELSE (i - {count}) * {YEARS_SECONDS // count} END"
    sql = statement.format(
        numbers=NUMBERS.format(count=count),
        bundled=BUNDLED,
        details=json.dumps(TOLD),
        waits=waits,
        created=moment.format(seconds=since),
        expires=moment.format(seconds=f"{since} + 900"),
    )
    connection.execute(text(sql.replace(":", r"\:")))
