"""How the control API shows what the sandbox knows."""

from __future__ import annotations

from typing import Any

from jibit_sandbox.behaviours.catalogue import Behaviour
from jibit_sandbox.core.clock import as_text
from jibit_sandbox.core.models import Exchange, Move, Order, Rule, Wallet


def order_view(order: Order, said: str, moves: list[Move]) -> dict[str, Any]:
    """The bank's own view of an order, and beside its state what the gateway's inquiry ``said``."""
    return {
        "identifier": order.identifier,
        "gateway": order.gateway,
        "state": order.state,
        "gateway_status": said,
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
        "moves": [
            {"at": as_text(move.at), "state": move.state, "reason": move.reason} for move in moves
        ],
    }


def exchange_view(exchange: Exchange) -> dict[str, Any]:
    """One logged request and its answer; secrets are masked already."""
    columns = (column.key for column in Exchange.__table__.columns)
    shown = {name: getattr(exchange, name) for name in columns}
    return shown | {"received_at": as_text(exchange.received_at)}


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
        "rehearses": behaviour.rehearses,
        "usual": behaviour.usual,
        "fits": behaviour.fits,
        "parameters": dict(behaviour.parameters),
    }
