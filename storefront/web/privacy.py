"""Say what is stored about a shopper and for how long; forget the orders of this browser."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parseaddr

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.core.seller import current_seller
from storefront.core.services import current_services
from storefront.orders import privacy
from storefront.web import asking, language, own_orders, payment_methods
from storefront.web.security import keep_private

blueprint = Blueprint("privacy", __name__)
A_DAY = timedelta(days=1)
SESSION_COOKIE = ("SESSION_COOKIE_NAME", "PERMANENT_SESSION_LIFETIME")


@blueprint.get("/privacy")
def show() -> str:
    """Say it with the figures of the real settings."""
    policy = privacy.policy_from(current_app.config)
    gateways = dict.fromkeys(map(payment_methods.title, current_services().engine.gateways))
    return render_template(
        "privacy/privacy.html",
        unpaid_days=policy.unpaid // A_DAY,
        paid_days=policy.paid // A_DAY,
        gateways=_(", ").join(gateways),
        sends_sms=bool(current_app.config["SMS_URL"]),
        cookies=_cookies(),
        contact=_contact(),
    )


def _contact() -> str:
    """Return where to write about personal data: what was set, else what the other pages show."""
    sender = parseaddr(current_app.config["MAIL_FROM"])[1]
    of_letters = "" if sender.endswith("@localhost") else sender
    return current_app.config["SHOP_EMAIL"] or of_letters or current_seller().email or sender


def _cookies() -> dict[str, tuple[str, int]]:
    """Return for how many days each cookie is kept, with its name, by what it is for."""
    name, lasts = (current_app.config[each] for each in SESSION_COOKIE)
    return {
        "session": (name, lasts // A_DAY),
        "language": (language.cookie(), timedelta(seconds=language.A_YEAR) // A_DAY),
    }


@blueprint.post("/orders/forget")
def forget_orders() -> ResponseReturnValue:
    """Empty this browser's list of orders; the orders themselves and the cart stay."""
    if not asking.is_sure():
        return asking.ask(
            _("Forget the orders of this browser?"),
            _("The list goes, and with it the details that we offer at your next order."),
            _("Write the order numbers down first: each one and your mobile number find an order."),
            yes=_("Forget my orders in this browser"),
            no=_("Keep the list"),
            back=url_for("tracking.show"),
        )
    own_orders.forget()
    flash(_("The orders are no longer listed in this browser. Your cart is as it was."), "success")
    return keep_private(redirect(url_for("tracking.show"), 303))
