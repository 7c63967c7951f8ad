"""What is sold: the front of the shop, one shelf, one good."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from storefront.shop import catalogue
from storefront.views import carts

blueprint = Blueprint("catalogue", __name__)
NEIGHBOURS = 4


@blueprint.app_context_processor
def shelves() -> dict[str, object]:
    """Every page's head lists the shelves."""
    return {"shelves": catalogue.categories}


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """All goods, shelf by shelf."""
    by_shelf: dict[int, list[catalogue.Product]] = {}
    for product in catalogue.products():
        by_shelf.setdefault(product.category_id, []).append(product)
    return render_template("catalogue/index.html", goods=by_shelf)


@blueprint.get("/categories/<slug>")
def category(slug: str) -> ResponseReturnValue:
    """The goods of one shelf."""
    shelf = next((shelf for shelf in catalogue.categories() if shelf.slug == slug), None)
    if shelf is None:
        abort(404)
    return render_template("catalogue/category.html", shelf=shelf, goods=catalogue.products(slug))


@blueprint.get("/products/<slug>")
def product(slug: str) -> ResponseReturnValue:
    """One good, and others from its shelf."""
    found = catalogue.product_by_slug(slug)
    if found is None:
        abort(404)
    others = [good for good in catalogue.products(found.category.slug) if good.id != found.id]
    return render_template(
        "catalogue/product.html",
        product=found,
        most=carts.most_of(found),
        others=others[:NEIGHBOURS],
    )
