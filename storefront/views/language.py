"""Two languages: which one a page speaks, and the switch that is remembered."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel

LANGUAGES = {"fa": "فارسی", "en": "English"}
DEFAULT = "fa"
COOKIE = "language"
A_YEAR = 365 * 24 * 60 * 60

blueprint = Blueprint("language", __name__)


def init_app(app: Flask) -> None:
    """Let pages be translated."""
    app.config["BABEL_DEFAULT_LOCALE"] = DEFAULT
    Babel(app, locale_selector=current_language)


def current_language() -> str:
    """``"fa"`` unless this browser has chosen otherwise."""
    chosen = request.cookies.get(COOKIE, DEFAULT)
    return chosen if chosen in LANGUAGES else DEFAULT


@blueprint.get("/language/<language>")
def switch(language: str) -> ResponseReturnValue:
    """Remember a language and go back to the page that it was chosen on."""
    if language not in LANGUAGES:
        abort(404)
    response = redirect(_back_to(request.args.get("next", "")), 303)
    response.set_cookie(
        COOKIE,
        language,
        max_age=A_YEAR,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def _back_to(asked: str) -> str:
    """A path of this shop, never another site (``//evil.example``, ``/\\evil.example``)."""
    parts = urlsplit(asked)
    ours = not parts.scheme and not parts.netloc and parts.path.startswith("/")
    safe = ours and not asked.startswith("//") and "\\" not in asked and asked.isprintable()
    return asked if safe else url_for("catalogue.index")
