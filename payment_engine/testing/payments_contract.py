"""Test transactions, payments and their history."""
# ruff: noqa: S101, BLE001, B017, PT011, PT012 - these are tests; a store raises what its database raises

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest

from payment_engine.events import Actor, Event
from payment_engine.payment import Payment
from payment_engine.states import TRANSITIONS, PaymentState
from payment_engine.store import Conflict, Store, event_about
from payment_engine.testing.samples import (
    MINUTE,
    NOW,
    PATIENCE,
    SECOND,
    at_once,
    read,
    sample,
    stored,
)

A_WHILE = 0.3  #: seconds in which another transaction would have got on


class PaymentsContract:
    """Test what a store promises about transactions, payments and their history.

    A part of :class:`~payment_engine.testing.store_contract.StoreContract`: subclass that.
    """

    def test_every_field_of_a_payment_is_read_back_as_it_was_written(self, store: Store) -> None:
        payment = stored(
            store,
            state=PaymentState.PAID,
            redirect_url="https://gateway.test/" + "x" * 1900,
            amount_rials=2**62,
            gave_up_at=NOW,
            callback_at=NOW,
            payer_card="603799******1234",
            tracking_number="t" * 64,
            in_doubt_since=NOW,
            verifications_sent=3,
            verifications_answered=2,
            captured_at=NOW,
            failures=4,
            last_failure="f" * 100,
            money_seen=True,
            success_since=NOW,
            success_seen_at=NOW,
            success_claimed=True,
            failed_seen_at=NOW,
            gateway_expires_at=NOW,
            callbacks_seen=1000,
            last_callback_at=NOW,
            next_turn_at=NOW,
            ended_at=NOW,
            gateway_payment_id="i" * 64,
        )
        assert payment.id > 0
        assert read(store, payment) == payment

    def test_what_a_payment_does_not_have_is_none(self, store: Store) -> None:
        payment = stored(store, gateway_payment_id=None)
        assert read(store, payment) == payment

    def test_an_exception_rolls_everything_back(self, store: Store) -> None:
        kept, lost = stored(store), sample()
        with pytest.raises(ZeroDivisionError), store.transaction() as work:
            work.lock_group(lost.order_key)
            work.add(lost)
            work.append(event_about(lost, NOW, Actor.PAYER, Event.INITIATED))
            changed = work.by_id(kept.id)
            changed.amount_rials = 1
            work.save(changed)
            raise ZeroDivisionError
        with store.reading() as work:
            assert work.of_order(lost.order_key) == []
            assert work.events_of(lost.order_key) == []
        assert read(store, kept) == kept

    def test_a_payment_that_is_not_there_is_told(self, store: Store) -> None:
        with store.reading() as work:
            assert work.by_reference("nobody's") is None
            assert work.of_order("nobody's") == []
        with pytest.raises(LookupError), store.reading() as work:
            work.by_id(10**6)

    def test_a_payment_is_found_by_its_reference(self, store: Store) -> None:
        payment = stored(store)
        with store.reading() as work:
            assert work.by_reference(payment.reference) == payment

    def test_the_payments_of_an_order_come_oldest_first(self, store: Store) -> None:
        first = stored(store)
        stored(store)
        second = stored(store, order_key=first.order_key, created_at=NOW - 9 * MINUTE)
        with store.reading() as work:
            assert work.of_order(first.order_key) == [first, second]

    def test_payments_in_a_state_come_oldest_first_and_not_too_many(self, store: Store) -> None:
        first, _, second, _ = (
            stored(store, state=state)
            for state in (PaymentState.NEEDS_REVIEW, PaymentState.PAID) * 2
        )
        with store.reading() as work:
            assert work.in_state(PaymentState.NEEDS_REVIEW, 9) == [first, second]
            assert work.in_state(PaymentState.NEEDS_REVIEW, 1) == [first]

    def test_a_save_raises_the_version_and_writes_what_changed(self, store: Store) -> None:
        payment = stored(store)
        with store.transaction() as work:
            work.lock_group(payment.order_key)
            changed = work.by_id(payment.id)
            changed.callback_at = NOW + SECOND
            work.save(changed)
            assert changed.version == payment.version + 1
            changed.money_seen = True
            work.save(changed)
        expected = replace(payment, callback_at=NOW + SECOND, money_seen=True, version=3)
        assert read(store, payment) == expected

    def test_an_older_version_never_overwrites_a_newer_one(self, store: Store) -> None:
        """Either the other writer waits, or the first one gets a Conflict."""
        payment = stored(store)

        def other_writer() -> None:
            with store.transaction() as work:
                work.lock_group("another order, so that only the version tells")
                newer = work.by_id(payment.id)
                newer.failures += 1
                work.save(newer)

        with ThreadPoolExecutor(1) as threads:
            try:
                with store.transaction() as work:
                    older = work.by_id(payment.id)
                    other = threads.submit(other_writer)
                    with suppress(TimeoutError):
                        other.result(A_WHILE)
                    older.failures += 1
                    work.save(older)
            except Conflict:
                other.result(PATIENCE)
                assert read(store, payment).failures == 1
            else:
                other.result(PATIENCE)
                assert read(store, payment).failures == 2

    def test_no_write_is_lost_when_all_write_at_once(self, store: Store) -> None:
        payment = stored(store)

        def writes() -> None:
            for _ in range(5):
                with store.transaction() as work:
                    work.lock_group(payment.order_key)
                    mine = work.by_id(payment.id)
                    mine.failures += 1
                    work.save(mine)

        at_once(4, writes)
        assert read(store, payment).failures == 20

    def test_who_locks_a_group_makes_every_other_wait(self, store: Store) -> None:
        payment, entered = stored(store), threading.Event()

        def second() -> Payment:
            with store.transaction() as work:
                work.lock_group(payment.order_key)
                entered.set()
                return work.by_id(payment.id)

        with ThreadPoolExecutor(1) as threads:
            with store.transaction() as work:
                work.lock_group(payment.order_key)
                waiting = threads.submit(second)
                assert not entered.wait(A_WHILE)
                mine = work.by_id(payment.id)
                mine.money_seen = True
                work.save(mine)
            assert waiting.result(PATIENCE).money_seen

    def test_a_group_is_made_once_by_all_who_lock_it_first(self, store: Store) -> None:
        def begins() -> int:
            with store.transaction() as work:
                work.lock_group("a new order")
                if not work.of_order("a new order"):
                    work.add(sample(order_key="a new order"))
                return len(work.of_order("a new order"))

        assert at_once(4, begins) == [1, 1, 1, 1]

    def test_one_payment_of_an_order_has_the_claim(self, store: Store) -> None:
        first = stored(store, claimed=True)
        second = stored(store, order_key=first.order_key)
        stored(store, claimed=True)  # another order has a claim of its own
        with pytest.raises(Exception), store.transaction() as work:
            work.lock_group(first.order_key)
            rival = work.by_id(second.id)
            rival.claimed = True
            work.save(rival)
        assert read(store, second) == second

    @pytest.mark.parametrize("name", ["reference", "gateway_payment_id"])
    def test_no_two_payments_have_one_name(self, store: Store, name: str) -> None:
        first = stored(store)
        with pytest.raises(Exception):
            stored(store, **{name: getattr(first, name)})

    @pytest.mark.parametrize("old", PaymentState)
    def test_the_database_makes_the_transitions_of_the_table_and_no_other(
        self, store: Store, old: PaymentState
    ) -> None:
        assert {new for new in PaymentState if _can_move(store, old, new)} == {
            old,
            *TRANSITIONS[old],
        }

    def test_the_history_is_read_in_the_order_in_which_it_was_written(self, store: Store) -> None:
        payment = stored(store)
        events = [
            event_about(payment, NOW - number * SECOND, Actor.WORKER, f"event_{number}", n=number)
            for number in range(3)
        ]
        for event in events:
            with store.transaction() as work:
                work.append(event)
        with store.reading() as work:
            assert work.events_of(payment.order_key) == events
            assert work.last_event_at(payment, "event_1") == NOW - SECOND
            assert work.last_event_at(payment, "event_9") is None
            assert work.latest(["event_1", "event_2"], NOW - MINUTE) == NOW - SECOND
            assert work.latest(["event_1"], NOW) is None

    def test_an_event_was_last_recorded_when_it_was_recorded_for_this_very_payment(
        self, store: Store
    ) -> None:
        payment = stored(store)
        another_attempt = stored(store, order_key=payment.order_key)
        anothers = stored(store)
        told = [(payment, 3), (payment, 2), (another_attempt, 1), (anothers, 0)]
        with store.transaction() as work:
            for about, ago in told:
                work.append(event_about(about, NOW - ago * SECOND, Actor.WORKER, "told"))
        with store.reading() as work:
            assert work.last_event_at(payment, "told") == NOW - 2 * SECOND

    def test_secrets_and_cards_are_masked_in_the_history(self, store: Store) -> None:
        payment = stored(store)
        said = {"access_token": "sesame", "text": "card 6037991234567890 of 09121234567\x00"}
        with store.transaction() as work:
            work.append(event_about(payment, NOW, Actor.WORKER, "told", said=said))
        with store.reading() as work:
            (event,) = work.events_of(payment.order_key)
        for secret in ("sesame", "6037991234567890", "09121234567", "\x00"):
            assert secret not in str(event.details)

    def test_the_session_of_the_hooks_shares_the_transaction(self, store: Store) -> None:
        with store.transaction() as work:
            assert work.session is not None

    def test_an_idle_caller_may_call_and_a_mistake_is_not_temporary(self, store: Store) -> None:
        store.check_idle()
        assert not store.is_temporary(KeyError("a mistake of the program"))


def _can_move(store: Store, old: PaymentState, new: PaymentState) -> bool:
    payment = stored(store, state=old)
    try:
        with store.transaction() as work:
            work.lock_group(payment.order_key)
            moved = work.by_id(payment.id)
            moved.state = new
            moved.claimed = new is PaymentState.PAID
            moved.paid_at = NOW if new is PaymentState.PAID else None
            work.save(moved)
    except Exception:
        return False
    return True
