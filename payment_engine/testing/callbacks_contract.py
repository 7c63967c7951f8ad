"""Test that callbacks are counted, and that a flood of them asks the gateway only now and then."""
# ruff: noqa: S101 - these are tests

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from payment_engine.engine import PaymentEngine
from payment_engine.events import Event
from payment_engine.payment import Payment
from payment_engine.policy import Policy
from payment_engine.store import Store
from payment_engine.testing.samples import NOW, SECOND, at_once, read
from payment_engine.testing.scripted_gateway import ScriptedGateway

MANY = 30


class CallbacksContract:
    """Test what anybody who opens a callback's address can cause.

    A part of :class:`~payment_engine.testing.store_contract.StoreContract`: subclass that.
    """

    def test_callbacks_that_do_not_name_the_payment_are_counted_and_call_nobody(
        self, store: Store
    ) -> None:
        gateway = ScriptedGateway()
        engine, payment = _begun(store, gateway)
        for number in range(MANY):
            returned = engine.handle_callback(payment.reference, {"id": f"a guess, {number}"})
            assert not returned.knows_payment
        stored = read(store, payment)
        assert (stored.callbacks_seen, stored.last_callback_at) == (MANY, NOW)
        assert stored.callback_at is None
        assert gateway.calls_of("inquire") == []
        assert _history(store, payment).count(Event.UNMATCHED_CALLBACK) == 1

    def test_callbacks_that_name_the_payment_ask_once_in_a_while(self, store: Store) -> None:
        gateway, now = ScriptedGateway(), [NOW]
        engine, payment = _begun(store, gateway, lambda: now[0])
        for _ in range(MANY):
            assert engine.handle_callback(payment.reference, _named(payment)).knows_payment
            now[0] += SECOND / 10
        assert len(gateway.calls_of("inquire")) == 1
        assert read(store, payment).callbacks_seen == MANY
        assert _history(store, payment).count(Event.CALLBACK) == 1
        now[0] = NOW + 10 * SECOND  # the turn after the first was left to recovery
        engine.handle_callback(payment.reference, _named(payment))
        assert len(gateway.calls_of("inquire")) == 2

    def test_callbacks_at_the_same_moment_and_on_two_hosts_ask_once(self, store: Store) -> None:
        gateway = ScriptedGateway()
        engine, payment = _begun(store, gateway)
        other_host = _engine(store, gateway, lambda: NOW - SECOND)

        def comes_back() -> None:
            for each in (engine, other_host):
                each.handle_callback(payment.reference, _named(payment))

        at_once(4, comes_back)
        assert len(gateway.calls_of("inquire")) == 1
        assert read(store, payment).callbacks_seen == 8


def _engine(store: Store, gateway: ScriptedGateway, clock: Callable[[], datetime]) -> PaymentEngine:
    policy = Policy(callback_url="https://shop.test/{reference}", redirect_hosts={gateway.host})
    return PaymentEngine(gateways=[gateway], store=store, policy=policy, clock=clock)


def _begun(
    store: Store, gateway: ScriptedGateway, clock: Callable[[], datetime] = lambda: NOW
) -> tuple[PaymentEngine, Payment]:
    engine = _engine(store, gateway, clock)
    payment = engine.begin(order_key="7", amount_rials=1000, payer_mobile="09121234567")
    return engine, payment


def _named(payment: Payment) -> dict[str, str]:
    return {"id": str(payment.gateway_payment_id)}


def _history(store: Store, payment: Payment) -> list[str]:
    with store.reading() as work:
        return [event.event for event in work.events_of(payment.order_key)]
