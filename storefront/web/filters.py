"""Register template filters and variables: formats, addresses of static files, the session cart."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request

from storefront.core import formats
from storefront.core.provinces import province_name
from storefront.core.services import current_services
from storefront.core.settings import is_test_mode
from storefront.web import payment_methods, session_cart, theme
from storefront.web.delivery_words import how_soon
from storefront.web.language import current_language, this_page
from storefront.web.security import keep_for_ever

MOST_ADDRESSES = 4096  # kept at once: those used last
FORMATS = (
    formats.digits,
    formats.grouped,
    formats.toman,
    formats.rials,
    formats.moment,
    formats.moment_seconds,
    formats.both_calendars,
    formats.how_long,
    formats.masked_mobile,
)


def init_app(app: Flask) -> None:
    """Register the filters and variables that every template may use."""
    for format_ in FORMATS:
        app.add_template_filter(_in_language_of_the_page(format_), format_.__name__)
    app.add_template_filter(in_language)
    app.add_template_filter(postal_address)
    app.add_template_filter(delivery_name)
    app.add_template_filter(province)
    app.add_template_global(lambda: current_services().prices, "prices")
    app.add_template_global(how_soon)
    app.add_template_filter(payment_methods.title, "payment_method_title")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True  # no blank line for each block
    app.jinja_env.globals.update(
        fonts=_fonts(app),
        test_money=is_test_mode(app.config),
        kill_url=app.config["KILL_URL"] if is_test_mode(app.config) else None,
        public_url=app.config["PUBLIC_URL"],
    )
    app.url_defaults(_version_static_files)
    if not app.debug:  # there, a static file that was changed gets a new address
        # A quarter of a page's cost is its 35 addresses. They may be kept because the shop is
        # served under one path. Nothing long that visitors write may be passed in a template.
        app.jinja_env.globals["url_for"] = lru_cache(MOST_ADDRESSES)(app.url_for)
    app.after_request(_keep_static_files)
    app.context_processor(_known_to_every_template)


def _in_language_of_the_page(format_: Callable[[Any, str], str]) -> Callable[[Any], str]:
    return lambda value: format_(value, current_language())


def in_language(thing: Any, text: str) -> str:
    """Return its ``name_fa`` or ``name_en``, whichever the page is in; also a template filter."""
    return str(getattr(thing, f"{text}_{current_language()}"))


def postal_address(order: Any) -> str:
    """Return where an order goes: province, city, address; also a template filter.

    Orders from before the first two were asked for have them in the address.
    """
    language = current_language()
    named = order.province and province(order.province)
    comma = "، " if language == "fa" else ", "  # without a mark of direction: it is copied
    return comma.join(filter(None, (named, order.city, order.address)))


def province(code: str) -> str:
    """Return the name of a province; also a template filter."""
    return province_name(code, current_language())


def delivery_name(order: Any) -> str:
    """Return the delivery method of an order, as its line names it; also a template filter."""
    return next(in_language(line, "name") for line in order.lines if line.kind == "delivery")


def _version_static_files(endpoint: str, values: dict[str, Any]) -> None:
    """A changed file gets a new address, so that browsers may keep the old one for ever."""
    if endpoint == "static" and "v" not in values:
        values["v"] = _fingerprint(theme.static_file(current_app, values["filename"]))


def _fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else "none"


def _keep_static_files(response: Response) -> Response:
    named_by_content = request.endpoint == "static" and (
        "v" in request.args or request.path.endswith(".woff2")
    )
    if named_by_content and response.status_code < 400:
        keep_for_ever(response)
    return response


def _fonts(app: Flask) -> list[str]:
    """The addresses that house.css gives the typeface; none where it was not cut (`make run`)."""
    folder = Path(str(app.static_folder)) / "fonts"
    return [f"{app.static_url_path}/fonts/{file.name}" for file in sorted(folder.glob("*.woff2"))]


def _known_to_every_template() -> dict[str, Any]:
    return {"this_page": this_page(), "cart_pieces": session_cart.pieces()}
