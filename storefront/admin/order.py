"""Show an order and bring it to its buyer. What moves money is in `money.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from payment_engine import Payment, PaymentState
from payment_engine.errors import GatewayError
from storefront.admin import refunding
from storefront.admin.access import person
from storefront.admin.forms import AddressForm, NoteForm, ShipmentForm
from storefront.admin.orders import blueprint
from storefront.admin.words import PAYMENT_STATES, REFUND_STATES, STAGES
from storefront.catalogue.models import any_products
from storefront.core.database import end_reading
from storefront.core.formats import digits
from storefront.core.keyset import id_in
from storefront.core.services import current_services
from storefront.core.typed import ascii_digits, one_line
from storefront.fulfilment import shipping
from storefront.fulfilment.shipping import Held, NotNow
from storefront.orders import history, notes
from storefront.orders import models as orders
from storefront.orders import payments as stored
from storefront.orders.cancellation import NotCancellable, cancel_order
from storefront.orders.finding import stage_of
from storefront.orders.models import LineKind, Order
from storefront.orders.sendable import why_held
from storefront.orders.taking_back import NotTakenBack
from storefront.orders.timeline import in_words
from storefront.web import asking
from storefront.web.language import current_language


@blueprint.get("/orders/<number>")
def show(number: str) -> ResponseReturnValue:
    """Return everything about an order."""
    return _page(_order(number))


def _order(number: str) -> Order:
    return orders.by_number(number) or abort(404)


def _page(order: Order, status: int = 200, **also: Any) -> ResponseReturnValue:
    services = current_services()
    attempts = services.engine.payments_of(order.number)
    shown = history.page_of(order, after=id_in(request.args.get("entries_after")) or 0)
    stage = stage_of(order)
    page = {
        "order": order,
        "stage": stage,
        "stages": STAGES,
        "products": any_products(line.product_id for line in order.lines),
        "attempts": attempts,
        "payment_states": PAYMENT_STATES,
        "refund_states": REFUND_STATES,
        "refunds": services.engine.refunds_of(order.number),
        **(refunding.on_orders_page(order) if person().may("owner") else {}),
        "timeline": [in_words(entry) for entry in shown.entries],
        "entries_after": shown.after,
        "notes": notes.notes_of(order),
        "former_addresses": notes.former_addresses_of(order),
        "shipment": ShipmentForm(formdata=None, obj=order),
        "note_form": NoteForm(formdata=None),
        "held": why_held(order),
        "disputes": _disputes(order),
        "goods": [line for line in order.lines if line.kind is LineKind.PRODUCT],
    }
    return render_template("admin/order.html", **(page | also)), status


def _disputes(order: Order) -> list[str]:
    """Return where an owner settles what is undecided about an order."""
    reviewed = [p for p in stored.of_order(order) if p.state is PaymentState.NEEDS_REVIEW]
    differing = stored.open_discrepancies_of(order)
    return [
        *(url_for("admin_money.show_payment", reference=each.reference) for each in reviewed),
        *(
            url_for("admin_discrepancies.show", _anchor=f"difference-{each.id}")
            for each in differing
        ),
    ]


def _done(number: str, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for("admin_orders.show", number=number), 303)


def _change(number: str, act: Callable[[], object], words: str) -> ResponseReturnValue:
    """Do something to an order; one that stands otherwise by now is shown as it is."""
    try:
        act()
    except LookupError:
        abort(404)
    except Held:
        return _page(_order(number), 409)  # which says why, above all else
    except NotNow:
        return _page(_order(number), 409, trouble=_("That is not possible for this order now."))
    return _done(number, words)


@blueprint.post("/orders/<number>/pack")
def pack(number: str) -> ResponseReturnValue:
    """Mark as packed."""
    return _change(
        number,
        lambda: shipping.pack(current_services(), number, by=person().name),
        _("The order is marked as packed."),
    )


@blueprint.post("/orders/<number>/send")
def send(number: str) -> ResponseReturnValue:
    """Mark as sent, with carrier and tracking code, or as ready, and tell the shopper."""
    words = _("The order is marked as sent.")
    ready = _("The order is marked as ready to collect.")
    return _ship(number, shipping.send, ready if _order(number).pickup else words)


@blueprint.post("/orders/<number>/shipment")
def correct_shipment(number: str) -> ResponseReturnValue:
    """Correct carrier and tracking code of an order that was sent."""
    return _ship(number, shipping.correct_shipment, _("Carrier and code were corrected."))


def _ship(number: str, act: Callable[..., None], words: str) -> ResponseReturnValue:
    form = ShipmentForm()
    if not form.validate():
        return _page(_order(number), 422, shipment=form)
    facts = {
        "carrier": one_line(form.carrier.data or "") or None,
        "tracking_code": ascii_digits(form.tracking_code.data or "") or None,
    }
    return _change(
        number, lambda: act(current_services(), number, by=person().name, **facts), words
    )


@blueprint.post("/orders/<number>/deliver")
def deliver(number: str) -> ResponseReturnValue:
    """Mark as delivered, or as collected."""
    words = _("The order is marked as delivered.")
    collected = _("The order is marked as collected.")
    shown = collected if _order(number).pickup else words

    def act() -> None:
        shipping.deliver(current_services(), number, by=person().name)

    return _change(number, act, shown)


@blueprint.post("/orders/<number>/take-back")
def take_back(number: str) -> ResponseReturnValue:
    """Put goods that came back on sale again, by line."""
    wanted = _pieces(request.form)
    if not wanted:
        return _page(_order(number), 422, trouble=_("Write how many pieces came back."))

    def act() -> None:
        shipping.take_goods_back(current_services(), number, wanted, by=person().name)

    try:
        return _change(number, act, _("The goods are on sale again."))
    except NotTakenBack:
        trouble = _("The order does not have that many pieces any more.")
        return _page(_order(number), 422, trouble=trouble)


def _pieces(form: Mapping[str, str]) -> list[str]:
    """Return what :func:`take_back` takes, such as ``"cup=2"``."""
    typed = {name: ascii_digits(form[name]) for name in form if name.startswith("pieces-")}
    asked = {name.removeprefix("pieces-"): text for name, text in typed.items()}
    return [f"{slug}={text}" for slug, text in asked.items() if text and text != "0"]


@blueprint.post("/orders/<number>/note")
def note(number: str) -> ResponseReturnValue:
    """Keep a note."""
    form = NoteForm()
    if not form.validate():
        return _page(_order(number), 422, note_form=form)

    def act() -> None:
        shipping.add_note(current_services(), number, form.plain_text(), by=person().name)

    return _change(number, act, _("The note is kept."))


@blueprint.get("/orders/<number>/address")
def show_address(number: str) -> ResponseReturnValue:
    """Return the form that corrects the address."""
    order = _order(number)
    return render_template("admin/address.html", order=order, form=AddressForm.of(order))


@blueprint.post("/orders/<number>/address")
def correct_address(number: str) -> ResponseReturnValue:
    """Correct where the parcel goes."""
    order = _order(number)
    form = AddressForm.of(order)
    if not form.validate():
        return render_template("admin/address.html", order=order, form=form), 422

    def act() -> None:
        shipping.correct_address(current_services(), number, form.postal(), by=person().name)

    return _change(number, act, _("The address was corrected."))


@blueprint.post("/orders/<number>/cancel")
def cancel(number: str) -> ResponseReturnValue:
    """Cancel an order that is not paid; the gateway is asked first."""
    order = _order(number)
    if not asking.is_sure():
        return _ask_to_cancel(order)
    try:
        cancel_order(current_services(), order, language=current_language(), by=person().name)
    except NotCancellable:
        trouble = _("This order cannot be cancelled now: it is paid, over, or being paid.")
        return _page(_order(number), 409, trouble=trouble)
    return _done(number, _("The order is cancelled, and its goods are on sale again."))


def _ask_to_cancel(order: Order) -> ResponseReturnValue:
    return asking.ask(
        _("Cancel order %(number)s?", number=digits(order.number, current_language())),
        _("Its items go back on sale, and it can no longer be paid. This cannot be undone."),
        _("The gateway is asked first; an order that was paid is kept."),
        yes=_("Cancel the order"),
        no=_("Keep the order"),
        back=url_for("admin_orders.show", number=order.number),
        layout=asking.OFFICE,
        area="orders",
    )


@blueprint.post("/orders/<number>/ask")
def ask(number: str) -> ResponseReturnValue:
    """Ask the gateway once about a payment, and show its answer beside what we have."""
    order = _order(number)
    attempts = current_services().engine.payments_of(order.number)
    payment = next((p for p in attempts if p.reference == request.form.get("payment")), None)
    if payment is None:
        abort(404)
    end_reading()
    return _page(order, answer=_answer(payment), asked_payment=payment)


def _answer(payment: Payment) -> dict[str, Any]:
    """Return the gateway's answer as rows for people, or why there is none."""
    try:
        said = current_services().engine.inquire(payment, language=current_language())
    except (GatewayError, LookupError) as error:
        return {"error": str(error)}
    return {"inquiry": said}
