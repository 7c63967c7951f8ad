"""Processes that share payments: each has an engine of its own, or its parent's after a fork."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn
from urllib.parse import urlsplit

from sqlalchemy import Column, Engine, MetaData, String, Table, create_engine, insert, select

from jibit_sandbox.testing import SandboxWorld
from payment_engine import Hooks, Payment, PaymentEngine, Policy
from payment_engine.gateway import Gateway
from payment_engine.gateways.jibit_ppg import JibitPpg
from payment_engine.services import utc_now
from payment_engine.sqlalchemy_store import SqlAlchemyStore

PAID = Table("paid_orders", MetaData(), Column("order_key", String(64), nullable=False))


class NotingHooks(Hooks):
    """Write a row for each call, so that a second one is seen."""

    def on_paid(self, session: Any, payment: Payment) -> None:
        session.execute(insert(PAID).values(order_key=payment.order_key))


def engine_on(database: Engine, gateway: Gateway, host: str, **named: Any) -> PaymentEngine:
    """Return an engine with :class:`NotingHooks`."""
    policy = Policy(callback_url="https://shop.example/{reference}", redirect_hosts={host})
    store = SqlAlchemyStore(database)
    return PaymentEngine(
        gateways=[gateway], store=store, hooks=NotingHooks(), policy=policy, **named
    )


@dataclass(frozen=True)
class Shop:
    """What a process needs to take part: the database, and the world of the sandbox."""

    database_url: str
    base_url: str
    api_key: str
    secret_key: str
    later: timedelta = timedelta()

    @classmethod
    def at(cls, world: SandboxWorld, database_url: str) -> Shop:
        """Return a shop at a world of the sandbox."""
        return cls(database_url, world.ppg_base_url, world.api_key, world.secret_key)

    def engine(self, database: Engine | None = None) -> PaymentEngine:
        """Make an engine, as a process does once; its clock is ahead by ``later``."""
        gateway = JibitPpg(base_url=self.base_url, api_key=self.api_key, secret_key=self.secret_key)
        return engine_on(
            database or create_engine(self.database_url),
            gateway,
            urlsplit(self.base_url).netloc,
            clock=lambda: utc_now() + self.later,
        )


def create_tables(database: Engine) -> None:
    """Create the engine's tables and that of the noting hooks."""
    SqlAlchemyStore(database).create_tables()
    PAID.metadata.create_all(database)


def paid_orders(database: Engine) -> list[str]:
    """Return the orders for which ``on_paid`` was called, once for each call, sorted."""
    with database.connect() as connection:
        return sorted(connection.scalars(select(PAID.c.order_key)))


def recovers(shop: Shop) -> None:
    """Run one pass of recovery in this process."""
    shop.engine().recover_once()


def preloads(shop: Shop, workers: int) -> None:
    """Do as a server that loads the application first: use the engine, then fork."""
    engine = shop.engine()
    (payment,) = engine.payments_of("0")  # opens a connection to the database
    engine.gateways[payment.gateway].inquire(str(payment.gateway_payment_id))  # and one there

    def works() -> None:
        engine.after_fork()
        engine.recover_once()

    children = [_forked(works) for _ in range(workers)]
    engine.recover_once()
    codes = [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in children]
    assert codes == [0] * workers, codes


def _forked(function: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        _run_and_leave(function)
    return pid


def _run_and_leave(function: Callable[[], None]) -> NoReturn:
    code = 1
    try:
        function()
        code = 0
    except BaseException:  # noqa: BLE001 - the forked process must not go on with the tests
        traceback.print_exc()
    finally:
        os._exit(code)
