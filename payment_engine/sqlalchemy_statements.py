"""The statements of every payment, built once.

SQLAlchemy finds a statement's compiled form by a key of all its parts. Building the statement and
its key anew took longer than running it, and a tenth of a whole callback.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Executable,
    Insert,
    Select,
    Update,
    and_,
    bindparam,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from payment_engine.sqlalchemy_tables import PaymentTables


@dataclass(frozen=True, slots=True)
class Statements:
    """What is asked and written for one payment.

    Parameters are named after the columns; ``save`` takes ``of_id`` and ``of_version`` beside the
    columns to change, ``named`` the lists ``ids`` and ``references``. ``new_group`` has a statement
    for each dialect, which writes one row or none.
    """

    lock_group: Select[Any]
    new_group: Mapping[str, Executable]
    by_id: Select[Any]
    by_reference: Select[Any]
    of_order: Select[Any]
    named: Select[Any]
    save: Update
    add: Insert
    append: Insert


def statements(tables: PaymentTables) -> Statements:
    """Build the statements of these tables."""
    groups, payments = tables.groups, tables.payments
    columns = payments.c
    group = groups.c.order_key == bindparam("order_key")
    as_it_was_read = (columns.id == bindparam("of_id"), columns.version == bindparam("of_version"))
    every = select(payments).order_by(columns.id)
    gateway = bindparam("gateway", type_=columns.gateway.type)
    has_id = columns.gateway_payment_id.in_(bindparam("ids", expanding=True))
    has_reference = columns.reference.in_(bindparam("references", expanding=True))
    return Statements(
        lock_group=select(groups.c.order_key).where(group).with_for_update(),
        new_group={
            name: dialect.insert(groups)
            .on_conflict_do_nothing()
            .execution_options(preserve_rowcount=True)
            for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
        },
        by_id=every.where(columns.id == bindparam("id")),
        by_reference=every.where(columns.reference == bindparam("reference")),
        of_order=every.where(columns.order_key == bindparam("order_key")),
        # An expression: by this column alone SQLite would read all that the gateway ever had.
        named=every.where(
            columns.gateway + "" == gateway,
            or_(and_(columns.gateway == gateway, has_id), has_reference),
        ),
        save=update(payments).where(*as_it_was_read),
        add=insert(payments),
        append=insert(tables.events),
    )
