"""List refunds, show one, and see to those that wait: confirm, cancel, or end by a decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from payment_engine import ImpossibleTransition, NotRefundable, Refund, RefundState
from payment_engine.bounds import LONGEST_REASON
from payment_engine.errors import GatewayError
from payment_engine.refund import ENDED
from payment_engine.refund_requests import Why
from storefront.admin import keyset, money_words
from storefront.admin.access import area, person
from storefront.admin.words import REFUND_STATES
from storefront.core.database import db, end_reading
from storefront.core.formats import toman
from storefront.core.services import current_services
from storefront.core.typed import several_lines
from storefront.orders import payments as stored
from storefront.staff.models import Role
from storefront.web import asking
from storefront.web.language import current_language

blueprint = area("refunds", needs=Role.OWNER)
MOST_OPEN = 100


@blueprint.get("/money/refunds")
def show_list() -> ResponseReturnValue:
    """Return the refunds that are not over, then a page of the others."""
    query = select(stored.Refund).where(stored.Refund.ended_at.is_not(None))
    ended = keyset.page_of(query, stored.Refund.id, request.args)
    is_first = not ({"after", "before"} & set(request.args))
    return render_template(
        "admin/refunds.html",
        unfinished=current_services().engine.unfinished_refunds(MOST_OPEN) if is_first else (),
        is_first=is_first,
        ended=ended,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "refund_states": REFUND_STATES,
        "methods": money_words.METHODS,
        "about": money_words.of_refund,
        "can_confirm": money_words.waits_for_confirmation,
    }


@blueprint.get("/money/refunds/<int:refund_id>")
def show(refund_id: int) -> ResponseReturnValue:
    """Return one refund, with what can be done about it now."""
    return _page(refund_id)


def _page(refund_id: int, status: int = 200, **also: Any) -> ResponseReturnValue:
    query = select(stored.Refund).where(stored.Refund.id == refund_id)
    fresh = query.execution_options(populate_existing=True)
    refund = db.session.scalar(fresh) or abort(404)
    page = {"refund": refund, "reason": "", **_words()}
    return render_template("admin/refund.html", **(page | also)), status


def _act(
    refund_id: int, act: Callable[[], Refund], words: str, **typed: str
) -> ResponseReturnValue:
    """Do something to a refund; a refusal is told on its page, and nothing typed is lost."""
    end_reading()
    try:
        act()
    except LookupError:
        abort(404)
    except NotRefundable as refusal:
        trouble = str(money_words.NOT_REFUNDABLE[refusal.why])
        return _page(refund_id, 409, trouble=trouble, **typed)
    except ImpossibleTransition:
        trouble = str(money_words.NOT_REFUNDABLE[Why.OVER])
        return _page(refund_id, 409, trouble=trouble, **typed)
    except GatewayError as error:
        trouble = money_words.of_gateway(error)
        return _page(refund_id, 409, trouble=trouble, details=str(error), **typed)
    flash(words, "success")
    return redirect(url_for("admin_refunds.show", refund_id=refund_id), 303)


@blueprint.post("/money/refunds/<int:refund_id>/confirm")
def confirm(refund_id: int) -> ResponseReturnValue:
    """Let a refund begin that waits for the merchant."""
    if not asking.is_sure():
        return _ask(
            refund_id,
            _("Return %(amount)s?"),
            _("The gateway sends the money to the customer. This cannot be undone."),
            yes=_("Return the money now"),
        )
    engine, by = current_services().engine, person().name
    words = _("The refund is confirmed.")
    return _act(refund_id, lambda: engine.confirm_refund(refund_id, by=by), words)


@blueprint.post("/money/refunds/<int:refund_id>/cancel")
def cancel(refund_id: int) -> ResponseReturnValue:
    """Stop a refund that has not begun."""
    if not asking.is_sure():
        return _ask(
            refund_id,
            _("Cancel the refund of %(amount)s?"),
            _("The customer does not get the money. If it is to go back later, ask for it anew."),
            yes=_("Cancel the refund"),
        )
    engine, by = current_services().engine, person().name
    words = _("The gateway was asked to cancel the refund.")
    return _act(refund_id, lambda: engine.cancel_refund(refund_id, by=by), words)


def _ask(refund_id: int, question: str, happens: str, *, yes: str) -> ResponseReturnValue:
    refund = db.session.get(stored.Refund, refund_id) or abort(404)
    return asking.ask(
        question % {"amount": toman(refund.amount_rials, current_language())},
        happens,
        yes=yes,
        no=_("Change nothing"),
        back=url_for("admin_refunds.show", refund_id=refund_id),
        layout=asking.OFFICE,
        area="money",
    )


@blueprint.post("/money/refunds/<int:refund_id>/resolve")
def resolve(refund_id: int) -> ResponseReturnValue:
    """End a refund that no rule can end, after a look at the gateway's panel."""
    engine, by = current_services().engine, person().name
    reason, state = several_lines(request.form.get("reason", "")), request.form.get("state", "")
    if state not in set(ENDED):
        return _page(refund_id, 422, trouble=_("Choose what became of it."), reason=reason)
    if not reason or len(reason) > LONGEST_REASON:
        return _page(refund_id, 422, trouble=money_words.WHY_KEPT, reason=reason, chosen=state)

    def act() -> Refund:
        return engine.resolve_refund(refund_id, RefundState(state), reason=reason, by=by)

    return _act(refund_id, act, _("The decision is kept."), reason=reason, chosen=state)
