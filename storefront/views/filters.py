"""What templates may use: formats in the page's language, addresses of static files, the shop."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request

from storefront import formats
from storefront.config import configured, is_local
from storefront.security import keep_for_ever
from storefront.views import carts, means
from storefront.views.language import LANGUAGES, current_language, this_page

FORMATS = (
    formats.digits,
    formats.grouped,
    formats.toman,
    formats.rials,
    formats.jalali,
    formats.jalali_seconds,
    formats.how_long,
)


def init_app(app: Flask) -> None:
    """Register filters and what every template knows."""
    for format_ in (*FORMATS, formats.masked_mobile):
        app.add_template_filter(_in_page_language(format_), format_.__name__)
    app.add_template_filter(in_language)
    app.add_template_filter(means.title, "means_of_payment")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True  # no blank line for each block
    app.jinja_env.globals["fonts"] = _fonts(app)
    app.url_defaults(_version_static_files)
    app.after_request(_keep_static_files)
    app.context_processor(_known_to_every_template)


def _in_page_language(format_: Callable[..., str]) -> Callable[[Any], str]:
    @wraps(format_)
    def shown(value: Any) -> str:
        return format_(value, current_language())

    return shown


def in_language(thing: Any, text: str) -> str:
    """``product|in_language("name")``: its ``name_fa`` or ``name_en``, as the page speaks."""
    return str(getattr(thing, f"{text}_{current_language()}"))


def _version_static_files(endpoint: str, values: dict[str, Any]) -> None:
    """A changed file gets a new address, so that browsers may keep the old one for ever."""
    if endpoint == "static" and "v" not in values:
        file = Path(str(current_app.static_folder)) / values["filename"]
        values["v"] = (_fingerprint.__wrapped__ if current_app.debug else _fingerprint)(file)


@cache
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
    """The addresses that fonts.css gives the typeface; none where it was not cut (`make run`)."""
    folder = Path(str(app.static_folder)) / "fonts"
    return [f"{app.static_url_path}/fonts/{file.name}" for file in sorted(folder.glob("*.woff2"))]


def _known_to_every_template() -> dict[str, Any]:
    language = current_language()
    return {
        "language": language,
        "direction": "rtl" if language == "fa" else "ltr",
        "other_languages": {code: name for code, name in LANGUAGES.items() if code != language},
        "this_page": this_page(),
        "test_money": _is_test_money(),
        "cart_pieces": carts.pieces(),
        "public_url": current_app.config["PUBLIC_URL"],
    }


def _is_test_money() -> bool:
    """Practice and real gateways are never offered side by side: the first tells for all."""
    settings = current_app.config
    return is_local(settings[configured(settings)[0].address])
