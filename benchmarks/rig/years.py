"""Fills a shop with goods and years of orders: a month as `demo month` invents it, and copies.

The month is drawn by the shop's own code; its copies lie a month further back each, are written by
the database itself, and have ended: what is open, to pack or to send is that of the first month.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, text

from benchmarks.rig.filling import BUNDLED, GOODS, NUMBERS, OWN_WORDS, QUICKLY, WORDS
from benchmarks.rig.indexes import left_out
from storefront import create_app
from storefront.core.database import db
from storefront.core.services import current_services
from storefront.demo.filling import MONTH_DAYS, fill
from testkit.settings import quiet_settings

# Ids of a copy lie below those of the month after it, so that the youngest orders have the highest.
IDS = 10**6
EARLIER = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', {column}, '-' || (i * {days}) || ' days')",
    "postgresql": "{column} - make_interval(days => i * {days})",
}
ENDED = "state NOT IN ('placed', 'paid')"
OF_ENDED = f"(SELECT number FROM orders WHERE id > 0 AND {ENDED})"  # noqa: S608 - our own words
MOMENTS = {
    "orders": "created_at reserved_until expiry_check_at paid_at packed_at fulfilled_at",
    "payments": "created_at expires_at closes_at next_check_at callback_at paid_at ended_at",
    "refunds": "requested_at next_check_at ended_at",
    "payment_events": "at",
}
KEPT = {
    "orders": "state amount_rials refunded_rials expiry_tries full_name address"
    " postal_code language in_cart version",
    "payments": "gateway redirect_url state amount_rials payer_card tracking_number claimed"
    " verifications_sent verifications_answered failures money_seen success_claimed callbacks_seen"
    " refunded_rials version",
    "refunds": "gateway amount_rials method state automatic reason requested_by cancellable"
    " times_sent failures version",
    "payment_events": "actor event details",
    "order_lines": "product_id kind name_fa name_en unit_price_rials quantity taken_back",
}
OLDER = f"id - i * {IDS}"
OTHER_MOBILE = "10000000 + (CAST(substr(mobile, 5) AS INTEGER) + i * 7919) % 10000000"
OWN = {  # what another row may not have, by column
    "orders": {
        "id": OLDER,
        "number": "number || '-' || i",
        # Other customers: else the large shop's page of one of them would be sixty times as long.
        "mobile": f"substr(mobile, 1, 4) || substr(CAST({OTHER_MOBILE} AS VARCHAR(8)), 2)",
        "token": "token || '-' || i",
        "checkout_key": "checkout_key || '-' || i",
        "delivered_at": "{delivered}",
    },
    "payments": {
        "id": OLDER,
        "order_key": "order_key || '-' || i",
        "reference": "substr(reference, 1, 32) || '-' || i",
        "gateway_payment_id": "gateway_payment_id || '-' || i",
    },
    "refunds": {
        "payment_id": f"payment_id - i * {IDS}",
        "order_key": "order_key || '-' || i",
    },
    "payment_events": {
        "payment_id": f"payment_id - i * {IDS}",
        "order_key": "order_key || '-' || i",
    },
    "order_lines": {"order_id": f"order_id - i * {IDS}"},
    "order_words": {"word": "word", "order_id": f"order_id - i * {IDS}"},
    "payment_groups": {"order_key": "order_key || '-' || i"},
}
OF_ORDERS = f"order_id IN (SELECT id FROM orders WHERE id > 0 AND {ENDED})"  # noqa: S608
WHICH = {  # of all others, what belongs to an order that has ended
    "orders": f"id > 0 AND {ENDED}",
    "order_lines": OF_ORDERS,
    "order_words": OF_ORDERS,
    "refunds": f"state = 'done' AND order_key IN {OF_ENDED}",
}


def fill_years(url: str, *, products: int, month: int, months: int) -> None:
    """Fill an empty shop that has the bundled goods; ``month`` is how many orders one has."""
    engine = create_engine(url)
    with _quick(engine) as connection:
        for statement in (GOODS, WORDS, OWN_WORDS):
            numbers = NUMBERS.format(count=products - BUNDLED)
            connection.execute(text(statement.format(numbers=numbers, bundled=BUNDLED)))
    engine.dispose()
    _fill_month(url, month)
    with _quick(engine) as connection:
        if months > 1:
            with left_out(connection, OWN):
                for table in OWN:
                    _repeat(connection, table, months - 1)
        if engine.dialect.name == "postgresql":  # does so by itself; on SQLite nobody ever does
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


@contextmanager
def _quick(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for line in QUICKLY[connection.dialect.name]:
            connection.execute(text(line))
        yield connection


def _fill_month(url: str, orders: int) -> None:
    app = create_app(quiet_settings(DATABASE_URL=url))
    with app.app_context():
        fill(current_services(), seed=1, orders=orders, days=MONTH_DAYS)
        db.session.remove()
        db.engine.dispose()


def _repeat(connection: Connection, table: str, copies: int) -> None:
    earlier = EARLIER[connection.dialect.name]
    moments = MOMENTS.get(table, "").split()
    delivered = earlier.format(column="COALESCE(delivered_at, fulfilled_at)", days=MONTH_DAYS)
    columns = {
        **{name: each.format(delivered=delivered) for name, each in OWN[table].items()},
        **{name: earlier.format(column=name, days=MONTH_DAYS) for name in moments},
        **{name: name for name in KEPT.get(table, "").split()},
    }
    which = WHICH.get(table, f"order_key IN {OF_ENDED}")
    sql = f"""
        INSERT INTO {table} ({", ".join(columns)})
        {NUMBERS.format(count=copies)}
        SELECT {", ".join(columns.values())} FROM numbers CROSS JOIN {table} WHERE {which}
    """  # noqa: S608 - names of our own tables
    connection.execute(text(sql.replace(":", r"\:")))
