"""Show the home page, categories, search results and products."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from storefront.catalogue import models as catalogue
from storefront.catalogue import slugs
from storefront.catalogue.models import CategoryEntry, Product
from storefront.catalogue.search import Page, Sort, find
from storefront.core.services import current_services
from storefront.core.typed import one_line
from storefront.web import gallery, session_cart
from storefront.web.adding import wrong_with

blueprint = Blueprint("catalogue", __name__)
ON_THE_HOME_PAGE = 4  # products of each category
CATEGORIES_ON_THE_HOME_PAGE = 6
NEIGHBOURS = 4
LONGEST_QUESTION = 100


@blueprint.app_template_global()
def categories() -> Sequence[CategoryEntry]:
    """Return all categories, which every page's head lists."""
    return catalogue.navigation(current_services().clock())


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Show some products of every category."""
    session_cart.key()
    shown = categories()[:CATEGORIES_ON_THE_HOME_PAGE]
    products = catalogue.from_each_category((each.id for each in shown), ON_THE_HOME_PAGE)
    return render_template("catalogue/index.html", shown=shown, products=products)


@blueprint.get("/products")
def everything() -> ResponseReturnValue:
    """Show all products."""
    return render_template("catalogue/everything.html", listing=_listing(), sort=_sort())


@blueprint.get("/categories/<slug>")
def category(slug: str) -> ResponseReturnValue:
    """Show the products of one category."""
    found = next((each for each in categories() if each.slug == slug), None)
    if found is None:
        return _category_of_today(slug)
    listing = _listing(category_id=found.id)
    return render_template("catalogue/category.html", category=found, listing=listing, sort=_sort())


def _category_of_today(slug: str) -> ResponseReturnValue:
    """Redirect a former address of a category to the one of today; for ever."""
    former = slugs.category_that_had(slug)
    found = next((each for each in categories() if each.id == former), None)
    if found is None:
        abort(404)
    return redirect(_with_query(url_for("catalogue.category", slug=found.slug)), 301)


def _with_query(path: str) -> str:
    query = request.query_string.decode()
    return f"{path}?{query}" if query else path


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    """Show the products that hold the words that were asked for."""
    asked = one_line(request.args.get("q", ""))[:LONGEST_QUESTION].strip()
    sort, as_typed = _sort(Sort.BEST), "as_typed" in request.args
    listing = _listing(asked, sort=sort, as_typed=as_typed) if asked else None
    return render_template(
        "catalogue/search.html", asked=asked, listing=listing, sort=sort, as_typed=as_typed or None
    )


@blueprint.get("/products/<slug>")
def product(slug: str) -> ResponseReturnValue:
    """Show one product, and others of its category; with a quantity, also what is wrong with it."""
    found = catalogue.product_by_slug(slug)
    if found is None:
        abort(404)
    if found.slug != slug:
        return redirect(_with_query(url_for("catalogue.product", slug=found.slug)), 301)
    typed = request.args.get("quantity")
    wrong = "" if typed is None else wrong_with(found, typed)
    return _product_page(found, typed, wrong), 422 if wrong else 200


def _product_page(product: Product, typed: str | None, wrong: str) -> str:
    most = session_cart.most_of(product)
    if most:
        session_cart.key()
    neighbours = find(category_id=product.category_id, size=NEIGHBOURS + 1).products
    return render_template(
        "catalogue/product.html",
        product=product,
        most=most,
        typed=typed,
        wrong=wrong,
        gallery=gallery.of(product),
        others=[each for each in neighbours if each.id != product.id][:NEIGHBOURS],
    )


def _sort(usual: Sort = Sort.OURS) -> Sort:
    """Return the order that was asked for; the usual one if it is none of ours."""
    asked = request.args.get("sort", "")
    return Sort(asked) if asked in set(Sort) else usual


def _listing(
    question: str = "",
    *,
    sort: Sort | None = None,
    category_id: int | None = None,
    as_typed: bool = False,
) -> Page:
    """Return a page of products, each with its button that fills the cart."""
    session_cart.key()
    return find(
        question,
        category_id=category_id,
        sort=sort or _sort(),
        as_typed=as_typed,
        after=request.args.get("after", ""),
        before=request.args.get("before", ""),
    )
