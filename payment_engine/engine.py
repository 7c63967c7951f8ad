"""The face of the engine: everything an application calls."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from payment_engine import completion, opening, reconciliation, recovery, resolution
from payment_engine.bounds import LONGEST_GATEWAY_NAME, is_name
from payment_engine.completion import Returned
from payment_engine.discrepancies import Discrepancy
from payment_engine.events import Actor, PaymentEvent
from payment_engine.gateway import Gateway, Surroundings
from payment_engine.opening import Alongside, Opening
from payment_engine.payment import Payment
from payment_engine.policy import Policy
from payment_engine.reconciliation import Report
from payment_engine.recovery import Spread, Tally
from payment_engine.resilience import Bulkhead, CircuitBreaker, Monotonic
from payment_engine.services import Clock, Services, utc_now
from payment_engine.standing import Standing, standing_of
from payment_engine.states import PaymentState
from payment_engine.store import Hooks, Store


@dataclass(frozen=True, slots=True)
class LockedOrder:
    """An order whose payments nobody else can move now: the session, and the payments."""

    session: Any
    payments: Sequence[Payment]


class PaymentEngine:
    """Take payments. Thread-safe; make one per process.

    A process that is forked with an engine in it calls :meth:`after_fork` before anything else.

    No method may be called inside a transaction of the caller's: each raises CallerTransactionOpen.
    Every method may be repeated after any crash. Money is integer Rials, times are aware UTC.
    """

    def __init__(
        self,
        *,
        gateways: Iterable[Gateway],
        store: Store,
        policy: Policy,
        hooks: Hooks | None = None,
        clock: Clock = utc_now,
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        """Connect the parts; nothing is sent and nothing is read yet.

        Raises ValueError for two gateways with one name, and for a name that cannot be stored.
        """
        by_name = _by_name(gateways)
        for gateway in by_name.values():
            gateway.attach(_surroundings(store, gateway, clock))
        self.services = Services(
            gateways=by_name,
            bulkheads={name: _bulkhead(name, policy, monotonic) for name in by_name},
            store=store,
            hooks=hooks or Hooks(),
            policy=policy,
            clock=clock,
            monotonic=monotonic,
        )

    def after_fork(self) -> None:
        """Let go of the connections and locks of the process that this one was forked from.

        For servers that load the application before they fork, such as gunicorn with ``--preload``:
        call it in every new process first, with no other thread running. The parent's connections
        stay open.
        """
        self.services.store.after_fork()
        for gateway in self.services.gateways.values():
            gateway.close()
        self.services = replace(
            self.services,
            bulkheads={name: each.renewed() for name, each in self.services.bulkheads.items()},
        )

    @property
    def gateways(self) -> Mapping[str, Gateway]:
        """The gateways by name, in the order in which they were given."""
        return self.services.gateways

    def begin(
        self,
        *,
        order_key: str,
        amount_rials: int,
        payer_mobile: str,
        gateway: str | None = None,
        language: str = "fa",
        description: str | None = None,
        national_code: str | None = None,
        alongside: Alongside | None = None,
    ) -> Payment:
        """Open a payment, or return the one that is still open at this gateway.

        Send the payer to its ``redirect_url``. Commits the intent, calls the gateway, commits the
        outcome. ``gateway`` is needed only if there are several. ``alongside(session)`` runs in the
        transaction that saves the intent, for instance to place the order in the same commit; what
        it raises is raised here, and nothing is saved then.

        Raises NotPayable (paid already, in doubt, being opened, tried too often),
        GatewayUnavailable (nothing was paid, the order can be paid again), LookupError for an
        unknown gateway, or ValueError for an order key that is empty or has more than 64 characters
        and for an amount that is not a positive integer.
        """
        wanted = Opening(
            order_key=order_key,
            amount_rials=amount_rials,
            gateway=gateway or next(iter(self.services.gateways)),
            payer_mobile=payer_mobile,
            language=language,
            description=description,
            national_code=national_code,
        )
        return opening.begin(self.services, wanted, alongside)

    def handle_callback(
        self, reference: str, parameters: Mapping[str, str], *, language: str = "fa"
    ) -> Returned:
        """Record what the browser claims and ask the gateway; commits several times.

        Never raises for what the gateway does. Raises LookupError if no payment at a gateway of
        this engine has the reference. Show the order only if ``knows_payment`` is true: else
        somebody opened the address who was not sent back by the gateway.
        """
        return completion.handle_callback(self.services, reference, parameters, language)

    def complete(
        self, payment_id: int, *, actor: Actor, language: str = "fa", insist: bool = False
    ) -> PaymentState:
        """Ask the gateway about a payment, capture it if it may be captured, record the outcome.

        The one way to ``paid``; may be called by anyone, at any time, in parallel. Never raises for
        what the gateway does. ``insist``: raise GatewayUnavailable if the gateway was not asked,
        because too many wait for it already or it is turned off.
        """
        return completion.complete(
            self.services, payment_id, actor=actor, language=language, insist=insist
        )

    def ask_if_due(self, payment: Payment, *, language: str = "fa") -> bool:
        """Complete a payment whose next check is overdue, for a page that shows it.

        Returns whether the gateway was asked: read the payments again then.
        """
        now = self.services.clock()
        if payment.next_check_at > now:
            return False
        with self.services.store.transaction() as work:
            mine = work.take(payment, now + self.services.policy.recover_after)
        if mine:
            self.complete(payment.id, actor=Actor.PAYER, language=language)
        return mine

    def payments_of(self, order_key: str) -> Sequence[Payment]:
        """Return every payment of an order, oldest first."""
        with self.services.store.reading() as work:
            return work.of_order(order_key)

    def state_of(self, order_key: str) -> Standing:
        """Return one word for how an order stands with its payments."""
        attempts = self.payments_of(order_key)
        return standing_of(self.services.policy, attempts, self.services.clock())

    def in_review(self, limit: int = 100) -> Sequence[Payment]:
        """Return the payments about which a person must decide, oldest first."""
        with self.services.store.reading() as work:
            return work.in_state(PaymentState.NEEDS_REVIEW, limit)

    def history(self, order_key: str) -> Sequence[PaymentEvent]:
        """Return everything that happened to the payments of an order, in order."""
        with self.services.store.reading() as work:
            return work.events_of(order_key)

    @contextmanager
    def locked(self, order_key: str) -> Iterator[LockedOrder]:
        """Hold an order's payments still while the application changes the order, and commit.

        For what must not happen while a payment is being captured: cancelling, expiring.
        """
        with self.services.store.transaction() as work:
            work.lock_group(order_key)
            yield LockedOrder(work.session, work.of_order(order_key))

    def is_being_opened(self, payment: Payment) -> bool:
        """Return whether some process may be waiting for the answer to this payment's create."""
        return payment.is_being_opened(self.services.clock(), self.services.policy.patience)

    def recover_once(self, spread: Spread = map) -> Tally:
        """Ask about open payments that are due and look up unanswered creates; count by state.

        One pass of at most about a minute; any number of processes may run it. ``spread`` may run
        the steps on threads.
        """
        asked = recovery.ask_due(self.services, spread)
        looked_up = recovery.look_up_due(self.services, spread)
        states = {*asked, *looked_up}
        return {state: asked.get(state, 0) + looked_up.get(state, 0) for state in states}

    def refresh_tokens_once(self) -> Tally:
        """Renew every gateway's tokens if they are about to expire."""
        return recovery.refresh_tokens(self.services)

    def reconcile_once(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Report:
        """Compare the gateways' ledgers with ours, from the last complete run to now or in a span.

        Raises ValueError for a span that ends before it begins.
        """
        span = reconciliation.span_between(self.services.clock(), since, until)
        return reconciliation.run_once(self.services, span)

    def reconcile_when_due(self) -> Tally:
        """Reconcile once a day, after an incomplete run and after an outage; else do nothing."""
        return reconciliation.run_when_due(self.services)

    def decide_discrepancy(self, discrepancy_id: int, reason: str) -> Discrepancy:
        """Put a discrepancy away for a reason. Raises LookupError if none is open with this id."""
        return reconciliation.decide(self.services, discrepancy_id, reason)

    def resolve(
        self, reference: str, state: PaymentState, *, reason: str, run_hooks: bool = True
    ) -> Payment:
        """Let an operator decide about a payment that is not final; the reason is kept.

        ``run_hooks=False`` is the way out if a hook of the application keeps failing. Raises
        LookupError, ValueError for a reason that is blank or longer than 1,000 characters, and
        ImpossibleTransition if the payment is final, if a verification of it may be on its way, or
        if another payment of the order has the claim; and whatever a hook raises. Nothing has
        changed then.
        """
        return resolution.resolve(self.services, reference, state, reason, run_hooks=run_hooks)


def _by_name(gateways: Iterable[Gateway]) -> dict[str, Gateway]:
    by_name: dict[str, Gateway] = {}
    for gateway in gateways:
        if not is_name(gateway.name, LONGEST_GATEWAY_NAME):
            raise ValueError(f"not a name of 1 to {LONGEST_GATEWAY_NAME} signs: {gateway.name!r}")
        if gateway.name in by_name:
            raise ValueError(f"two gateways are named {gateway.name!r}")
        by_name[gateway.name] = gateway
    return by_name


def _surroundings(store: Store, gateway: Gateway, clock: Clock) -> Surroundings:
    def nearest_deadline() -> datetime | None:
        return store.nearest_deadline(gateway.name, clock())

    return Surroundings(tokens=store.tokens, clock=clock, nearest_deadline=nearest_deadline)


def _bulkhead(name: str, policy: Policy, monotonic: Monotonic) -> Bulkhead:
    breaker = CircuitBreaker(name, policy.breaker_failures, policy.breaker_pause, monotonic)
    return Bulkhead(breaker, policy.create_slots, policy.ask_slots)
