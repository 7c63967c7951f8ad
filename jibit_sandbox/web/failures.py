"""Answer what went wrong outside of the gateways: a page for a browser, JSON for a program."""

from __future__ import annotations

from flask import jsonify, make_response, render_template, request
from werkzeug.wrappers import Response

from jibit_sandbox.core.settings import DEFAULT_WORLD
from jibit_sandbox.core.worlds import NAME
from jibit_sandbox.i18n.translations import gettext_noop as _

HEADINGS = {
    403: _("This request was refused"),
    404: _("There is nothing at this address"),
    405: _("There is nothing at this address"),
    500: _("The sandbox itself failed"),
}
OTHER = _("This did not work")


def failure(sentence: str | None, status: int) -> Response:
    """Say what is wrong to whoever asked."""
    if not is_for_a_reader():
        return make_response(jsonify(error=sentence), status)
    page = render_template(
        "dashboard/error.html",
        world={"name": known_world()},
        heading=HEADINGS.get(status, OTHER),
        sentence=sentence,
    )
    return make_response(page, status)


def is_for_a_reader() -> bool:
    """Return whether a browser shows the answer: it asks for HTML by name, as no program does."""
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def known_world() -> str:
    """Return the world that the address names, if any can have that name."""
    name = request.args.get("world", "")
    return name if NAME.fullmatch(name) else DEFAULT_WORLD
