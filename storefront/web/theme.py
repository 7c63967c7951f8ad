"""Put the merchant's own templates and static files before the shop's, and make its colours.

``theme/templates`` and ``theme/static`` in SHOP_FOLDER hold what another shop looks like: nothing
in the source is edited, and an upgrade changes none of it. A template of the theme may extend the
one whose place it takes: ``{% extends "bundled/base.html" %}``.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, send_from_directory
from flask.typing import ResponseReturnValue
from werkzeug.security import safe_join

from storefront.core.colours import stylesheet
from storefront.core.seller import Seller, theme_folder
from storefront.web import theme_templates
from storefront.web.security import keep_for_ever

STYLES = "theme.css"  # of the theme, loaded after all others

blueprint = Blueprint("theme", __name__)


def init_app(app: Flask) -> None:
    """Look into the theme first, wherever a template or a static file is asked for."""
    seller: Seller = app.extensions["seller"]
    theme_templates.put_first(app, theme_folder(app.config) / "templates")
    app.view_functions["static"] = send_static_file
    app.extensions["colours"] = sheet = stylesheet(seller.colour) if seller.colour else ""
    app.jinja_env.globals.update(
        seller=seller,
        colours_version=hashlib.sha256(sheet.encode()).hexdigest()[:12] if sheet else "",
        has_theme_styles=own_file(app, STYLES) is not None,
    )


def send_static_file(filename: str) -> Response:
    """Return the theme's file of this name, else the shop's; both are kept as long."""
    if own_file(current_app, filename) is None:
        return current_app.send_static_file(filename)
    max_age = current_app.get_send_file_max_age(filename)
    return send_from_directory(_static(current_app), filename, max_age=max_age)


def static_file(app: Flask, filename: str) -> Path:
    """Return where the file is that is served under this name."""
    return own_file(app, filename) or Path(str(app.static_folder)) / filename


def own_file(app: Flask, filename: str) -> Path | None:
    """Return the theme's file of this name; none outside of its folder, wherever a link leads."""
    folder = _static(app)
    path = safe_join(str(folder), filename)
    if path is None or not os.path.isfile(path):
        return None
    real = Path(path).resolve()
    return real if real.is_relative_to(folder.resolve()) else None


def _static(app: Flask) -> Path:
    return theme_folder(app.config) / "static"


@blueprint.get("/colours/<version>.css")
def colours(version: str) -> ResponseReturnValue:  # noqa: ARG001 - makes the address change with them
    """Return the shop's own colours, if it has set one."""
    sheet = current_app.extensions["colours"]
    if not sheet:
        abort(404)
    return keep_for_ever(Response(sheet, mimetype="text/css"))
