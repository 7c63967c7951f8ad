"""When something goes wrong: a page in the shopper's language that says what to do next."""

from __future__ import annotations

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from storefront.database import db

CODES = (400, 404, 405, 413, 429, 500, 503)
PASSED_ON = frozenset({"Allow", "Retry-After"})


def init_app(app: Flask) -> None:
    """Give every error a page of our own."""
    for code in CODES:
        app.register_error_handler(code, page)
    app.register_error_handler(CSRFError, expired_form)


def page(error: Exception) -> ResponseReturnValue:
    """A page for an HTTP error."""
    code = (error.code if isinstance(error, HTTPException) else None) or 500
    if code == 500:
        db.session.rollback()
    title, advice = _words(code)
    body = render_template("errors/error.html", code=code, title=title, advice=advice)
    return body, code, _passed_on(error)


def _passed_on(error: Exception) -> list[tuple[str, str]]:
    if not isinstance(error, HTTPException):
        return []
    return [header for header in error.get_headers() if header[0] in PASSED_ON]


def _words(code: int) -> tuple[str, str]:
    return {
        400: (
            _("We could not read that"),
            _("What your browser sent was incomplete. Please go back and try again."),
        ),
        404: (
            _("There is nothing here"),
            _("The address may be old or mistyped. What you look for may be on the shelves."),
        ),
        405: (
            _("That is not how this page works"),
            _("Please go back and use the buttons of the page."),
        ),
        413: (
            _("That is too much at once"),
            _("Please shorten what you wrote and send it again."),
        ),
        429: (
            _("One moment, please"),
            _("That was very quick. Wait a minute and try again."),
        ),
        503: (
            _("The shop is closed for a moment"),
            _("Please try again in a minute. Your cart is kept."),
        ),
    }.get(
        code,
        (
            _("Something broke on our side"),
            _("It has been noted. Please try again in a minute; your cart is kept."),
        ),
    )


def expired_form(_error: CSRFError) -> ResponseReturnValue:
    """Offer a form whose token is gone once more, as it was filled in; nothing was done yet."""
    kept = _kept_fields() if _sent_from_our_own_page() else None
    return render_template("errors/expired_form.html", kept=kept, action=request.full_path), 400


def _kept_fields() -> list[tuple[str, str]]:
    fields = request.form.items(multi=True)
    return [(name, value) for name, value in fields if name != "csrf_token"]


def _sent_from_our_own_page() -> bool:
    """What another site made a browser send is not offered back as if it were the shopper's."""
    where = request.headers.get("Sec-Fetch-Site")
    if where is not None:
        return where == "same-origin"
    return request.headers.get("Origin", request.host_url.rstrip("/")) == (
        request.host_url.rstrip("/")
    )
