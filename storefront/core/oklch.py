"""Change a colour's lightness in OKLCH: hue and chroma stay, where mixing with white greys it.

The figures are those of Björn Ottosson's OKLab, as CSS Color 4 has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, hypot, sin

Rgb = tuple[int, int, int]
Row = tuple[float, float, float]

_TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_FROM_LAB = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_FROM_CONES = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)
_HALVINGS = 20
_ROUNDING = 1e-4


@dataclass(frozen=True, slots=True)
class Oklch:
    """A colour: ``lightness`` from 0 to 1, ``chroma`` from 0 (grey), ``hue`` in radians."""

    lightness: float
    chroma: float
    hue: float

    @classmethod
    def of(cls, colour: Rgb) -> Oklch:
        """Return the colour of these parts."""
        red, green, blue = (linear(part) for part in colour)
        long, middle, short = (each ** (1 / 3) for each in _times(_TO_CONES, (red, green, blue)))
        lightness, a, b = _times(_TO_LAB, (long, middle, short))
        return cls(lightness, hypot(a, b), atan2(b, a))

    def at(self, lightness: float, share: float = 1) -> Rgb:
        """Return it in another lightness, with as much of its chroma as a screen can show."""
        fits, too_much = 0.0, self.chroma * share
        if _is_shown(whole := _linear_rgb(lightness, too_much, self.hue)):
            return _rounded(whole)
        for _ in range(_HALVINGS):
            tried = (fits + too_much) / 2
            shown = _is_shown(_linear_rgb(lightness, tried, self.hue))
            fits, too_much = (tried, too_much) if shown else (fits, tried)
        return _rounded(_linear_rgb(lightness, fits, self.hue))


def linear(part: int) -> float:
    """Return the light of one part of a colour, 0 to 1."""
    share = part / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def _linear_rgb(lightness: float, chroma: float, hue: float) -> Row:
    lab = (lightness, chroma * cos(hue), chroma * sin(hue))
    long, middle, short = (each**3 for each in _times(_FROM_LAB, lab))
    return _times(_FROM_CONES, (long, middle, short))


def _times(matrix: tuple[Row, Row, Row], vector: Row) -> Row:
    one, two, three = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return one, two, three


def _is_shown(parts: Row) -> bool:
    return all(-_ROUNDING <= part <= 1 + _ROUNDING for part in parts)


def _rounded(parts: Row) -> Rgb:
    red, green, blue = (round(255 * _encoded(min(max(part, 0.0), 1.0))) for part in parts)
    return red, green, blue


def _encoded(light: float) -> float:
    return light * 12.92 if light <= 0.0031308 else float(1.055 * light ** (1 / 2.4) - 0.055)
