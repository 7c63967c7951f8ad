"""Show what the merchant says: whom to ask, the terms and returns, how parcels are delivered."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import lazy_gettext as _

from storefront.web.own_texts import text_of

blueprint = Blueprint("pages", __name__)

TITLES = {"contact": _("Contact"), "terms": _("Terms and returns"), "delivery": _("How we deliver")}


@blueprint.get("/contact", defaults={"page": "contact"})
@blueprint.get("/terms", defaults={"page": "terms"})
@blueprint.get("/delivery", defaults={"page": "delivery"})
def show(page: str) -> str:
    """Return one of them, in the merchant's words or, marked as such, in the sample's."""
    return render_template("pages/page.html", page=page, title=TITLES[page], text=text_of(page))
