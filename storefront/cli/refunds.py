"""`refunds ...`: return money, see what became of it, and decide about what no rule can."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click
from flask.cli import AppGroup

from payment_engine import (
    Actor,
    ImpossibleTransition,
    NotRefundable,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)
from payment_engine.errors import GatewayError
from payment_engine.refund import ENDED
from storefront.core.services import current_services
from storefront.core.typed import plain_code
from storefront.orders import history
from storefront.orders import models as orders
from storefront.orders.taking_back import NotTakenBack, take_back

refunds_commands = AppGroup("refunds", help="What goes back to payers. Amounts are Rials.")

#: What to do about what the gateway says most.
ADVICE = {
    "refund.not_supported": "Ask Jibit to turn refunds on (in the sandbox: switch v3_refund), "
    "or return the money yourself and run `refunds note`",
    "balances.not_enough": "Pay into your account at the gateway, then ask again",
    "daily_limitation.reached": "Ask again tomorrow",
}
REASON = click.option("--reason", required=True, help="Why; kept in the history.")
BY = click.option("--by", required=True, help="Your name; kept in the history.")
AMOUNT = click.option("--amount-rials", type=int, help="By default all that is left.")
PAYMENT = click.option(
    "--payment",
    "reference",
    metavar="REFERENCE",
    help="Which payment of the order; by default the one that is paid.",
)
RESTOCK = click.option(
    "--restock",
    multiple=True,
    metavar="SLUG=PIECES",
    help="Put these pieces back on sale, whatever becomes of the refund; `all`: everything.",
)


def _number(_: click.Context, __: click.Parameter, typed: str | None) -> str | None:
    return plain_code(typed) if typed else None


ORDER = click.argument("order_number", callback=_number)


@refunds_commands.command("request")
@ORDER
@AMOUNT
@REASON
@BY
@PAYMENT
@RESTOCK
@click.option("--cancellable", is_flag=True, help="The gateway holds it back for an hour.")
def request(
    order_number: str,
    amount_rials: int | None,
    reason: str,
    by: str,
    reference: str | None,
    restock: tuple[str, ...],
    *,
    cancellable: bool,
) -> None:
    """Return the money of an order, or a part of it, through its gateway.

    Run it once. The worker finds out what became of a refund that was not answered: see
    `refunds list`.
    """
    payment = _captured(order_number, reference)

    def refund() -> Refund:
        return current_services().engine.refund(
            payment.reference,
            amount_rials,
            reason=reason,
            by=by,
            cancellable=cancellable,
            alongside=_restocking(order_number, restock),
        )

    requested = _in_words(refund)
    click.echo(_line(requested))
    if requested.state is RefundState.FAILED:
        raise SystemExit(1)


@refunds_commands.command("note")
@ORDER
@AMOUNT
@REASON
@BY
@PAYMENT
@RESTOCK
def note(
    order_number: str,
    amount_rials: int | None,
    reason: str,
    by: str,
    reference: str | None,
    restock: tuple[str, ...],
) -> None:
    """Record that you have returned money yourself, for instance by card transfer."""
    payment = _captured(order_number, reference)

    def refund() -> Refund:
        return current_services().engine.note_refund(
            payment.reference,
            amount_rials,
            reason=reason,
            by=by,
            alongside=_restocking(order_number, restock),
        )

    click.echo(_line(_in_words(refund)))


@refunds_commands.command("list")
@click.argument("order_number", callback=_number, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def show(order_number: str | None, *, as_json: bool) -> None:
    """Print the refunds of an order, or all that are not over.

    Those that are done, failed or cancelled are printed with their order's number alone.
    """
    engine = current_services().engine
    if order_number and orders.by_number(order_number) is None:
        raise click.ClickException(f"there is no order {order_number}")
    found = engine.refunds_of(order_number) if order_number else engine.unfinished_refunds()
    for refund in found:
        click.echo(json.dumps(_exported(refund)) if as_json else _line(refund))


@refunds_commands.command("confirm")
@click.argument("refund_id", type=int)
@BY
def confirm(refund_id: int, by: str) -> None:
    """Let a refund begin that waits for your confirmation."""
    engine = current_services().engine
    click.echo(_line(_in_words(lambda: engine.confirm_refund(refund_id, by=by))))


@refunds_commands.command("cancel")
@click.argument("refund_id", type=int)
@BY
def cancel(refund_id: int, by: str) -> None:
    """Stop a refund that has not begun: within the hour of a cancellable one."""
    engine = current_services().engine
    click.echo(_line(_in_words(lambda: engine.cancel_refund(refund_id, by=by))))


@refunds_commands.command("resolve")
@click.argument("refund_id", type=int)
@click.option(
    "--as", "state", required=True, type=click.Choice(sorted(each.value for each in ENDED))
)
@REASON
@BY
def resolve(refund_id: int, state: str, reason: str, by: str) -> None:
    """End a refund that no rule can end, after looking at the gateway's own panel.

    The gateway is asked first. What it has accepted it ends itself.
    """
    engine = current_services().engine

    def decide() -> Refund:
        return engine.resolve_refund(refund_id, RefundState(state), reason=reason, by=by)

    click.echo(_line(_in_words(decide)))


def _captured(order_number: str, reference: str | None) -> Payment:
    attempts = current_services().engine.payments_of(order_number)
    captured = [each for each in attempts if each.state is PaymentState.PAID]
    captured += [each for each in attempts if each.state is PaymentState.RETURNED]
    if reference is not None:
        captured = [each for each in captured if each.reference == reference]
    if not captured:
        named = f" with a payment {reference}" if reference else ""
        raise click.ClickException(f"there is no paid order {order_number}{named}")
    return captured[0]


def _in_words(act: Callable[[], Refund]) -> Refund:
    try:
        return act()
    except LookupError as unknown:
        raise click.ClickException(f"there is no refund {unknown}") from None
    except (NotRefundable, NotTakenBack, ImpossibleTransition, ValueError) as refusal:
        raise click.ClickException(str(refusal)) from None
    except GatewayError as error:
        raise click.ClickException(f"the gateway did not do it: {error}") from None


def _restocking(order_number: str, wanted: tuple[str, ...]) -> Callable[[Any, Refund], None] | None:
    """Return what puts pieces back on sale in the commit of the refund's intent."""
    if not wanted:
        return None

    def restock(_session: Any, _refund: Refund) -> None:
        order = orders.locked(order_number)
        pieces = take_back(order, wanted)
        now = current_services().clock()
        history.write("items_taken_back", order, at=now, actor=Actor.OPERATOR, pieces=pieces)

    return restock


def _line(refund: Refund) -> str:
    words = [f"refund {refund.id} of order {refund.order_key}: {refund.amount_rials} Rials"]
    words.append(f"{refund.state} ({refund.method})")
    if refund.said:
        words.append(f"the gateway says {refund.said}")
    if refund.last_failure:
        words.append(refund.last_failure)
    advice = ADVICE.get(refund.last_failure or "")
    return ", ".join(words) + (f". {advice}" if advice else "")


def _exported(refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.id,
        "order_number": refund.order_key,
        "gateway": refund.gateway,
        "amount_rials": refund.amount_rials,
        "method": refund.method.value,
        "state": refund.state.value,
        "automatic": refund.automatic,
        "reason": refund.reason,
        "requested_by": refund.requested_by,
        "requested_at": refund.requested_at.isoformat(),
        "gateway_refund_id": refund.gateway_refund_id,
        "said": refund.said,
        "last_failure": refund.last_failure,
        "ended_at": refund.ended_at.isoformat() if refund.ended_at else None,
    }
