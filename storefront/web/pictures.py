"""Serve pictures: all bundled drawings in one file, since a page of 12 products then loads one
picture, not 12; and what the merchant uploaded, each in several sizes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, send_from_directory
from flask.typing import ResponseReturnValue

from storefront.catalogue import cards
from storefront.catalogue.picture_files import CARD_NAME, FILE_NAME, SIZES
from storefront.web.security import keep_for_ever

FOLDER = "goods"
_OWN_NAMES = re.compile(r'(\bid="|href="#|url\(#)')

blueprint = Blueprint("pictures", __name__)


@dataclass(frozen=True, slots=True)
class PictureSheet:
    """The SVG file of all drawings; ``symbols`` maps a product's image to its symbol in it."""

    svg: str
    version: str
    symbols: dict[str, str]


def init_app(app: Flask) -> None:
    """Draw the sheet, and let templates know what is on it."""
    sheet = _draw(Path(str(app.static_folder)) / FOLDER)
    app.jinja_env.globals["picture_sizes"] = SIZES
    app.extensions["picture_sheet"] = app.jinja_env.globals["picture_sheet"] = sheet


@cache
def _draw(folder: Path) -> PictureSheet:
    files = sorted(folder.glob("*.svg"))
    content = "".join(_symbol(file.stem, file.read_text(encoding="utf-8")) for file in files)
    return PictureSheet(
        svg=f'<svg xmlns="http://www.w3.org/2000/svg">{content}</svg>',
        version=hashlib.sha256(content.encode()).hexdigest()[:12],
        symbols={f"{FOLDER}/{file.name}": file.stem for file in files},
    )


def _symbol(name: str, drawing: str) -> str:
    """Turn a drawing into a symbol of the sheet; ids inside it are prefixed with its name."""
    _, _, content = drawing.strip().removesuffix("</svg>").partition(">")
    content = _OWN_NAMES.sub(rf"\g<1>{name}-", content)
    return f'<symbol id="{name}" viewBox="0 0 400 400">{content}</symbol>'


@blueprint.get("/pictures/<version>.svg")
def sheet(version: str) -> ResponseReturnValue:  # noqa: ARG001 - makes the address change with the drawings
    """Return every drawing, as a symbol named after its file."""
    return keep_for_ever(
        Response(current_app.extensions["picture_sheet"].svg, mimetype="image/svg+xml")
    )


@blueprint.get("/pictures/<name>")
def uploaded(name: str) -> ResponseReturnValue:
    """Return an uploaded picture in one size, or its card; another never gets its name."""
    if card := CARD_NAME.fullmatch(name):
        return _card(card[1])
    if not FILE_NAME.fullmatch(name):
        abort(404)
    mimetype = f"image/{name.rpartition('.')[2]}"
    return keep_for_ever(send_from_directory(folder(), name, mimetype=mimetype))


def _card(name: str) -> ResponseReturnValue:
    try:
        file = cards.keep(name, folder())
    except FileNotFoundError:
        abort(404)
    return keep_for_ever(send_from_directory(folder(), file, mimetype="image/jpeg"))


def folder() -> Path:
    """Return where uploaded pictures are."""
    return Path(current_app.config["UPLOADS_FOLDER"]) / "pictures"
