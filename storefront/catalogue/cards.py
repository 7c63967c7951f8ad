"""Draw the picture of a product that messengers and networks show beside a link to it.

It is 1200 pixels wide and 630 high, as they ask for. The whole picture stands in the middle, before
itself: larger, and out of focus. Each is drawn once, when it is first asked for, and kept.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageFilter, ImageOps

from storefront.catalogue.picture_files import CARD, SIZES, replace_file

WIDTH, HEIGHT = 1200, 630
_PAPER = "#fbf7f0"  # behind what a picture lets through
_QUALITY = 78
_SMALLER = 16  # times: a blur of few pixels costs little


def drawn(picture: Image.Image) -> bytes:
    """Return the card of a picture, as JPEG."""
    opaque = Image.new("RGB", picture.size, _PAPER)
    opaque.paste(picture, mask=picture if picture.mode == "RGBA" else None)
    size = WIDTH // _SMALLER, HEIGHT // _SMALLER
    behind = ImageOps.fit(opaque, size).filter(ImageFilter.GaussianBlur(3))
    card = behind.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    whole = ImageOps.contain(opaque, (WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    card.paste(whole, ((WIDTH - whole.width) // 2, (HEIGHT - whole.height) // 2))
    content = io.BytesIO()
    card.save(content, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return content.getvalue()


def keep(name: str, folder: Path) -> str:
    """Return the name of an uploaded picture's card. Raises FileNotFoundError if it is gone."""
    card = folder / f"{name}{CARD}"
    if not card.is_file():
        with Image.open(folder / f"{name}-{SIZES[-1]}.webp") as picture:
            replace_file(card, drawn(picture.convert("RGBA")))
    return card.name
