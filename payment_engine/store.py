"""Define the storage port: what the engine needs of a database, and the hooks that run inside it.

``sqlalchemy_store.py`` implements it for SQLite and PostgreSQL. For another database implement
:class:`Store` and :class:`UnitOfWork` and run
:class:`~payment_engine.testing.store_contract.StoreContract` on them: that suite is the contract.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any, Protocol

from payment_engine.discrepancies import Discrepancy, Kind, ReconciliationRun
from payment_engine.events import Actor, PaymentEvent
from payment_engine.payment import Payment
from payment_engine.refund import Refund
from payment_engine.states import PaymentState
from payment_engine.tokens import TokenStore
from payment_engine.turns import Turns

LONGEST_AHEAD = timedelta(hours=1)  #: no check of a payment or a refund is put off for longer


class CallerTransactionOpen(RuntimeError):
    """Raised when the caller's transaction is open: commit it first, since a gateway is called."""


class Conflict(Exception):
    """Raised when another writer has changed the payment since it was read; read it again."""


class UnknownReference(LookupError):
    """Raised when no payment has this reference of ours; a callback's page answers with 404."""


class Hooks:
    """Do with an order what follows from its payment's move. Override what you need.

    Every hook but :meth:`attending` runs inside the engine's transaction, with the group of the
    order locked, and must neither call out nor commit. ``session`` is the database session of that
    transaction: what is written with it is committed together with the payment's move, or not at
    all.

    A hook that raises rolls the move back, but never the gateway's answer: the answer is committed
    alone, ``payment.failures`` counts, and recovery tries the move again with its hook.
    """

    def attending(self, payment: Payment) -> AbstractContextManager[None]:
        """Return what the engine enters while it asks a gateway about a payment.

        The one hook outside of a transaction: for an application that wants to name the payment in
        its log, or to trace the call. It is entered in a block's beginning and left at its end,
        perhaps within another one for the same payment, and must raise nothing.
        """
        return nullcontext()

    def on_begin(self, session: Any, payment: Payment) -> None:
        """Accept or refuse a new payment, before the gateway is asked to open it.

        Called with the saved intent. Raise :class:`~payment_engine.opening.NotPayable` if the order
        cannot be paid now: then nothing is saved.
        """

    def may_capture(self, session: Any, payment: Payment) -> bool:
        """Return whether to capture the money: is the order still open, is there stock?

        May write, for instance reserve stock again. False rolls these writes back, and the payment
        is not verified: the gateway returns the money to the payer. If the gateway has captured it
        by itself, the engine has it returned.
        """
        return True

    def may_reopen(self, session: Any, payment: Payment) -> bool:
        """Return whether an order can be paid that was given up: an operator has decided so.

        Called before ``on_paid`` for a payment that failed or expired here and was captured all the
        same. May write, for instance reserve stock again. False rolls these writes back.
        """
        return True

    def on_paid(self, session: Any, payment: Payment) -> None:
        """Mark the order as paid: called exactly once for it, in the payment's move to ``paid``."""

    def on_failed(self, session: Any, payment: Payment) -> None:
        """Let the order be paid again: called once, in a payment's move to ``failed``.

        Nothing was captured. Called also for one that the gateway did not open; nobody was sent
        there if it has no ``redirect_url``.
        """

    def on_expired(self, session: Any, payment: Payment) -> None:
        """Let the order be paid again: called once, in a payment's move to ``expired``.

        Nothing was captured.
        """

    def on_returned(self, session: Any, payment: Payment) -> None:
        """Let the order be paid again: called once, in a payment's move to ``returned``.

        It was paid, but could not be kept: the money goes or went back to the payer.
        """

    def on_refunded(self, session: Any, payment: Payment, refund: Refund) -> None:
        """Note that money has gone back: called exactly once for a refund, in its move to ``done``.

        ``payment.refunded_rials`` counts it already. For a payment that is ``returned`` it ends
        what ``on_returned`` has announced.
        """


