"""Take online payments: no paid order is lost and nobody pays twice, whatever dies in between.

Every call of an application goes through ``PaymentEngine``. README.md has a whole shop in 30 lines.
"""

from payment_engine.callbacks import Returned
from payment_engine.decisions import NotDecidable, Outcome
from payment_engine.engine import LockedOrder, PaymentEngine
from payment_engine.events import Actor, Event, PaymentEvent
from payment_engine.opening import NotPayable
from payment_engine.payment import Payment
from payment_engine.policy import Policy
from payment_engine.refund import Refund, RefundMethod, RefundState
from payment_engine.refund_requests import NotRefundable
from payment_engine.resilience import GatewayUnavailable
from payment_engine.standing import Standing
from payment_engine.states import ImpossibleTransition, PaymentState
from payment_engine.store import CallerTransactionOpen, Hooks, UnknownReference

__version__ = "0.1.0"
__all__ = [
    "Actor",
    "CallerTransactionOpen",
    "Event",
    "GatewayUnavailable",
    "Hooks",
    "ImpossibleTransition",
    "LockedOrder",
    "NotDecidable",
    "NotPayable",
    "NotRefundable",
    "Outcome",
    "Payment",
    "PaymentEngine",
    "PaymentEvent",
    "PaymentState",
    "Policy",
    "Refund",
    "RefundMethod",
    "RefundState",
    "Returned",
    "Standing",
    "UnknownReference",
]
