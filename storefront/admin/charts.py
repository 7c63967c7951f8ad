"""Lay out bars for a drawing that stands beside a table; the template writes them as SVG.

Across, everything is in percent of the drawing's width, so that letters keep their size on any
screen; down, it is in pixels. Persian pages are read from the right, and so are their charts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

COLUMN_HEIGHT = 160
MOST_LABELS = 7
MOST_BARS = 10
BAR_STEP = 44
LONGEST_LABEL = 28
SHARE = 0.7  # of its place that a column fills


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, with the text that stands at it; ``amount_rials`` is what it measures."""

    x: str
    y: float
    width: str
    height: float
    label: str
    label_x: str
    amount_rials: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing: ``upright`` columns beside each other, or bars below each other."""

    upright: bool
    height: int
    bars: Sequence[Bar]
    most_rials: int


Amounts = Sequence[tuple[str, int]]


def columns(amounts: Amounts, *, from_right: bool) -> Chart:
    """Return upright columns; some of them have their label, so that labels do not meet."""
    most = max((amount for _label, amount in amounts), default=0)
    step, every = 100 / max(len(amounts), 1), -(-len(amounts) // MOST_LABELS)
    bars = []
    for place, (label, amount) in enumerate(amounts):
        at = len(amounts) - 1 - place if from_right else place
        height = _part(amount, most) * COLUMN_HEIGHT
        bars.append(
            Bar(
                x=_percent((at + (1 - SHARE) / 2) * step),
                y=round(COLUMN_HEIGHT - height, 1),
                width=_percent(step * SHARE),
                height=round(height, 1),
                label=label if place % every == 0 else "",
                label_x=_percent((at + 0.5) * step),
                amount_rials=amount,
            )
        )
    return Chart(True, COLUMN_HEIGHT, bars, most)


def bars(amounts: Amounts, *, from_right: bool) -> Chart:
    """Return bars below each other, the first ones only, each with its label above it."""
    shown = amounts[:MOST_BARS]
    most = max((amount for _label, amount in shown), default=0)
    found = []
    for place, (label, amount) in enumerate(shown):
        width = _part(amount, most) * 100
        found.append(
            Bar(
                x=_percent(100 - width if from_right else 0),
                y=place * BAR_STEP + 22,
                width=_percent(width),
                height=12,
                label=label if len(label) <= LONGEST_LABEL else f"{label[:LONGEST_LABEL]}…",
                label_x=_percent(100 if from_right else 0),
                amount_rials=amount,
            )
        )
    return Chart(False, len(shown) * BAR_STEP, found, most)


def _part(amount: int, most: int) -> float:
    return max(amount, 0) / most if most else 0


def _percent(share: float) -> str:
    return f"{share:.2f}%"
