"""Tell search engines what they may read, and which pages there are, in both languages."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from storefront.catalogue import models as catalogue

blueprint = Blueprint("robots", __name__)
IN_ONE_MAP = 10_000  # products; a site map may hold 50,000 addresses


@blueprint.get("/robots.txt")
def rules() -> ResponseReturnValue:
    """Allow products and categories; keep carts, orders and searches out of search engines."""
    return _public(render_template("robots/robots.txt"), "text/plain")


@blueprint.get("/sitemap.xml")
def maps() -> ResponseReturnValue:
    """Return the list of site maps: a shop with very many products needs several."""
    return _public(render_template("robots/sitemaps.xml", count=_maps()), "application/xml")


@blueprint.get("/sitemaps/<int:number>.xml")
def pages(number: int) -> ResponseReturnValue:
    """Return one site map; the first holds the home page and the categories, too."""
    if number >= _maps():
        abort(404)
    slugs = catalogue.slugs_between(number * IN_ONE_MAP, (number + 1) * IN_ONE_MAP)
    categories = catalogue.categories() if number == 0 else ()
    page = render_template("robots/sitemap.xml", categories=categories, slugs=slugs, number=number)
    return _public(page, "application/xml")


def _maps() -> int:
    return catalogue.last_id() // IN_ONE_MAP + 1


def _public(text: str, mimetype: str) -> Response:
    answer = current_app.response_class(text, mimetype=mimetype)
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer
