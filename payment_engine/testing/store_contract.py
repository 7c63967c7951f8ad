"""Test what every store promises to the engine."""

from __future__ import annotations

from payment_engine.testing.callbacks_contract import CallbacksContract
from payment_engine.testing.ledgers_contract import LedgersContract
from payment_engine.testing.payments_contract import PaymentsContract
from payment_engine.testing.queue_contract import QueueContract
from payment_engine.testing.refunds_contract import RefundsContract
from payment_engine.testing.tokens_contract import TokensContract
from payment_engine.testing.turns_contract import TurnsContract


class StoreContract(
    PaymentsContract,
    QueueContract,
    RefundsContract,
    CallbacksContract,
    LedgersContract,
    TokensContract,
    TurnsContract,
):
    """Run every promise of the port in ``store.py`` against a store.

    Subclass it, name the class ``Test...`` and give it one fixture::

        class TestMyStore(StoreContract):
            @pytest.fixture
            def store(self): ...     # with its tables, empty, safe to use from several threads

    The tests use threads where two workers meet. What a database enforces behind the port's back,
    such as that nobody rewrites the history, is yours to test.
    """
