"""Make the shop's colours from one: for light and for dark pages, each with text that can be read.

The contrasts are those of WCAG 2.2: 4.5 to 1 at least for text of the usual size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from storefront.core.oklch import Oklch, Rgb, linear

LEAST = 4.5
OF_DARK = 6.0  # light letters on a dark page: more than the least, yet not so light as to be pale
# The ground of static/css/house.css on which text is hardest to read, light and dark.
LIGHT_GROUND, DARK_GROUND = (0xFB, 0xE6, 0xE3), (0x2C, 0x28, 0x32)
LIGHT_CARD, DARK_CARD = (0xFF, 0xFE, 0xFB), (0x21, 0x1E, 0x25)
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
WANTED = "a dark colour such as #1c6460"
STEPS = 50
LIGHTER = 0.08  # what is pointed at, as OKLCH counts lightness
SOFT_LIGHTNESS, SOFT_SHARE = 0.31, 0.7  # the ground on dark pages, and its share of the chroma


@dataclass(frozen=True, slots=True)
class Colours:
    """One scheme. ``brand`` is that of links and buttons, ``on_brand`` of the text on a button,
    ``strong`` of what is pointed at, ``soft`` of the ground under ``strong``."""

    brand: str
    strong: str
    soft: str
    on_brand: str


def rgb(colour: str) -> Rgb:
    """Return the parts of ``#1c6460`` or ``#abc``. Raises ValueError; also if it is too light."""
    if re.fullmatch(r"#[0-9a-f]{3}", colour):
        colour = "#" + "".join(digit * 2 for digit in colour[1:])
    if not re.fullmatch(r"#[0-9a-f]{6}", colour):
        raise ValueError(f"{WANTED}: # and six digits 0-9 and a-f")
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    reached = contrast((red, green, blue), LIGHT_GROUND)
    if reached < LEAST:
        raise ValueError(
            f"{WANTED}: links in {colour} could not be read on a light page"
            f" (contrast {reached:.1f} to 1, {LEAST} is needed)"
        )
    return red, green, blue


def light(colour: str) -> Colours:
    """Return the colours of light pages."""
    brand = rgb(colour)
    known = Oklch.of(brand)
    strong = known.at(max(known.lightness - LIGHTER, 0))
    soft = _readable(brand, _towards(brand, LIGHT_CARD, begin=0.88))
    on_brand = _readable(brand, _towards(LIGHT_CARD, WHITE))
    return Colours(*map(_written, (brand, strong, soft, on_brand)))


def dark(colour: str) -> Colours:
    """Return those of dark pages: as light as their text has to be, and as colourful as it can."""
    base = rgb(colour)
    known = Oklch.of(base)
    brand = next(each for each in _lighter(known) if contrast(each, DARK_GROUND) >= OF_DARK)
    strong = known.at(min(Oklch.of(brand).lightness + LIGHTER, 1))
    soft = _readable(brand, _towards(known.at(SOFT_LIGHTNESS, SOFT_SHARE), DARK_CARD))
    on_brand = _readable(brand, _towards(_mixed(base, BLACK, 0.5), BLACK))
    return Colours(*map(_written, (brand, strong, soft, on_brand)))


def stylesheet(colour: str) -> str:
    """Return the style sheet that puts these colours in the place of the shop's own."""
    return (
        f":root {{{_variables(light(colour))}}}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{{_variables(dark(colour))}}} }}\n"
    )


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast of two colours, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _variables(found: Colours) -> str:
    names = {"brand": found.brand, "brand-strong": found.strong, "brand-soft": found.soft}
    return " ".join(f"--{k}: {v};" for k, v in (names | {"on-brand": found.on_brand}).items())


def _luminance(colour: Rgb) -> float:
    red, green, blue = map(linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _towards(one: Rgb, other: Rgb, begin: float = 0) -> Iterator[Rgb]:
    """Yield colours from one to the other, the last one included."""
    for step in range(STEPS + 1):
        yield _mixed(one, other, begin + (1 - begin) * step / STEPS)


def _lighter(known: Oklch) -> Iterator[Rgb]:
    """Yield the colour in more and more light, white at last."""
    for step in range(STEPS + 1):
        yield known.at(known.lightness + (1 - known.lightness) * step / STEPS)


def _readable(text: Rgb, grounds: Iterator[Rgb]) -> Rgb:
    """Return the first of these colours that bears the text; the last one always does."""
    found = text
    for found in grounds:
        if contrast(text, found) >= LEAST:
            break
    return found


def _written(colour: Rgb) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)
