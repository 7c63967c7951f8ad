"""Ask on a page of its own before something is done that cannot be undone; it needs no script."""

from __future__ import annotations

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from storefront.web.security import keep_private

SHOP, OFFICE = "base.html", "admin/base.html"


def is_sure() -> bool:
    """Return whether the question was answered with yes."""
    return request.form.get("sure") == "yes"


def ask(
    question: str, *told: str, yes: str, no: str, back: str, layout: str = SHOP, area: str = ""
) -> ResponseReturnValue:
    """Return the page that asks; ``yes`` sends the same form again, ``no`` leads ``back``.

    ``told`` are sentences on what happens; ``area`` is that of the back office, for its menu.
    """
    page = render_template(
        "asking.html",
        question=question,
        told=told,
        yes=yes,
        no=no,
        back=back,
        layout=layout,
        here=area,
        this_page=back,
    )
    return keep_private(make_response(page))
