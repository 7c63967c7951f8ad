"""Give a link its picture, and the shop its icons and its entry on a home screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    json,
    send_file,
)
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from storefront.catalogue import cards
from storefront.catalogue.models import Product
from storefront.catalogue.picture_files import CARD
from storefront.core.seller import current_seller
from storefront.web import structured_data, theme
from storefront.web.filters import in_language
from storefront.web.language import DEFAULT, LANGUAGES
from storefront.web.templating import kept_url_for

A_DAY = 24 * 60 * 60
PAPER = "#fbf7f0"
_ICONS = (("icon-192", "192x192", "any"), ("icon-512", "512x512", "any"))
_ICONS_TO_CUT = (("maskable-512", "512x512", "maskable"),)

blueprint = Blueprint("sharing", __name__)


def init_app(app: Flask) -> None:
    """Let templates name the card of a page, and say what it shows in the words of schema.org."""
    folder = Path(str(app.static_folder)) / "cards"
    app.extensions["cards"] = frozenset(file.stem for file in folder.glob("*.jpg"))
    app.jinja_env.globals.update(
        card_of=card_of, card_size=(cards.WIDTH, cards.HEIGHT), structured_data=structured_data
    )


def card_of(product: Product | None = None) -> str:
    """Return the path of the picture beside a link: of a product, or of the shop."""
    if product is not None and product.picture:
        return kept_url_for("pictures.uploaded", name=f"{product.picture}{CARD}")
    drawing = Path(product.image).stem if product is not None else ""
    name = drawing if drawing in current_app.extensions["cards"] else "shop"
    return kept_url_for("static", filename=f"cards/{name}.jpg")


@blueprint.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """Return the icon for who asks at this address without having read a page."""
    return _icon("favicon.ico")


@blueprint.get("/apple-touch-icon.png")
def touch_icon() -> ResponseReturnValue:
    """Return the icon for the home screen of a telephone."""
    return _icon("apple-touch-icon.png")


def _icon(name: str) -> Response:
    answer = send_file(theme.static_file(current_app, f"icons/{name}"), max_age=A_DAY)
    answer.cache_control.public = True
    return answer


@blueprint.get("/site.webmanifest", defaults={"code": DEFAULT})
@blueprint.get("/site.<code>.webmanifest")
def manifest(code: str) -> ResponseReturnValue:
    """Return what a browser needs to know to put the shop on the home screen."""
    if code not in LANGUAGES:
        abort(404)
    g.language = code
    answer = current_app.response_class(json.dumps(_manifest(code)))
    answer.mimetype = "application/manifest+json"
    answer.headers["Cache-Control"] = f"public, max-age={A_DAY}"
    return answer


def _manifest(code: str) -> dict[str, Any]:
    name, slogan = (in_language(current_seller(), field) for field in ("name", "slogan"))
    return {
        "id": "/",
        "name": f"{name}: {slogan}" if slogan else name,
        "short_name": name,
        "lang": code,
        "dir": get_locale().text_direction,
        "start_url": f"{kept_url_for('catalogue.index')}?lang={code}",
        "scope": kept_url_for("catalogue.index"),
        "display": "minimal-ui",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [
            {
                "src": kept_url_for("static", filename=f"icons/{icon}.png"),
                "sizes": sizes,
                "type": "image/png",
                "purpose": purpose,
            }
            for icon, sizes, purpose in (*_ICONS, *_ICONS_TO_CUT)
        ],
    }
