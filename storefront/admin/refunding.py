"""Return money of an order: ask what goes back, show it once more, then send it.

The form shows the page that confirms, and nothing is sent before somebody presses there. Its
one-time key is used up by any refund of the payment (see :class:`Returnable`).
"""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from payment_engine import Actor, NotRefundable, Refund, RefundState
from payment_engine.refund_requests import Why
from storefront.admin import money_words, refund_wish, returnable
from storefront.admin.access import area, person
from storefront.admin.refund_wish import Wish
from storefront.admin.returnable import Returnable
from storefront.core.database import db, end_reading
from storefront.core.services import current_services
from storefront.orders import history
from storefront.orders import models as orders
from storefront.orders import payments as stored
from storefront.orders.models import Order
from storefront.orders.taking_back import NotTakenBack, take_back
from storefront.staff.models import Role

blueprint = area("refunding", needs=Role.OWNER)


class Changed(Exception):
    """Raised in the transaction of a refund whose form's key is used up; nothing is saved then."""


def _side(number: str, reference: str) -> tuple[Order, Returnable]:
    order = orders.by_number(number) or abort(404)
    found = [each for each in returnable.of_order(number) if each.payment.reference == reference]
    if not found:
        abort(404)
    return order, found[0]


def on_orders_page(order: Order) -> dict[str, Any]:
    """Return what an order's page shows of returned money, to owners."""
    return {
        "returnable": returnable.of_order(order.number),
        "refund_goods": refund_wish.goods_of(order),
        "about": money_words.of_refund,
    }


PATH = "/orders/<number>/payments/<reference>/refund"


@blueprint.get(PATH)
def show_form(number: str, reference: str) -> ResponseReturnValue:
    """Return the form that asks what goes back."""
    return _form(*_side(number, reference))


def _form(order: Order, side: Returnable, status: int = 200, **also: Any) -> ResponseReturnValue:
    goods = refund_wish.goods_of(order)
    page = {"order": order, "side": side, "goods": goods, "typed": request.form, "wrong": {}}
    return render_template("admin/refund_form.html", **(page | also)), status


@blueprint.post(PATH)
def check(number: str, reference: str) -> ResponseReturnValue:
    """Show what would be returned, how and to which card; nothing is sent yet."""
    order, side = _side(number, reference)
    if "change" in request.form:
        return _form(order, side)
    wish, wrong = refund_wish.read(request.form, order, side)
    if wrong:
        return _form(order, side, 422, wrong=wrong)
    if side.is_busy:
        return _form(order, side, 409, trouble=_refused(Why.ANOTHER_UNDER_WAY))
    return render_template(
        "admin/refund_confirm.html",
        order=order,
        side=side,
        wish=wish,
        goods=refund_wish.goods_of(order),
        method=side.method(wish.amount_rials, by_hand=wish.by_hand, cancellable=wish.cancellable),
        methods=money_words.METHODS,
        typed=_typed(),
    )


def _typed() -> dict[str, str]:
    """Return what the form sent, for the next form to send again."""
    left_out = ("csrf_token", "key", "change")
    return {name: text[:2000] for name, text in request.form.items() if name not in left_out}


def _refused(why: Why) -> str:
    return str(money_words.NOT_REFUNDABLE[why])


@blueprint.post(f"{PATH}/send")
def send(number: str, reference: str) -> ResponseReturnValue:
    """Return the money, or note that it was returned by hand."""
    key, order = request.form.get("key", ""), orders.by_number(number) or abort(404)
    sides = {each.payment.reference: each for each in returnable.of_order(number)}
    side = sides.get(reference)
    if side is None or key != side.key:
        return _was_sent(number)
    wish, wrong = refund_wish.read(request.form, order, side)
    if wrong:
        return _form(order, side, 422, wrong=wrong)
    end_reading()
    try:
        refund = _order(number, side, wish, key)
    except Changed:
        return _was_sent(number)
    except NotRefundable as refusal:
        if _key_now(number, reference) != key:
            return _was_sent(number)
        return _form(order, side, 409, trouble=_refused(refusal.why))
    except NotTakenBack:
        trouble = _("The order does not have that many pieces any more.")
        return _form(order, side, 409, trouble=trouble)
    _tell(refund)
    return to_order(number)


def _order(number: str, side: Returnable, wish: Wish, key: str) -> Refund:
    """Save the intent, with the goods that are on sale again, in one commit; then send it."""
    engine, by, now = current_services().engine, person().name, current_services().clock()

    def alongside(_session: Any, refund: Refund) -> None:
        if str(_newest_before(refund)) != key:
            raise Changed
        if wish.restock:
            order = orders.locked(number)
            pieces = take_back(order, wish.restocking)
            history.write(
                "items_taken_back", order, at=now, actor=Actor.OPERATOR, pieces=pieces, by=by
            )

    reference, amount = side.payment.reference, wish.amount_rials
    if wish.by_hand:
        return engine.note_refund(reference, amount, reason=wish.reason, by=by, alongside=alongside)
    return engine.refund(
        reference,
        amount,
        reason=wish.reason,
        by=by,
        cancellable=wish.cancellable,
        alongside=alongside,
    )


def _newest_before(refund: Refund) -> int:
    others = (stored.Refund.payment_id == refund.payment_id, stored.Refund.id != refund.id)
    return db.session.scalar(select(func.max(stored.Refund.id)).where(*others)) or 0


def _key_now(number: str, reference: str) -> str | None:
    sides = returnable.of_order(number)
    return next((each.key for each in sides if each.payment.reference == reference), None)


def _was_sent(number: str) -> ResponseReturnValue:
    """Tell of a refund that was made since the form was shown: pressed twice, or somebody else."""
    flash(
        _("A refund of this payment was made meanwhile, so nothing was sent a second time."),
        "error",
    )
    return to_order(number)


def to_order(number: str) -> ResponseReturnValue:
    """Lead to the order's refunds."""
    address = url_for("admin_orders.show", number=number, _anchor="refunds")
    return redirect(address, 303)


def _tell(refund: Refund) -> None:
    if refund.state is RefundState.FAILED:
        flash(_("The gateway refused the refund.") + " " + money_words.of_refund(refund), "error")
    elif refund.state is RefundState.DONE:
        flash(_("The money has gone back."), "success")
    else:
        flash(
            _("The refund is recorded and goes on by itself; see below how it stands."), "success"
        )
