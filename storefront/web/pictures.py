"""All bundled drawings in one file: a page full of goods asks for one picture, not for twelve."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, url_for
from flask.typing import ResponseReturnValue

from storefront.web.security import keep_for_ever

FOLDER = "goods"
_OWN_NAMES = re.compile(r'(\bid="|href="#|url\(#)')

blueprint = Blueprint("pictures", __name__)


def init_app(app: Flask) -> None:
    """Draw the sheet once, and let templates know what is on it."""
    drawings = sorted((Path(str(app.static_folder)) / FOLDER).glob("*.svg"))
    sheet = "".join(_symbol(file.stem, file.read_text(encoding="utf-8")) for file in drawings)
    app.extensions["pictures"] = f'<svg xmlns="http://www.w3.org/2000/svg">{sheet}</svg>'
    on_sheet = frozenset(f"{FOLDER}/{file.name}" for file in drawings)
    version = hashlib.sha256(sheet.encode()).hexdigest()[:12]

    @app.template_global()
    def drawn(image: str) -> str | None:
        """The address of a product's picture on the sheet; None if it is a file of its own."""
        return place(image) if image in on_sheet else None

    @cache
    def place(image: str) -> str:
        return url_for("pictures.sheet", version=version, _anchor=Path(image).stem)


def _symbol(name: str, drawing: str) -> str:
    """A drawing as a part of the sheet; names inside it get its own before them."""
    _, _, content = drawing.strip().removesuffix("</svg>").partition(">")
    content = _OWN_NAMES.sub(rf"\g<1>{name}-", content)
    return f'<symbol id="{name}" viewBox="0 0 400 400">{content}</symbol>'


@blueprint.get("/pictures/<version>.svg")
def sheet(version: str) -> ResponseReturnValue:  # noqa: ARG001 - makes the address change with the drawings
    """Every drawing, as a symbol named after its file."""
    return keep_for_ever(Response(current_app.extensions["pictures"], mimetype="image/svg+xml"))
