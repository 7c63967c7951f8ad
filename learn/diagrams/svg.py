"""Pieces of an SVG, and how wide a text is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape, unescape

SIZE = 14  # of the letters
LINE = 19  # from one line of a text to the next
_NARROW, _WIDE, _MARKS = "iIjl.,:;'|!()[]{}tfr /-", "mwMW@%—…", "\u200c\u200d\u200e\u200f"
_PERSIAN = re.compile("[\u0600-\u06ff]")


class CannotDraw(ValueError):
    """The diagram has something that is not drawn."""


@dataclass
class Drawing:
    """An SVG that is being drawn; it is mirrored for languages that are read from the right."""

    width: float = 0
    height: float = 0
    right_to_left: bool = False
    behind: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def x(self, at: float) -> float:
        """Return where a point of the left-to-right drawing is."""
        return round(self.width - at if self.right_to_left else at, 1)

    def rectangle(
        self, kind: str, box: tuple[float, float, float, float], radius: float = 4
    ) -> None:
        """Draw a box of x, y, width and height."""
        x, y, width, height = box
        left = self.x(x + width) if self.right_to_left else x
        self.parts.append(
            f'<rect class="{kind}" x="{left:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
            f' rx="{radius:g}"/>'
        )

    def line(self, kind: str, points: list[tuple[float, float]]) -> None:
        """Draw straight lines through these points."""
        path = " ".join(f"{self.x(x):g},{round(y, 1):g}" for x, y in points)
        self.parts.append(f'<polyline class="{kind}" points="{path}"/>')

    def polygon(self, kind: str, points: list[tuple[float, float]]) -> None:
        """Draw a filled shape."""
        path = " ".join(f"{self.x(x):g},{round(y, 1):g}" for x, y in points)
        self.parts.append(f'<polygon class="{kind}" points="{path}"/>')

    def ellipse(self, kind: str, x: float, y: float, rx: float, ry: float) -> None:
        """Draw an ellipse around a point."""
        self.parts.append(
            f'<ellipse class="{kind}" cx="{self.x(x):g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}"/>'
        )

    def path(self, kind: str, commands: list[tuple[str, list[tuple[float, float]]]]) -> None:
        """Draw a path of commands with absolute points."""
        said = " ".join(
            letter + " ".join(f"{self.x(x):g},{round(y, 1):g}" for x, y in points)
            for letter, points in commands
        )
        self.parts.append(f'<path class="{kind}" d="{said}"/>')

    def text(self, kind: str, x: float, middle: float, lines: list[str]) -> None:
        """Write lines around a point."""
        first = middle - (len(lines) - 1) * LINE / 2 + SIZE * 0.35
        for number, line in enumerate(lines):
            turned = ' direction="rtl"' if _PERSIAN.search(line) else ""
            y = round(first + number * LINE, 1)
            self.parts.append(
                f'<text class="{kind}" x="{self.x(x):g}" y="{y:g}"{turned}>{escape(line)}</text>'
            )

    def svg(self, title: str) -> str:
        """Return the whole drawing."""
        width, height = round(self.width), round(self.height)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}"'
            f' width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
            + "".join(self.behind + self.parts)
            + "</svg>"
        )


def arrow_head(
    drawing: Drawing, at: tuple[float, float], towards: tuple[float, float], *, open_: bool = False
) -> None:
    """Draw the point of an arrow that arrives ``at`` a point in a direction."""
    (x, y), (dx, dy) = at, towards
    length = (dx * dx + dy * dy) ** 0.5 or 1
    ux, uy = dx / length, dy / length
    left = (x - 9 * ux + 4.5 * uy, y - 9 * uy - 4.5 * ux)
    right = (x - 9 * ux - 4.5 * uy, y - 9 * uy + 4.5 * ux)
    if open_:
        drawing.line("arrow", [left, at, right])
    else:
        drawing.polygon("head", [left, at, right])


def text_width(text: str) -> float:
    """Return about how wide a text is."""
    return sum(map(_letter_width, text)) * SIZE


def widest(lines: list[str]) -> float:
    """Return the width of the widest line."""
    return max(map(text_width, lines), default=0)


def label_lines(text: str, most: float) -> list[str]:
    """Return a label in lines no wider than ``most``, broken at <br/> and between words."""
    found: list[str] = []
    for part in re.split(r"<br\s*/?>", unescape(text.strip().strip('"'))):
        line = ""
        for word in part.split():
            longer = f"{line} {word}".strip()
            if line and text_width(longer) > most:
                found.append(line)
                line = word
            else:
                line = longer
        found.append(line)
    return found


def _letter_width(letter: str) -> float:
    if letter in _MARKS or "\u064b" <= letter <= "\u0654":
        return 0
    if _PERSIAN.match(letter):
        return 0.5
    if letter in _NARROW:
        return 0.34
    if letter in _WIDE:
        return 0.86
    return 0.66 if letter.isupper() else 0.56
