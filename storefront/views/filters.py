"""What templates may use: formats in the page's language, addresses of static files, the shop."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request

from storefront import formats
from storefront.config import is_local
from storefront.views import carts
from storefront.views.language import LANGUAGES, current_language

FORMATS = (formats.digits, formats.grouped, formats.toman, formats.rials, formats.jalali)
A_YEAR = 365 * 24 * 60 * 60


def init_app(app: Flask) -> None:
    """Register filters and what every template knows."""
    for format_ in (*FORMATS, formats.masked_mobile):
        app.add_template_filter(_in_page_language(format_), format_.__name__)
    app.add_template_filter(in_language)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True  # no blank line for each block
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = A_YEAR
    app.url_defaults(_version_static_files)
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
    """A changed file gets a new address, so that browsers may keep the old one for a year."""
    if endpoint == "static" and "v" not in values:
        file = Path(str(current_app.static_folder)) / values["filename"]
        values["v"] = int(file.stat().st_mtime) if file.is_file() else 0


def _known_to_every_template() -> dict[str, Any]:
    language = current_language()
    return {
        "language": language,
        "direction": "rtl" if language == "fa" else "ltr",
        "other_languages": {code: name for code, name in LANGUAGES.items() if code != language},
        "this_page": request.full_path.rstrip("?") if request.method == "GET" else request.path,
        "test_money": is_local(current_app.config["PPG_BASE_URL"]),
        "cart_pieces": carts.pieces(),
    }
