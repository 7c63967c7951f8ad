"""Behaviours of PPG v3's purchases: payments that fail, and those that turn out otherwise later."""

from __future__ import annotations

import json
from datetime import timedelta

from flask import Response, make_response, render_template, request

from jibit_sandbox.bank.orders import State, apply_transition
from jibit_sandbox.behaviours.callbacks import sent_with, when_sent
from jibit_sandbox.behaviours.effects import is_good
from jibit_sandbox.core.callback import Callback
from jibit_sandbox.core.clock import LARGEST_STEP
from jibit_sandbox.core.context import Call, Work, work_in
from jibit_sandbox.core.models import Purchase
from jibit_sandbox.i18n.translations import gettext_noop as _

PAYING = ("pay", "vanish")


@when_sent
def contradicted(call: Call, response: Response, _callback: Callback) -> Response:
    """Let a payment fail that will turn out to be otherwise."""
    with work_in(call.world) as work:
        purchase = work.session.get(Purchase, call.order_identifier)
        if purchase is None or purchase.order.state != State.PAID:
            return response
        because = _("the PSP says that the payment failed")
        apply_transition(work.session, purchase.order, State.FAILED, work.now, because)
        arm_contradiction(work, purchase, call)
    return sent_with(call, response)


def contradicted_after_expiry(call: Call) -> Response | None:
    """Lose a payment: the purchase stays unpaid and expires, and turns out to be otherwise."""
    if request.form.get("action", "pay") not in PAYING:
        return None
    with work_in(call.world) as work:
        purchase = work.session.get(Purchase, call.order_identifier)
        if purchase is None or purchase.order.state != State.AWAITING:
            return None
        arm_contradiction(work, purchase, call)
        call.fate = "callback withheld"
        return make_response(render_template("bank/vanished.html", order=purchase.order))


def arm_contradiction(work: Work, purchase: Purchase, call: Call) -> None:
    """Have the purchase turn out otherwise after the behaviour's seconds, if it is over by then."""
    is_reversed = call.parameters["state"] == "REVERSED"
    purchase.contradicted_by = State.REVERSED if is_reversed else State.MANUALLY_CAPTURED
    seconds = min(float(call.parameters["seconds"] or 0), LARGEST_STEP)
    purchase.contradicted_at = work.now + timedelta(seconds=seconds)


def refuse_capture(call: Call, response: Response) -> Response:
    """Fail the purchase where its verification would have captured it, which is rolled back."""
    if not is_good(response):
        return response
    with work_in(call.world) as work:
        purchase = work.session.get(Purchase, call.order_identifier)
        if purchase is not None and purchase.order.state != State.PAID:
            return response
        if purchase is not None:
            because = _("the PSP refused the verification: the money is returned to the payer")
            apply_transition(work.session, purchase.order, State.FAILED, work.now, because)
    said = call.wire.with_status(call, json.loads(response.get_data()), "Failed")
    response.set_data(json.dumps(said))
    return response
