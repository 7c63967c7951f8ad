"""List, create, rename and order categories."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.admin.access import area
from storefront.admin.product_forms import CategoryForm
from storefront.admin.product_words import change_in_words
from storefront.admin.products import by_now
from storefront.catalogue import category_editing, changes
from storefront.catalogue.changes import ChangedMeanwhile
from storefront.catalogue.editing import SlugTaken
from storefront.catalogue.files.texts import slug_of
from storefront.catalogue.models import Category
from storefront.core.database import db
from storefront.staff.models import Role

blueprint = area("categories", needs=Role.CLERK)


@blueprint.get("/categories")
def show_list() -> ResponseReturnValue:
    """Return all categories, and the form that adds one."""
    return _list(CategoryForm(formdata=None), 200)


def _list(form: CategoryForm, status: int) -> ResponseReturnValue:
    every = category_editing.every()
    return render_template("admin/categories.html", every=every, form=form), status


@blueprint.post("/categories")
def create() -> ResponseReturnValue:
    """Add a category. Without an address it gets one that is made of its name."""
    form = CategoryForm()
    if not (form.slug.data or "").strip():
        form.slug.data = slug_of(form.name_en.data or "") or slug_of(form.name_fa.data or "")
    if not form.validate():
        return _list(form, 422)
    try:
        category_editing.create(form.category_fields(), **by_now())
    except SlugTaken:
        form.slug.errors = [_taken()]
        return _list(form, 422)
    flash(_("The category is there. The shop shows it when something is on sale in it."), "success")
    return _back()


def _taken() -> str:
    return str(_("Another category has, or had, this address: choose another one."))


def _back() -> ResponseReturnValue:
    return redirect(url_for("admin_categories.show_list"), 303)


@blueprint.get("/categories/<int:category_id>")
def show(category_id: int) -> ResponseReturnValue:
    """Return the form of a category."""
    form = CategoryForm(formdata=None)
    form.show(_category(category_id))
    return _page(category_id, form, 200)


def _category(category_id: int) -> Category:
    return db.session.get(Category, category_id) or abort(404)


def _page(category_id: int, form: CategoryForm, status: int, **also: object) -> ResponseReturnValue:
    category = _category(category_id)
    history = [(each, change_in_words(each)) for each in changes.of_category(category_id)]
    found = {"category": category, "form": form, "history": history}
    return render_template("admin/category.html", **(found | also)), status


@blueprint.post("/categories/<int:category_id>")
def edit(category_id: int) -> ResponseReturnValue:
    """Change a category; who was second is shown what stands there now."""
    _category(category_id)
    form = CategoryForm()
    if not form.validate():
        return _page(category_id, form, 422)
    try:
        category_editing.edit(category_id, form.category_fields(), seen=form.seen(), **by_now())
    except SlugTaken:
        form.slug.errors = [_taken()]
        return _page(category_id, form, 422)
    except ChangedMeanwhile as meanwhile:
        db.session.expire_all()
        form.version.data = str(_category(category_id).version)
        told = [(each, change_in_words(each)) for each in meanwhile.changes]
        return _page(category_id, form, 409, meanwhile=told)
    flash(_("The change is kept."), "success")
    return _back()


@blueprint.post("/categories/<int:category_id>/<any(earlier, later):what>")
def move(category_id: int, what: str) -> ResponseReturnValue:
    """Move a category by one place."""
    try:
        category_editing.move(category_id, -1 if what == "earlier" else 1, **by_now())
    except LookupError:
        abort(404)
    return _back()
