"""Choose the language of a page, and remember a switch.

A cookie remembers it; ``?lang=en`` in an address says it, too, so that search engines can tell a
page's two languages apart, and who comes from there stays in that language.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale, get_translations
from markupsafe import escape

from storefront.web import cookies

LANGUAGES = {"fa": "فارسی", "en": "English"}
DEFAULT = "fa"
COOKIE = "language"
A_YEAR = 365 * 24 * 60 * 60

blueprint = Blueprint("language", __name__)


def init_app(app: Flask) -> None:
    """Let Flask-Babel translate pages, and tell every template which language it is in."""
    app.config["BABEL_DEFAULT_LOCALE"] = DEFAULT
    app.config["WTF_I18N_ENABLED"] = False  # forms speak in our words; theirs are read each time
    Babel(app, locale_selector=current_language)
    app.jinja_env.globals.update(_=_translated, current_language=current_language)
    app.context_processor(_language_of_the_page)
    app.after_request(_remember_address)


def current_language() -> str:
    """Return the language of this request's page, ``"fa"`` or ``"en"``."""
    kept = _kept()  # asked for 60 times a page: one look-up each
    language: str | None = kept.get("language")
    if language is None:
        language = kept.language = _selected_language()
    return language


def _kept() -> Any:
    """Return what ``g`` stands for: to go through ``g`` takes three times as long."""
    return g._get_current_object()


def fall_back_to(language: str) -> None:
    """Let this request's page be in a language, unless the browser or the address names one.

    For who comes back from a gateway by a POST: that brings no cookie.
    """
    if not _said() and cookie() not in request.cookies:
        g.language = language


def _translated(text: str, **values: object) -> str:
    """Translate like :func:`flask_babel.gettext`, but find the page's translations only once.

    Flask-Babel looks for them anew for each of the 30 words of a page. An element among the values,
    such as a moment's ``<time>``, stays one.
    """
    kept = _kept()
    translations = kept.get("translations")
    if translations is None:
        translations = kept.translations = get_translations()
    translation: str = translations.ugettext(text)
    return escape(translation) % values if values else translation


def _language_of_the_page() -> dict[str, Any]:
    language = current_language()
    return {
        "language": language,
        "direction": get_locale().text_direction,
        "other_languages": {code: name for code, name in LANGUAGES.items() if code != language},
    }


def _selected_language() -> str:
    """Return what the address says, else what this browser has chosen, else ``"fa"``."""
    chosen = _said() or request.cookies.get(cookie(), DEFAULT)
    return chosen if chosen in LANGUAGES else DEFAULT


def _said() -> str | None:
    said = request.args.get("lang") or (request.view_args or {}).get("language")
    return said if said in LANGUAGES else None


def cookie() -> str:
    """Return the name of the cookie that keeps the language."""
    return cookies.name_of(COOKIE, encrypted=current_app.config["SESSION_COOKIE_SECURE"])


def _remember_address(response: Response) -> Response:
    """Note what the address says; and tell caches when the page's language hangs on a cookie."""
    said = _said()
    if said and said != request.cookies.get(cookie()):
        remember(response, said)
    if "language" in g and not response.cache_control.public:
        response.vary.add("Cookie")
    return response


def this_page() -> str:
    """Return the path of this page, with what was asked in it but the language.

    An answer to a form has none that could be opened: it is the page with the form.
    """
    if request.method == "POST":
        return _sent_from() or request.path
    asked = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return request.path + (f"?{urlencode(asked)}" if asked else "")


def _sent_from() -> str:
    """Return the path of this shop's page that sent the form, if the browser says so."""
    try:
        page = urlsplit(request.referrer or "")
    except ValueError:
        return ""
    path = page.path + (f"?{page.query}" if page.query else "")
    return path if page.netloc == request.host and is_path(path) else ""


@blueprint.get("/language/<language>")
def switch(language: str) -> ResponseReturnValue:
    """Remember a language and go back to the page that it was chosen on."""
    if language not in LANGUAGES:
        abort(404)
    return redirect(_back_to(request.args.get("next", "")), 303)


def remember(response: Response, language: str) -> None:
    """Let this browser's next pages be in a language."""
    response.set_cookie(
        cookie(),
        language,
        max_age=A_YEAR,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _back_to(asked: str) -> str:
    """Return a path of this shop, never another site (``//evil.example``, ``/\\evil.example``)."""
    return asked if is_path(asked) else url_for("catalogue.index")


def is_path(asked: str) -> bool:
    try:
        parts = urlsplit(asked)
    except ValueError:  # ``//[`` begins like an IPv6 address
        return False
    ours = not parts.scheme and not parts.netloc and parts.path.startswith("/")
    return ours and not asked.startswith("//") and "\\" not in asked and asked.isprintable()