class UnitOfWork(Protocol):
    """Read and write inside one transaction. Nothing in it calls a gateway."""

    @property
    def session(self) -> Any:
        """Return what the hooks get as ``session``."""

    def lock_group(self, order_key: str) -> None:
        """Lock all payments of an order against every other writer until the transaction ends.

        Makes the group if there is none yet.
        """

    def add(self, payment: Payment) -> None:
        """Insert a payment and set its ``id``."""

    def save(self, payment: Payment) -> None:
        """Write a payment that was read in this transaction, and raise its ``version`` by one.

        Raises Conflict if the stored version is another one.
        """

    def by_id(self, payment_id: int) -> Payment:
        """Read a payment as it is now. Raises LookupError."""

    def by_reference(self, reference: str) -> Payment | None:
        """Read the payment with this reference of ours; None if there is none."""

    def of_order(self, order_key: str) -> Sequence[Payment]:
        """Read every payment of an order, oldest first, as they are now."""

    def in_state(self, state: PaymentState, limit: int) -> Sequence[Payment]:
        """Read at most ``limit`` payments in a state, oldest first."""

    def claim_next_due(
        self,
        states: Collection[PaymentState],
        gateways: Collection[str],
        now: datetime,
        until: datetime,
    ) -> int | None:
        """Take the due payment with the nearest deadline and put its next check off to ``until``.

        Of two workers at the same moment each takes another one. Payments past their deadline come
        last. After all that are due come those whose ``next_check_at`` lies further ahead than it
        is ever put: the clock has been set back. Returns the id, None if none is left.
        """

    def take(self, payment: Payment, until: datetime) -> bool:
        """Put the next check of a payment off to ``until``; return whether that was done.

        It is not if somebody else has done so since the payment was read.
        """

    def count_failure(self, payment_id: int, reason: str) -> None:
        """Count a failure of a payment without reading it: what is stored may be damaged."""

    def expiry_has_run(self, payment: Payment, since: datetime, until: datetime) -> bool:
        """Return whether the gateway has expired a younger payment since, before ``until``.

        Counted is only one that had to end at ``since`` or later, was once seen as paid and never
        verified: an unpaid one proves nothing about those that were paid.
        """

    def append(self, event: PaymentEvent) -> None:
        """Append to the history, with ``details`` redacted."""

    def events_of(self, order_key: str) -> Sequence[PaymentEvent]:
        """Read the history of an order in the order in which it was written."""

    def last_event_at(self, payment: Payment, event: str) -> datetime | None:
        """Return when an event was last recorded for a payment; None if it never was."""

    def latest(self, events: Collection[str], since: datetime) -> datetime | None:
        """Return when one of these events was last recorded, at ``since`` or later; else None."""

    # refunds

    def add_refund(self, refund: Refund) -> None:
        """Insert a refund and set its ``id``; the group of its order is locked.

        The database refuses a second one of a payment that is not final, and any transition that is
        not in ``REFUND_TRANSITIONS``.
        """

    def save_refund(self, refund: Refund) -> None:
        """Write a refund that was read in this transaction, and raise its ``version`` by one.

        Raises Conflict if the stored version is another one.
        """

    def refund(self, refund_id: int) -> Refund:
        """Read a refund as it is now. Raises LookupError."""

    def refunds_of(self, payment_id: int) -> Sequence[Refund]:
        """Read the refunds of a payment, oldest first, as they are now."""

    def refunds_of_order(self, order_key: str) -> Sequence[Refund]:
        """Read the refunds of an order, oldest first, as they are now."""

    def unfinished_refunds(self, limit: int) -> Sequence[Refund]:
        """Read at most ``limit`` refunds that are not final, oldest first."""

    def claim_next_refund(
        self, gateways: Collection[str], now: datetime, until: datetime
    ) -> int | None:
        """Take the refund that has been due for longest and put its next check off to ``until``.

        Of two workers at the same moment each takes another one. Returns the id, None if none is
        left. Final ones are never due.
        """

    # reconciliation

    def named(
        self, gateway: str, gateway_ids: Collection[str], references: Collection[str]
    ) -> Sequence[Payment]:
        """Read the payments of a gateway with one of these ids or references."""

    def created_between(
        self, gateway: str, since: datetime, until: datetime, *, after_id: int, limit: int
    ) -> Sequence[Payment]:
        """Read at most ``limit`` opened payments created in a span, by id, after ``after_id``."""

    def known_discrepancy(self, gateway: str, kind: Kind, key: str) -> Discrepancy | None:
        """Read and lock the discrepancy with this key; None if there is none."""

    def discrepancy(self, discrepancy_id: int) -> Discrepancy | None:
        """Read and lock a discrepancy; None if there is none."""

    def save_discrepancy(self, row: Discrepancy) -> None:
        """Insert a discrepancy without an id, or update the one it has."""

    def unseen_discrepancies(
        self, gateway: str, since: datetime, until: datetime, before: datetime
    ) -> Sequence[Discrepancy]:
        """Read and lock open ones that lie within a span and were last seen before a moment."""

    def open_discrepancies(self, also: Iterable[int] = ()) -> Sequence[Discrepancy]:
        """Read all open ones and those with these ids, oldest first."""

    def add_run(self, run: ReconciliationRun) -> None:
        """Insert the record of a run."""

    def last_run(self, *, complete: bool) -> ReconciliationRun | None:
        """Read the run written last of those that followed on; only complete ones if so asked."""


class Store(Protocol):
    """Keep payments: begin transactions on a database. Thread-safe."""

    def transaction(self) -> AbstractContextManager[UnitOfWork]:
        """Begin a writing transaction, commit at the end, roll back on an exception."""

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """Read, and give the connection back at the end."""

    def check_idle(self) -> None:
        """Raise CallerTransactionOpen if the calling thread has a transaction open."""

    def after_fork(self) -> None:
        """Let go of the connections that belong to the process this one was forked from."""

    def is_temporary(self, error: BaseException) -> bool:
        """Return whether the database cannot serve now but may later."""

    def tokens(self, account: str) -> TokenStore:
        """Return the token store of one merchant account."""

    def turns(self, name: str) -> Turns:
        """Return the turns at one thing that all processes together do one at a time.

        Like :meth:`tokens` it is used in the middle of a gateway call: it uses no session of the
        caller.
        """

    def nearest_deadline(self, gateway: str, now: datetime) -> datetime | None:
        """Return when the next open payment of a gateway can no longer be verified.

        Called in the middle of a gateway call: uses no session of the caller.
        """


def event_about(
    payment: Payment, at: datetime, actor: Actor, event: str, **details: Any
) -> PaymentEvent:
    """Return an entry of the history about one payment."""
    return PaymentEvent(at, payment.order_key, payment.id, actor, event, details)
