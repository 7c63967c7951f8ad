"""Show what waits for a decision about money, and decide about payments that no rule can end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from payment_engine import ImpossibleTransition, Payment, PaymentState
from payment_engine.bounds import LONGEST_REASON
from payment_engine.errors import GatewayError
from payment_engine.states import FINAL
from storefront.admin import ledgers, money_words
from storefront.admin.access import area, person
from storefront.admin.words import PAYMENT_STATES, REFUND_STATES
from storefront.core.database import db, end_reading
from storefront.core.services import current_services
from storefront.core.typed import several_lines
from storefront.monitoring.status import refunds_for_a_person
from storefront.orders import models as orders
from storefront.orders import payments as stored
from storefront.orders.states import OrderState
from storefront.staff.models import Role
from storefront.web.language import current_language

blueprint = area("money", needs=Role.OWNER)
MOST_ROWS = 100
DOUBTFUL = (PaymentState.IN_DOUBT, PaymentState.VERIFYING)


@blueprint.get("/money")
def show() -> ResponseReturnValue:
    """Return the first page of the area: what waits, with counts."""
    now = current_services().clock()
    oldest = _oldest_doubt()
    return render_template(
        "admin/money.html",
        reviews=_count(PaymentState.NEEDS_REVIEW),
        doubts=_count(*DOUBTFUL),
        oldest=max(now - oldest, timedelta()) if oldest else None,
        discrepancies=ledgers.count_open(),
        refunds=refunds_for_a_person(now),
        refund_states=REFUND_STATES,
        about=money_words.of_refund,
        last_run=ledgers.last_runs(1),
        has_sales="admin_sales.show" in current_app.view_functions,
    )


def _count(*states: PaymentState) -> int:
    query = select(func.count()).select_from(stored.Payment)
    return db.session.scalar(query.where(stored.Payment.state.in_(states))) or 0


def _oldest_doubt() -> Any:
    query = select(func.min(stored.Payment.in_doubt_since))
    return db.session.scalar(query.where(stored.Payment.state.in_(DOUBTFUL)))


@blueprint.get("/money/payments")
def show_undecided() -> ResponseReturnValue:
    """Return the payments that wait for a person, then those in doubt, the oldest first."""
    return render_template(
        "admin/undecided.html",
        reviews=_in(PaymentState.NEEDS_REVIEW),
        doubts=_in(*DOUBTFUL),
        now=current_services().clock(),
        payment_states=PAYMENT_STATES,
    )


def _in(*states: PaymentState) -> list[stored.Payment]:
    query = select(stored.Payment).where(stored.Payment.state.in_(states))
    return list(db.session.scalars(query.order_by(stored.Payment.id).limit(MOST_ROWS)))


@blueprint.get("/money/payments/<reference>")
def show_payment(reference: str) -> ResponseReturnValue:
    """Return a payment with both sides: what we have, and what the gateway says at this moment."""
    return _page(reference)


def _page(reference: str, status: int = 200, **also: Any) -> ResponseReturnValue:
    payment = _payment(reference)
    page = {
        "payment": payment,
        "order": orders.by_number(payment.order_key),
        "answer": _ask(payment),
        "decisions": money_words.DECISIONS,
        "payment_states": PAYMENT_STATES,
        "said": money_words.SAID,
        "reason": "",
    }
    return render_template("admin/payment.html", **(page | also)), status


def _payment(reference: str) -> Payment:
    query = select(stored.Payment.order_key).where(stored.Payment.reference == reference)
    number = db.session.scalar(query) or abort(404)
    attempts = current_services().engine.payments_of(number)
    return next(each for each in attempts if each.reference == reference)


def _ask(payment: Payment) -> dict[str, Any]:
    """Ask the gateway once; return its answer, or why there is none."""
    if payment.gateway_payment_id is None:
        return {
            "trouble": _("The gateway never gave this payment a number, so it cannot be asked.")
        }
    end_reading()
    try:
        said = current_services().engine.inquire(payment, language=current_language())
    except LookupError:
        return {"trouble": _("This gateway is turned off, so it cannot be asked.")}
    except GatewayError as error:
        return {"trouble": money_words.of_gateway(error), "details": str(error)}
    return {"inquiry": said}


@blueprint.post("/money/payments/<reference>")
def decide(reference: str) -> ResponseReturnValue:
    """End a payment by a person's decision."""
    payment = _payment(reference)
    state, reason = request.form.get("state", ""), several_lines(request.form.get("reason", ""))
    typed = {"reason": reason, "chosen": state}
    if state not in set(FINAL):
        return _page(reference, 422, trouble=_("Choose what became of the payment."), **typed)
    if not reason or len(reason) > LONGEST_REASON:
        return _page(reference, 422, trouble=money_words.WHY_KEPT, **typed)
    end_reading()
    try:
        current_services().engine.resolve(
            reference, PaymentState(state), reason=reason, by=person().name
        )
    except ImpossibleTransition:
        return _page(reference, 409, trouble=_why_not(reference), **typed)
    flash(_("The decision is kept."), "success")
    return redirect(url_for("admin_orders.show", number=payment.order_key), 303)


def _why_not(reference: str) -> str:
    """Say why a payment could not be decided so, from how it stands now."""
    payment = _payment(reference)
    order = orders.by_number(payment.order_key)
    attempts = current_services().engine.payments_of(payment.order_key)
    if payment.is_final:
        return str(money_words.ENDED_MEANWHILE)
    if any(each.claimed and each.id != payment.id for each in attempts):
        return str(money_words.ANOTHER_HAS_IT)
    is_over = order is not None and order.state is not OrderState.PLACED
    return str(money_words.ORDER_IS_OVER if is_over else money_words.BEING_CAPTURED)
