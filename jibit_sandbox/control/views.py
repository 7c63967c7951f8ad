"""JSON views of the control API."""

from __future__ import annotations

from typing import Any

from jibit_sandbox.behaviours.catalogue import Behaviour
from jibit_sandbox.core.clock import as_text
from jibit_sandbox.core.models import Exchange, Order, Rule, Transition, Wallet
from jibit_sandbox.web.explanations import sentence


def order_view(order: Order, gateway_status: str, transitions: list[Transition]) -> dict[str, Any]:
    """Return the bank's view of an order; ``gateway_status`` is the status of an inquiry."""
    history = [transition_view(transition) for transition in transitions]
    return {
        "identifier": order.identifier,
        "gateway": order.gateway,
        "state": order.state,
        "gateway_status": gateway_status,
        "amount": order.amount,
        "currency": order.currency,
        "amount_rials": order.amount_rials,
        "reference_number": order.reference_number,
        "user_identifier": order.user_identifier,
        "callback_url": order.callback_url,
        "payer_card": order.payer_card,
        "payer_wallet": order.payer_wallet,
        "tracking_number": order.tracking_number,
        "created_at": as_text(order.created_at),
        "modified_at": as_text(order.modified_at),
        "expires_at": as_text(order.expires_at),
        "transitions": history,
        "moves": history,  # the older name, for those who script against it
    }


def transition_view(transition: Transition) -> dict[str, Any]:
    at, state, reason = as_text(transition.at), transition.state, transition.reason
    return {"at": at, "state": state, "reason": reason}


def exchange_view(exchange: Exchange) -> dict[str, Any]:
    """Return one logged request and its response; secrets are masked already."""
    columns = (column.key for column in Exchange.__table__.columns)
    shown = {name: getattr(exchange, name) for name in columns}
    return shown | {
        "received_at": as_text(exchange.received_at),
        "refusal": refusal_view(exchange.refusal),
    }


def refusal_view(refusal: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return codes, fields and hints of a refused call, the hints as sentences."""
    if refusal is None:
        return None
    return refusal | {"hints": [sentence(*hint) for hint in refusal["hints"]]}


def wallet_view(wallet: Wallet) -> dict[str, Any]:
    return {"mobile": wallet.mobile, "balance_rials": wallet.balance_rials}


def rule_view(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.behaviour,
        "gateway": rule.gateway,
        "operation": rule.operation,
        "order": rule.order_identifier,
        "remaining": rule.remaining,
        "parameters": rule.parameters,
    }


def behaviour_view(behaviour: Behaviour) -> dict[str, Any]:
    return {
        "name": behaviour.name,
        "description": behaviour.description,
        "rehearses": behaviour.description,  # the older name, for those who script against it
        "usual": behaviour.usual,
        "fits": behaviour.fits,
        "parameters": dict(behaviour.parameters),
    }
