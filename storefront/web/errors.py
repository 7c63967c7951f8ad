"""Show an error page in the shopper's language that says what to do next."""

from __future__ import annotations

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from storefront.core import availability
from storefront.core.database import db
from storefront.core.seller import Seller, current_seller
from storefront.web.language import LANGUAGES, current_language

PASSED_ON = frozenset({"Allow", "Retry-After"})
CALLBACK = "payments.callback"
ASKS_AGAIN_AFTER = 5  # seconds
WORDS = {
    400: (
        _("We could not read your request"),
        _("What your browser sent was incomplete. Please go back and try again."),
    ),
    404: (
        _("Page not found"),
        _("The address may be old or mistyped. Search the shop, or look through the products."),
    ),
    405: (
        _("This is not possible here"),
        _("Please go back and use the buttons of the page."),
    ),
    413: (
        _("This is too large to send"),
        _("Please shorten what you wrote and send it again."),
    ),
    403: (
        _("This page is for owners of the shop"),
        _("Your account does not open it. If you need it, ask an owner."),
    ),
    421: (
        _("The shop has another address"),
        _("Nothing was done. Please open the shop anew and repeat the last step."),
    ),
    429: (
        _("One moment, please"),
        _("There were too many requests in a short time. Please wait a minute and try again."),
    ),
    500: (
        _("Something went wrong on our side"),
        _("It has been noted. Please try again in a minute; your cart is kept."),
    ),
    503: (
        _("The shop is closed for a moment"),
        _("Please try again in a minute. Your cart is kept."),
    ),
}

# They need no file when they are shown; one for each shop of a process, and language.
_plain_pages: dict[tuple[Seller, str], str] = {}


def init_app(app: Flask) -> None:
    """Give every error a page of our own. Call it when templates can be rendered."""
    app.register_error_handler(HTTPException, page)
    app.register_error_handler(CSRFError, expired_form)
    for kind in availability.KINDS:
        app.register_error_handler(kind, closed_for_a_moment)
    seller: Seller = app.extensions["seller"]
    for language in LANGUAGES:
        if (seller, language) not in _plain_pages:
            _plain_pages[seller, language] = _plain_page(app, language)


def _plain_page(app: Flask, language: str) -> str:
    with app.test_request_context(f"/?lang={language}"):
        return render_template("errors/plain.html")


def page(error: HTTPException) -> ResponseReturnValue:
    """Return a page for an HTTP error; a crash arrives here as a 500."""
    if availability.is_temporary(getattr(error, "original_exception", None)):
        error = _unavailable()  # it was raised where no handler looks: by the session, a template
    code = error.code or 500
    if code >= 500:
        db.session.rollback()
    return _rendered(code), code, [*_passed_on(error), *_turning(code)]


def _passed_on(error: HTTPException) -> list[tuple[str, str]]:
    return [each for each in error.get_headers() if each[0] in PASSED_ON]


def _turning(code: int) -> list[tuple[str, str]]:
    """Let the page to which a payer came back from the bank ask again by itself.

    Whatever the gateway posted is not sent again: the browser that ordered is shown its order
    without, and the worker asks about the payment in any case.
    """
    if code != ServiceUnavailable.code:
        return []
    unkept = [("Cache-Control", "no-store")]  # it may have a form with what a shopper typed
    turning = [("Refresh", str(ASKS_AGAIN_AFTER))] if request.endpoint == CALLBACK else []
    return unkept + turning


def closed_for_a_moment(error: Exception) -> ResponseReturnValue:
    """Answer 503 to what a later try can mend; all else stays the crash that it is."""
    if not availability.is_temporary(error):
        raise error
    why = availability.reason(error)
    trace = error if why is availability.UNKNOWN else None  # else each page of an outage adds one
    current_app.logger.error("cannot serve now: %s", why, exc_info=trace)
    return page(_unavailable())


def _unavailable() -> ServiceUnavailable:
    return ServiceUnavailable(retry_after=30)


def _rendered(code: int) -> str:
    title, advice = WORDS.get(code, WORDS[400 if code < 500 else 500])
    again = _kept_fields() if code == ServiceUnavailable.code and _is_a_shoppers_form() else None
    try:
        return render_template(
            _template(code),
            code=code,
            title=title,
            advice=advice,
            again=again,
            action=request.full_path,
        )
    except OSError:  # templates, translations and pictures are files
        if code != ServiceUnavailable.code:
            raise
        return _plain_pages[current_seller(), current_language()]


def _template(code: int) -> str:
    """Return the page: the staff's has the back office around it, and leads back there."""
    if code == ServiceUnavailable.code and request.endpoint == CALLBACK:
        return "payments/returned_too_early.html"
    return "admin/error.html" if _is_office() else "errors/error.html"


def _is_office() -> bool:
    return request.path == "/admin" or request.path.startswith("/admin/")


def _is_a_shoppers_form() -> bool:
    """Whether what was sent may be offered once more; passwords are typed in the office alone."""
    return request.method == "POST" and not _is_office() and _sent_from_our_own_page()


def expired_form(_error: CSRFError) -> ResponseReturnValue:
    """Offer a form whose token is gone once more, as it was filled in; nothing was done yet."""
    kept = _kept_fields() if _sent_from_our_own_page() else None
    return render_template("errors/expired_form.html", kept=kept, action=request.full_path), 400


def _kept_fields() -> list[tuple[str, str]]:
    fields = request.form.items(multi=True)
    return [(name, value) for name, value in fields if name != "csrf_token"]


def _sent_from_our_own_page() -> bool:
    """What another site made a browser send is not offered back as if it were the shopper's."""
    ourselves = request.host_url.rstrip("/")
    where = request.headers.get("Sec-Fetch-Site")
    if where is not None:
        return where == "same-origin"
    return request.headers.get("Origin", ourselves) == ourselves
