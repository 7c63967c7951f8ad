"""What is sold: the front of the shop, its shelves, what a search finds, one good."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from storefront.catalogue import models as catalogue
from storefront.catalogue.models import Shelf
from storefront.catalogue.search import Page, Sort, find
from storefront.payments.services import current_till
from storefront.web import session_cart

blueprint = Blueprint("catalogue", __name__)
IN_THE_WINDOW = 4  # goods of each shelf on the front
SHELVES_IN_THE_WINDOW = 6
NEIGHBOURS = 4
LONGEST_QUESTION = 100


@blueprint.app_template_global()
def shelves() -> Sequence[Shelf]:
    """All shelves, which every page's head lists."""
    return catalogue.shelves(current_till().clock())


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Some goods of every shelf."""
    window = shelves()[:SHELVES_IN_THE_WINDOW]
    goods = catalogue.from_each_shelf((shelf.id for shelf in window), IN_THE_WINDOW)
    return render_template("catalogue/index.html", window=window, goods=goods)


@blueprint.get("/products")
def everything() -> ResponseReturnValue:
    """All goods."""
    return render_template("catalogue/everything.html", listing=_listing(), sort=_sort())


@blueprint.get("/categories/<slug>")
def category(slug: str) -> ResponseReturnValue:
    """The goods of one shelf."""
    shelf = next((shelf for shelf in shelves() if shelf.slug == slug), None)
    if shelf is None:
        abort(404)
    listing = _listing(category_id=shelf.id)
    return render_template("catalogue/category.html", shelf=shelf, listing=listing, sort=_sort())


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    """What holds the words that were asked for."""
    asked = request.args.get("q", "").strip()[:LONGEST_QUESTION]
    listing = _listing(asked) if asked else None
    return render_template("catalogue/search.html", asked=asked, listing=listing, sort=_sort())


@blueprint.get("/products/<slug>")
def product(slug: str) -> ResponseReturnValue:
    """One good, and others from its shelf."""
    found = catalogue.product_by_slug(slug)
    if found is None:
        abort(404)
    shelf = find(category_id=found.category_id, size=NEIGHBOURS + 1)
    return render_template(
        "catalogue/product.html",
        product=found,
        most=session_cart.most_of(found),
        others=[good for good in shelf.goods if good.id != found.id][:NEIGHBOURS],
    )


def _sort() -> Sort:
    """The order that was asked for; the merchant's own if it is none of ours."""
    asked = request.args.get("sort", "")
    return Sort(asked) if asked in set(Sort) else Sort.OURS


def _listing(question: str = "", category_id: int | None = None) -> Page:
    return find(
        question,
        category_id=category_id,
        sort=_sort(),
        after=request.args.get("after", ""),
        before=request.args.get("before", ""),
    )
