"""Offer everything that an application calls, on one class."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from payment_engine import (
    callbacks,
    completion,
    decisions,
    opening,
    reconciliation,
    recovery,
    refund_requests,
    refunding,
    resolution,
)
from payment_engine.bounds import LONGEST_GATEWAY_NAME, is_name
from payment_engine.callbacks import Returned
from payment_engine.decisions import Outcome
from payment_engine.discrepancies import Discrepancy
from payment_engine.events import Actor, PaymentEvent
from payment_engine.gateway import Gateway, Inquiry, Surroundings
from payment_engine.opening import Alongside, Opening
from payment_engine.payment import Payment
from payment_engine.policy import Policy
from payment_engine.reconciliation import Report
from payment_engine.refund import Refund, RefundState
from payment_engine.refund_requests import AlongsideRefund
from payment_engine.resilience import Bulkhead, CircuitBreaker, Monotonic
from payment_engine.row_queue import Spread, Tally
from payment_engine.services import Clock, Services, utc_now
from payment_engine.standing import Standing, standing_of
from payment_engine.states import PaymentState
from payment_engine.store import Hooks, Store


@dataclass(frozen=True, slots=True)
class LockedOrder:
    """Hold an order whose payments nobody else can move until the transaction ends.

    Attributes:
        session: the database session of the transaction, as hooks get it.
        payments: all payments of the order, oldest first.
    """

    session: Any
    payments: Sequence[Payment]
    _save: Callable[[Payment], None]

    def erase_cards(self) -> None:
        """Empty the masked card numbers of the payments, the only thing kept of their payers."""
        for payment in self.payments:
            if payment.payer_card is not None or payment.demanded_card is not None:
                payment.payer_card = payment.demanded_card = None
                self._save(payment)


class PaymentEngine:
    """Take payments, recover those without an outcome, and reconcile the ledgers.

    Thread-safe; make one per process.

    A process that is forked with an engine in it calls :meth:`after_fork` before anything else.

    No method may be called inside a transaction of the caller's: each raises
    :exc:`~payment_engine.store.CallerTransactionOpen`. Each may raise the database's own errors,
    and may be repeated after any crash. Money is integer Rials, times are aware UTC.
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

        Args:
            gateways: where payments can be made, the default one first.
            store: where payments are kept.
            policy: the limits and times.
            hooks: what the application does when a payment moves; by default nothing.
            clock: gives aware UTC.
            monotonic: gives seconds that never run backwards.

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
        """Return the gateways by name, in the order in which they were given."""
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
        payer_card: str | None = None,
        expires_by: datetime | None = None,
        alongside: Alongside | None = None,
    ) -> Payment:
        """Open a payment, or return the one that is still open at this gateway.

        Send the payer to its ``redirect_url``. Commits the intent, calls the gateway, commits the
        outcome.

        Args:
            order_key: the application's own key of the order, of 1 to 64 characters.
            amount_rials: a positive integer, in Rials.
            payer_mobile: ``09xxxxxxxxx``.
            gateway: the name of a gateway; by default the first.
            language: of the gateway's messages, "fa" or "en".
            description: what the gateway shows the payer, if it can.
            national_code: the payer's, for gateways that take one.
            payer_card: the only card that may pay, of 16 digits; None for any. It is kept masked,
                and compared before the capture, since a terminal may ignore what it was told.
            expires_by: end a new payment's window then, if that is before the policy's window is
                over; None: the policy's window alone counts. Aware UTC.
            alongside: called with the session in the transaction that saves the intent, for
                instance to place the order in the same commit; what it raises is raised here, and
                nothing is saved then.

        Raises :exc:`~payment_engine.opening.NotPayable` if the order is paid, in doubt, being
        opened or was tried too often; :exc:`~payment_engine.resilience.GatewayUnavailable` if the
        gateway opened nothing (nothing was paid, the order can be paid again); LookupError for an
        unknown gateway; ValueError for an impossible order key or amount.
        """
        wanted = Opening(
            order_key=order_key,
            amount_rials=amount_rials,
            gateway=gateway or next(iter(self.services.gateways)),
            payer_mobile=payer_mobile,
            language=language,
            description=description,
            national_code=national_code,
            payer_card=payer_card,
            expires_by=expires_by,
        )
        return opening.begin(self.services, wanted, alongside)

    def handle_callback(
        self, reference: str, parameters: Mapping[str, str], *, language: str = "fa"
    ) -> Returned:
        """Count a callback and ask the gateway if it names the payment; commits several times.

        Args:
            reference: ours, from the callback's address.
            parameters: of the query and the form, by name.
            language: of the gateway's messages, "fa" or "en".

        Show the order only if ``knows_payment`` is true: else somebody opened the address who was
        not sent back by the gateway, and the gateway is not asked: recovery does that in its time.
        Callbacks that name the payment have it asked once in ``policy.ask_again_after``. The first
        of either kind is recorded; further ones count in ``payment.callbacks_seen``.

        Never raises for what the gateway does. Raises
        :exc:`~payment_engine.store.UnknownReference` if no payment at a gateway of this engine has
        the reference.
        """
        return callbacks.handle_callback(self.services, reference, parameters, language)

    def complete(
        self, payment_id: int, *, actor: Actor, language: str = "fa", insist: bool = False
    ) -> PaymentState:
        """Ask the gateway about a payment, capture it if it may be captured, record the outcome.

        Callback, recovery and pages all use it; it may be called at any time, and in parallel.
        ``actor`` is recorded in the history. For ``Actor.PAYER`` the gateway is asked once in
        ``policy.ask_again_after``, callbacks included: a visitor can repeat the call. Never raises
        for what the gateway does, unless ``insist``: then raises
        :exc:`~payment_engine.resilience.GatewayUnavailable` if the gateway was not asked because it
        was a moment ago, too many wait for it already or it is turned off. Raises LookupError for
        an unknown id.
        """
        return completion.complete(
            self.services, payment_id, actor=actor, language=language, insist=insist
        )

    def ask_if_due(self, payment: Payment, *, language: str = "fa") -> bool:
        """Complete a payment whose next check is overdue, for a page that shows it.

        Whoever looks takes recovery's turn: however often a page is opened, there is no more to it.
        Returns whether the gateway was asked: read the payments again then.
        """
        now = self.services.clock()
        if payment.next_check_at > now:
            return False
        with self.services.store.transaction() as work:
            mine = work.take(payment, now + self.services.policy.recover_after)
            payment = work.by_id(payment.id)
        if mine:
            completion.ask(self.services, payment, Actor.PAYER, language)
        return mine

    def inquire(self, payment: Payment, *, language: str = "fa") -> Inquiry:
        """Return what the gateway says about a payment now, for a person to read; changes nothing.

        Raises :exc:`~payment_engine.errors.GatewayError` without a good answer, LookupError for a
        gateway that this engine does not have or a payment that has no number there.
        """
        if payment.gateway_payment_id is None:
            raise LookupError("the gateway never named this payment")
        gateway = self.services.gateways[payment.gateway]
        self.services.store.check_idle()
        with self.services.bulkheads[payment.gateway].breaker.watching():
            return gateway.inquire(payment.gateway_payment_id, language=language)

    def payments_of(self, order_key: str) -> Sequence[Payment]:
        """Return every payment of an order, oldest first."""
        with self.services.store.reading() as work:
            return work.of_order(order_key)

    def state_of(self, order_key: str) -> Standing:
        """Return in one word how an order stands with its payments; OPEN for an unknown key."""
        attempts = self.payments_of(order_key)
        return standing_of(self.services.policy, attempts, self.services.clock())

    def in_review(self, limit: int = 100) -> Sequence[Payment]:
        """Return at most ``limit`` payments about which a person must decide, oldest first."""
        with self.services.store.reading() as work:
            return work.in_state(PaymentState.NEEDS_REVIEW, limit)

    def history(self, order_key: str) -> Sequence[PaymentEvent]:
        """Return everything that happened to the payments of an order, in order."""
        with self.services.store.reading() as work:
            return work.events_of(order_key)

    @contextmanager
    def locked(self, order_key: str) -> Iterator[LockedOrder]:
        """Lock an order's payments while the application changes the order; commit at the end.

        A context manager that gives a :class:`LockedOrder` and rolls back on an exception. Use it
        for what must not happen while a payment is being captured: cancelling, expiring, erasing.
        """
        with self.services.store.transaction() as work:
            work.lock_group(order_key)
            yield LockedOrder(work.session, work.of_order(order_key), work.save)

    def is_being_opened(self, payment: Payment) -> bool:
        """Return whether some process may be waiting for the answer to this payment's create."""
        return payment.is_being_opened(self.services.clock(), self.services.policy.patience)

    def recover_once(self, spread: Spread = map) -> Tally:
        """Ask about open payments and refunds that are due, look up creates; count by state.

        One pass of at most about a minute; run it every 5 to 15 seconds, in as many processes as
        you like. ``spread`` works like ``map``: ``ThreadPoolExecutor.map`` asks on threads. What
        goes wrong with one payment is logged and skips it until its next turn.
        """
        asked = recovery.ask_due(self.services, spread)
        looked_up = recovery.look_up_due(self.services, spread)
        refunds = refunding.advance_due(self.services, spread)
        return dict(Counter(asked) + Counter(looked_up) + Counter(refunds))

    def refresh_tokens_once(self) -> Tally:
        """Renew every gateway's tokens if they are about to expire; count the gateways.

        The counts are under "renewed", "fresh" and "failed". Run it every 5 minutes.
        """
        return recovery.refresh_tokens(self.services)

    def reconcile_once(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Report:
        """Compare the gateways' ledgers with ours, from the last complete run to now or in a span.

        ``since`` and ``until`` are aware; with ``until`` alone the span is three days long. May
        take minutes. Raises ValueError for a span that ends before it begins.
        """
        span = reconciliation.span_between(self.services.clock(), since, until)
        return reconciliation.run_once(self.services, span)

    def reconcile_when_due(self) -> Tally:
        """Reconcile once a day, after an incomplete run and after an outage; else do nothing.

        Returns the counts of the run, empty if nothing was due. Run it every 10 minutes.
        """
        return reconciliation.run_when_due(self.services)

    def decide_discrepancy(
        self,
        discrepancy_id: int,
        reason: str,
        *,
        outcome: Outcome = Outcome.NOTED,
        by: str = "operator",
    ) -> Discrepancy:
        """Close a discrepancy by a person's decision; the reason is kept.

        ``outcome``, which the gateway is asked to confirm first:

        - ``noted``: both ledgers stay as they are.
        - ``paid``: a payment that failed or expired here was captured all the same. It becomes
          paid, with the hooks ``may_reopen`` and ``on_paid``.
        - ``returned``: what was captured and not wanted here is refunded; what is paid here and was
          reversed there is recorded as refunded, with the hook ``on_refunded``.

        Raises LookupError if none is open with this id; NotDecidable if the outcome does not fit,
        and whatever a hook raises. Nothing has changed then.
        """
        return decisions.decide(
            self.services, discrepancy_id, reason.strip(), outcome=outcome, by=by
        )

    def refund(
        self,
        reference: str,
        amount_rials: int | None = None,
        *,
        reason: str,
        by: str,
        cancellable: bool = False,
        alongside: AlongsideRefund | None = None,
    ) -> Refund:
        """Return a payment, or a part of it, to its payer; commits the intent before it calls.

        Look at the returned refund's state: it is seldom done at once, and recovery goes on with
        it. The whole of a payment is reversed where the gateway can, else transferred.

        Args:
            reference: ours, of the payment.
            amount_rials: a positive integer, in Rials; None: all that is left.
            reason: of 1 to 1,000 characters, kept in the history.
            by: who asks, of 1 to 100 characters.
            cancellable: have the gateway hold it back for a while, see :meth:`cancel_refund`.
            alongside: called with the session and the refund in the transaction that saves the
                intent, for instance to put goods back into stock.

        Never call it again for the same purpose: a refund that is not answered is found by
        recovery. Raises :exc:`~payment_engine.refund_requests.NotRefundable`, with nothing saved;
        :exc:`~payment_engine.store.UnknownReference`; ValueError for an impossible argument.
        """
        return refund_requests.request(
            self.services,
            reference,
            amount_rials,
            reason=reason,
            by=by,
            cancellable=cancellable,
            alongside=alongside,
        )

    def note_refund(
        self,
        reference: str,
        amount_rials: int | None = None,
        *,
        reason: str,
        by: str,
        alongside: AlongsideRefund | None = None,
    ) -> Refund:
        """Record that a person has returned money outside of the engine; nothing is sent.

        Arguments, hook and errors are those of :meth:`refund`.
        """
        return refund_requests.note_by_hand(
            self.services, reference, amount_rials, reason=reason, by=by, alongside=alongside
        )

    def confirm_refund(self, refund_id: int, *, by: str) -> Refund:
        """Let a refund begin that waits for the merchant's confirmation; may be repeated.

        The gateway is asked first how it stands. Raises LookupError,
        :exc:`~payment_engine.refund_requests.NotRefundable` if it is not waiting, and
        :exc:`~payment_engine.errors.GatewayError`.
        """
        return refund_requests.confirm(self.services, refund_id, by)

    def cancel_refund(self, refund_id: int, *, by: str) -> Refund:
        """Stop a refund that has not begun yet; may be repeated.

        Raises what :meth:`confirm_refund` does; ``Refused`` if it is too late.
        """
        return refund_requests.cancel(self.services, refund_id, by)

    def resolve_refund(self, refund_id: int, state: RefundState, *, reason: str, by: str) -> Refund:
        """End a refund by an operator's decision, after a look at the gateway's own panel.

        The gateway is asked first: what it has accepted it ends itself, and what was sent within
        ``policy.refund_settles_after`` may still arrive there. To call either failed and refund
        again would return the money twice.

        Raises LookupError; ValueError for an impossible argument;
        :exc:`~payment_engine.refund_requests.NotRefundable` if it is not for a person to end.
        """
        return refund_requests.resolve(self.services, refund_id, state, reason=reason, by=by)

    def refunds_of(self, order_key: str) -> Sequence[Refund]:
        """Return every refund of an order, oldest first."""
        with self.services.store.reading() as work:
            return work.refunds_of_order(order_key)

    def unfinished_refunds(self, limit: int = 100) -> Sequence[Refund]:
        """Return at most ``limit`` refunds that are not final, oldest first."""
        with self.services.store.reading() as work:
            return work.unfinished_refunds(limit)

    def resolve(
        self,
        reference: str,
        state: PaymentState,
        *,
        reason: str,
        by: str = "operator",
        run_hooks: bool = True,
    ) -> Payment:
        """Move a payment that is not final to a final state by an operator's decision.

        RETURNED records that the money went back; :meth:`refund` sends what is still to go.

        ``reason`` has 1 to 1,000 characters and is kept in the history, as is ``by``, who decides.
        ``run_hooks=False`` is the way out if a hook of the application keeps failing.

        Raises :exc:`~payment_engine.store.UnknownReference`; ValueError for an impossible reason or
        a state that is not final;
        :exc:`~payment_engine.states.ImpossibleTransition` if the payment is final, if a
        verification of it may be on its way, or if another payment of the order has the claim; and
        whatever a hook raises. Nothing has changed then.
        """
        return resolution.resolve(
            self.services, reference, state, reason, by=by, run_hooks=run_hooks
        )


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

    return Surroundings(
        tokens=store.tokens, clock=clock, nearest_deadline=nearest_deadline, turns=store.turns
    )


def _bulkhead(name: str, policy: Policy, monotonic: Monotonic) -> Bulkhead:
    breaker = CircuitBreaker(name, policy.breaker_failures, policy.breaker_pause, monotonic)
    return Bulkhead(breaker, policy.create_slots, policy.ask_slots)
