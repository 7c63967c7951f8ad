"""One world: a bank and its gateway, a shop of four processes on one database, and the time."""

from __future__ import annotations

import logging
import math
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from jibit_sandbox.testing import SandboxWorld
from payment_engine.gateways.jibit_ppg import JibitPpg
from payment_engine.states import FINAL
from storefront import create_app
from storefront.catalogue import files
from storefront.core.database import db
from storefront.orders.models import Order
from storefront.orders.payments import Payment
from storefront.orders.states import OrderState
from storefront.worker import jobs
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.settings import quiet_settings
from tests.machine.faults import Reading
from tests.machine.network import Network
from tests.machine.process import Process

TICK = 15  # seconds: how often the worker looks for work
LEASE = timedelta(seconds=61)  # the longest that trouble is felt: a dead process's, a refused key's
# All happens in one thread: who met a lock would wait for itself.
IMPATIENT = {"sqlite": {"SQLALCHEMY_ENGINE_OPTIONS": {"connect_args": {"timeout": 0}}}}
LOGGERS = ("storefront", "payment_engine")
GOODS = {"bowl": 8, "rug": 5, "lamp": 3}


class Complaints(logging.Handler):
    """Keeps what is logged with a traceback: whatever it is, it should not have happened."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        if record.exc_info:
            self.heard.append(f"{record.getMessage()}: {record.exc_info[1]!r}")


class World:
    """Everything that the machine acts upon. Processes start when they are first wanted."""

    def __init__(self, url: str, sandbox: SandboxWorld, reading: Reading) -> None:
        self.reading, self._url = reading, url
        self.clock = MovingClock()
        self.bank = sandbox.world(f"m{secrets.token_hex(6)}")
        self.bank.switch(**reading.switches, expiry_late=reading.late)
        self.bank.clock.freeze(self.clock.now() + timedelta(seconds=reading.skew))
        self.clock.followed_by(self.bank.clock.advance)
        self._bank_began = self.clock.now() + timedelta(seconds=reading.skew)
        self.network = Network(self._carrier())
        self.engine = create_engine(url)
        self.troubled_until = self.clock.now()
        self.behaves_badly = False
        self._processes: dict[str, Process] = {}
        self._stock_the_catalogue()
        self.complaints = Complaints()
        for name in LOGGERS:
            logging.getLogger(name).addHandler(self.complaints)

    def close(self) -> None:
        """Leave nothing behind."""
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(self.complaints)
        for process in self._processes.values():
            process.stop()
        self.engine.dispose()

    def recover(self) -> None:
        """All faults end: the gateway is well, every call has arrived, new processes work."""
        self.forget_behaviours()
        self.network.calm_down()
        for process in self._processes.values():
            process.stop()
        self._processes.clear()

    def process(self, name: str) -> Process:
        """The server, the worker, or the other one of either."""
        if name not in self._processes:
            self._processes[name] = Process(self._settings(), self.clock, self.network)
        return self._processes[name]

    def behave(self, name: str, operation: str, times: int | None) -> None:
        """Let the gateway do something wrong at its next calls, or until it is stopped."""
        self.bank.behave(name, operation=operation, times=times)
        self.behaves_badly = True

    def forget_behaviours(self) -> None:
        """The gateway is well again; what trouble it made is felt a little longer."""
        self.note_trouble()
        self.bank.forget_behaviours()
        self.behaves_badly = False

    def note_trouble(self) -> None:
        """From now on nothing is promised to be found at once, for as long as trouble is felt."""
        self.troubled_until = max(self.troubled_until, self.clock.now() + LEASE)

    def is_calm(self) -> bool:
        """Whether the gateway is there and well, and the worker at work, for long enough."""
        if self.behaves_badly:
            waiting = self.bank.control("GET", "behaviours")["active"]
            self.behaves_badly = any(rule["remaining"] != 0 for rule in waiting)
            self.note_trouble()
        if self.network.troubled:
            self.note_trouble()
        return self.clock.now() >= self.troubled_until

    def wait(self, seconds: float) -> None:
        """Let time pass while nobody works."""
        self.clock.advance(seconds)
        self.note_trouble()

    @property
    def bank_now(self) -> datetime:
        """The gateway's own time, which nobody steps."""
        return self._bank_began + timedelta(seconds=self.clock.steady())

    def step_clock(self, seconds: float) -> None:
        """Set the shop's clock back or forward while no time passes; the gateway's stays."""
        self.clock.set_by(seconds)
        self.note_trouble()

    def expire_late(self, seconds: int) -> None:
        """Let the gateway's expiry run so many seconds late from now on."""
        self.bank.switch(expiry_late=seconds)

    def until_next_work(self) -> float:
        """Seconds to the worker's next tick that finds something to do; an hour at most."""
        now = self.clock.now()
        checks = select(func.min(Payment.next_check_at)).where(Payment.state.not_in(FINAL))
        holds = select(func.min(Order.reserved_until)).where(
            Order.state == OrderState.PLACED, Order.reserved_until >= now
        )
        with Session(self.engine) as session:
            found = [session.scalar(query) for query in (checks, holds)]
        ahead = [(moment - now).total_seconds() for moment in found if moment] + [3600]
        return TICK * max(1, math.ceil((min(ahead) + 1) / TICK))

    def order_of(self, key: str) -> int | None:
        """The order that a checkout form has become."""
        with Session(self.engine) as session:
            return session.scalar(select(Order.id).where(Order.checkout_key == key))

    def worker_ticks(self, name: str = "worker") -> None:
        """One pass over everything that is due."""
        for job in ("refresh_tokens", "recover_payments", "expire_orders"):
            self.do_job(job, name)

    def do_job(self, job: str, name: str = "worker") -> None:
        """One pass of one job, as the worker makes it."""
        process = self.process(name)
        if process.run(lambda driver: _pass(driver, job)) is None:
            self.note_trouble()

    def _settings(self) -> dict[str, Any]:
        return quiet_settings(
            DATABASE_URL=self._url,
            PPG_BASE_URL=self.bank.ppg_base_url,
            PPG_API_KEY=self.bank.api_key,
            PPG_SECRET_KEY=self.bank.secret_key,
            GATEWAY_READ_TIMEOUT=30,
            PAYMENT_WINDOW_SECONDS=self.reading.window,
            VERIFY_WITHOUT_CALLBACK=self.reading.policy,
            **IMPATIENT.get(self.engine.dialect.name, {}),
        )

    def _carrier(self) -> JibitPpg:
        return JibitPpg(
            base_url=self.bank.ppg_base_url,
            api_key=self.bank.api_key,
            secret_key=self.bank.secret_key,
            clock=self.clock.now,
        )

    def _stock_the_catalogue(self) -> None:
        shelf = {"slug": "home", "name_fa": "خانه", "name_en": "Home"}
        app = create_app(self._settings(), clock=self.clock.now, steady=self.clock.steady)
        with app.app_context():
            files.store(files.CatalogueFile([shelf], [_good(slug, n) for slug, n in GOODS.items()]))
            db.engine.dispose()


def _good(slug: str, pieces: int) -> dict[str, Any]:
    texts = dict.fromkeys(
        ("slug", "name_fa", "name_en", "description_fa", "description_en", "image"), slug
    )
    return {**texts, "category": "home", "price_rials": 1_000_000, "stock": pieces}


def _pass(driver: ScenarioDriver, job: str) -> bool:
    with driver.in_the_shop() as services:
        jobs.JOBS[job](services)
    return True
