"""Draw what must be pixels from the drawings: cards of links, and icons of the shop's site.

Run `python -m scripts.draw_icons` after a drawing was added or changed; it needs the Chromium of
the tests, and writes to static/cards/ and static/icons/. The files are part of the repository.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from storefront.catalogue import cards
from testkit.browser import launch

STATIC = Path(__file__).resolve().parents[1] / "static"
CARDS, ICONS = STATIC / "cards", STATIC / "icons"
SHOP = "art/eyvan.svg"
FAVICON_SIZES = (16, 32, 48)
MASKABLE = 0.76  # of the side: what any system leaves of an icon holds this much of the drawing


def main() -> None:
    """Draw everything anew."""
    CARDS.mkdir(exist_ok=True)
    ICONS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        page = launch(playwright).new_page()
        for drawing in sorted((STATIC / "goods").glob("*.svg")):
            side = cards.HEIGHT
            card = cards.drawn(_widened(_pixels(page, drawing.read_text("utf-8"), side, side)))
            (CARDS / f"{drawing.stem}.jpg").write_bytes(card)
        shop = (STATIC / SHOP).read_text("utf-8")
        picture = _pixels(page, shop, cards.WIDTH, cards.HEIGHT)
        (CARDS / "shop.jpg").write_bytes(cards.drawn(picture))
        _draw_icons(page, (STATIC / "favicon.svg").read_text("utf-8"))


def _draw_icons(page: Page, drawing: str) -> None:
    """Telephones round the corners themselves: their icons are square, on the same ground."""
    square = re.sub(r' rx="\d+"', "", drawing, count=1)
    ground, rest = re.split(r"(?<=/>)", square, maxsplit=1)
    margin = (1 - MASKABLE) / 2 * 64
    smaller = f'<g transform="translate({margin} {margin}) scale({MASKABLE})">'
    maskable = f"{ground}{smaller}{rest.replace('</svg>', '</g></svg>')}"
    for name, source, side in (
        ("apple-touch-icon", square, 180),
        ("icon-192", drawing, 192),
        ("icon-512", drawing, 512),
        ("maskable-512", maskable, 512),
    ):
        icon = _pixels(page, source, side, side).quantize(64, Image.Quantize.FASTOCTREE)
        icon.save(ICONS / f"{name}.png", optimize=True)
    first, *others = (_pixels(page, drawing, side, side) for side in reversed(FAVICON_SIZES))
    sizes = [(side, side) for side in FAVICON_SIZES]
    first.save(ICONS / "favicon.ico", sizes=sizes, append_images=others)


def _widened(picture: Image.Image) -> Image.Image:
    """Let the wall and the floor of a drawing go on to both sides, as far as a card reaches."""
    wide = Image.new("RGB", (cards.WIDTH, cards.HEIGHT))
    margin = (wide.width - picture.width) // 2
    for edge, place in ((0, 0), (picture.width - 1, wide.width // 2)):
        column = picture.crop((edge, 0, edge + 1, picture.height))
        wide.paste(column.resize((wide.width // 2, wide.height)), (place, 0))
    wide.paste(picture, (margin, 0))
    return wide


def _pixels(page: Page, drawing: str, width: int, height: int) -> Image.Image:
    page.set_viewport_size({"width": width, "height": height})
    style = "body{margin:0}svg{display:block;width:100vw;height:100vh}"
    page.set_content(f"<style>{style}</style>{drawing}")
    return Image.open(io.BytesIO(page.screenshot(omit_background=True))).convert("RGBA")


if __name__ == "__main__":
    main()
