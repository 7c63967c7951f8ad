"""List, create, change and duplicate products, and take them off sale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.admin.access import area, person
from storefront.admin.product_conflicts import keep_both
from storefront.admin.product_forms import NewProductForm, ProductForm
from storefront.admin.product_names import KINDS, STATES
from storefront.admin.product_words import change_in_words, new_price_in_words
from storefront.admin.stock_form import StockForm
from storefront.catalogue import category_editing, changes, editing, finding, pictures
from storefront.catalogue import stock_changes as stock
from storefront.catalogue.changes import ChangedMeanwhile
from storefront.catalogue.editing import SlugTaken
from storefront.catalogue.files.texts import slug_of
from storefront.catalogue.finding import State, Wanted
from storefront.catalogue.models import Category, Product
from storefront.core.database import db
from storefront.core.keyset import id_in
from storefront.core.services import current_services
from storefront.core.typed import one_line
from storefront.staff.models import Role

blueprint = area("products", needs=Role.CLERK)


@blueprint.get("/products")
def show_list() -> ResponseReturnValue:
    """Return a page of products that fit the filters."""
    asked = request.args
    state, category = asked.get("state", ""), id_in(asked.get("category"))
    question = one_line(asked.get("q", ""))[: finding.LONGEST_QUESTION]
    wanted = Wanted(State(state) if state in set(State) else None, category, question)
    names = ("q", "state", "category")
    return render_template(
        "admin/products.html",
        found=finding.find(
            wanted, after=id_in(asked.get("after")), before=id_in(asked.get("before"))
        ),
        asked=asked,
        states=STATES,
        categories=categories(),
        kept={name: asked[name] for name in names if asked.get(name, "").strip()},
    )


def categories() -> list[Category]:
    """Return all categories in their order."""
    return [category for category, _count in category_editing.every()]


@blueprint.get("/products/new")
def show_new() -> ResponseReturnValue:
    """Return the empty form of a product."""
    return _new_page(NewProductForm(categories()), 200)


def _new_page(form: NewProductForm, status: int) -> ResponseReturnValue:
    return render_template("admin/new_product.html", form=form), status


@blueprint.post("/products/new")
def create() -> ResponseReturnValue:
    """Add a product. Without an address it gets one that is made of its name."""
    form = NewProductForm(categories())
    if not (form.slug.data or "").strip():
        named = slug_of(form.name_en.data or "") or slug_of(form.name_fa.data or "")
        form.slug.data = editing.free_slug(named or "product")
    if not form.validate():
        return _new_page(form, 422)
    try:
        product_id = editing.create(form.product_fields(), form.pieces.read_as, **by_now())
    except SlugTaken:
        form.slug.errors = [_taken()]
        return _new_page(form, 422)
    flash(_("The product is in the shop. Add pictures now."), "success")
    return _to(product_id)


def by_now() -> dict[str, Any]:
    """Return who does something, and when."""
    return {"by": person().name, "now": current_services().clock()}


def _taken() -> str:
    return str(_("Another product has, or had, this address: choose another one."))


def _to(product_id: int) -> ResponseReturnValue:
    return redirect(url_for("admin_products.show", product_id=product_id), 303)


@blueprint.get("/products/<int:product_id>")
def show(product_id: int) -> ResponseReturnValue:
    """Return everything about a product."""
    return page(product_id)


def product_or_404(product_id: int) -> Product:
    """Return a product."""
    return db.session.get(Product, product_id) or abort(404)


def page(product_id: int, status: int = 200, **also: Any) -> ResponseReturnValue:
    """Return a product's page; ``also`` are forms as they were typed, and what was wrong."""
    product = product_or_404(product_id)
    found = {
        "product": product,
        "form": also.get("form") or _form_of(product),
        "stock_form": also.get("stock_form") or fresh_stock_form(product),
        "pictures": pictures.of_product(product_id),
        "most_pictures": pictures.MOST_PICTURES,
        "kinds": KINDS,
        "stock_history": stock.of_product(product_id),
        "history": [(each, change_in_words(each)) for each in changes.of_product(product_id)],
    }
    return render_template("admin/product.html", **(also | found)), status


def _form_of(product: Product) -> ProductForm:
    form = ProductForm(categories(), formdata=None)
    form.show(product)
    return form


def fresh_stock_form(product: Product) -> StockForm:
    """Return the form for the stock as it is now."""
    last = stock.last_of(product.id)
    seen = {"seen_free": product.stock_free, "seen_change": last.id if last else 0}
    return StockForm(formdata=None, data=seen)


@blueprint.post("/products/<int:product_id>")
def edit(product_id: int) -> ResponseReturnValue:
    """Change a product; who was second is shown what the first changed."""
    product_or_404(product_id)
    form = ProductForm(categories())
    if not form.validate():
        return page(product_id, 422, form=form)
    try:
        made = editing.edit(product_id, form.product_fields(), seen=form.seen(), **by_now())
    except SlugTaken:
        form.slug.errors = [_taken()]
        return page(product_id, 422, form=form)
    except ChangedMeanwhile as meanwhile:
        db.session.expire_all()
        theirs = keep_both(form, meanwhile, product_or_404(product_id))
        return page(product_id, 409, form=form, theirs=theirs, meanwhile=meanwhile.changes)
    flash(" ".join((_("The change is kept."), *new_price_in_words(made))), "success")
    return _to(product_id)


def _act(act: Callable[[], Any], words: str, product_id: int) -> ResponseReturnValue:
    try:
        act()
    except LookupError:
        abort(404)
    flash(words, "success")
    return _to(product_id)


@blueprint.post("/products/<int:product_id>/off-sale")
def take_off_sale(product_id: int) -> ResponseReturnValue:
    """Take a product off sale."""
    words = _("It is off sale: no list and no search of the shop shows it.")
    return _act(lambda: editing.set_off_sale(product_id, True, **by_now()), words, product_id)


@blueprint.post("/products/<int:product_id>/on-sale")
def put_on_sale(product_id: int) -> ResponseReturnValue:
    """Put it back on sale."""
    words = _("It is on sale.")
    return _act(lambda: editing.set_off_sale(product_id, False, **by_now()), words, product_id)


@blueprint.post("/products/<int:product_id>/duplicate")
def duplicate(product_id: int) -> ResponseReturnValue:
    """Add a copy, and show it."""
    try:
        copy_id = editing.duplicate(product_id, **by_now())
    except LookupError:
        abort(404)
    flash(_("This is the copy. It is off sale and has no stock yet."), "success")
    return _to(copy_id)
