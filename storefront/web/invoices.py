"""Show the invoice of a paid order: whole to its buyer, without name and address to others.

Its buyer is whoever has the browser that ordered, or the signed link of a letter. The link opens
this one page: it puts the order into no browser's list, and offers its details to nobody.
"""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from payment_engine.standing import decisive
from storefront.core.services import current_services
from storefront.orders import invoice_links
from storefront.orders.models import LineKind, Order
from storefront.web import own_orders
from storefront.web.order_pages import order_of, refunds_of
from storefront.web.redirects import to_order
from storefront.web.security import keep_private

blueprint = Blueprint("invoices", __name__)


@blueprint.get("/orders/<token>/invoice")
def show(token: str) -> ResponseReturnValue:
    """Show it by the order's own address; only the browser that ordered sees who and where."""
    order = order_of(token)
    return _page(order, whole=own_orders.include(order))


@blueprint.get("/orders/<token>/invoice/<key>")
def show_whole(token: str, key: str) -> ResponseReturnValue:
    """Show all of it by the link of a letter; a key that does not fit is as none."""
    order = order_of(token)
    if not invoice_links.fits(order, key):
        return keep_private(redirect(url_for("invoices.show", token=token), 303))
    return _page(order, whole=True)


def _page(order: Order, *, whole: bool) -> ResponseReturnValue:
    """Return the invoice; an order that was never paid has none."""
    if order.paid_at is None:
        flash(_("There is an invoice once the order is paid."))
        return keep_private(to_order(order.token))
    services = current_services()
    attempts = services.engine.payments_of(order.number)
    payment = decisive(attempts)
    page = render_template(
        "orders/invoice.html",
        order=order,
        products=[line for line in order.lines if line.kind is LineKind.PRODUCT],
        charges=[line for line in order.lines if line.kind is not LineKind.PRODUCT],
        payment=payment,
        refunds=[
            each
            for each in refunds_of(services, order, attempts)
            if payment and each.payment_id == payment.id
        ],
        whole=whole,
    )
    return keep_private(make_response(page))
