"""Count, receive and correct the stock of a product."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.admin.access import area
from storefront.admin.products import by_now, fresh_stock_form, page, product_or_404
from storefront.admin.stock_form import StockForm
from storefront.catalogue import stock_changes
from storefront.catalogue.stock_changes import NotThatMany, StockChangedMeanwhile
from storefront.core.database import db
from storefront.core.formats import grouped
from storefront.staff.models import Role
from storefront.web.language import current_language

blueprint = area("stock", needs=Role.CLERK)


@blueprint.post("/products/<int:product_id>/stock")
def change(product_id: int) -> ResponseReturnValue:
    """Change the stock; a form that was sent twice, or is older than another's, is shown again."""
    product_or_404(product_id)
    form = StockForm()
    if not form.validate():
        return page(product_id, 422, stock_form=form)
    try:
        kept = stock_changes.change(product_id, form.wanted(), **by_now())
    except NotThatMany as refusal:
        form.pieces.errors = [_not_that_many(refusal.free)]
        return page(product_id, 422, stock_form=form)
    except StockChangedMeanwhile as meanwhile:
        return _again(product_id, form, meanwhile)
    free = grouped(kept.free_after, current_language())
    flash(_("The stock is changed: %(free)s are free now.", free=free), "success")
    return redirect(url_for("admin_products.show", product_id=product_id), 303)


def _not_that_many(free: int) -> str:
    shown = grouped(free, current_language())
    return str(_("That is not possible: %(free)s pieces are free now.", free=shown))


def _again(
    product_id: int, form: StockForm, meanwhile: StockChangedMeanwhile
) -> ResponseReturnValue:
    """Show what was typed beside what was done meanwhile; sent again, it is done."""
    db.session.expire_all()
    fresh = fresh_stock_form(product_or_404(product_id))
    form.seen_free.data, form.seen_change.data = fresh.seen_free.data, fresh.seen_change.data
    return page(product_id, 409, stock_form=form, stock_meanwhile=meanwhile.last)
