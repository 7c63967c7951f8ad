"""Draw the Mermaid diagrams of the documentation as SVG, without a browser and without scripts.

Only what the pages use: sequence diagrams and flowcharts. Persian ones run from right to left.
The SVG has classes and no styles of its own, so that the page's style sheet gives it its colours.
"""

from __future__ import annotations

import re

from learn.diagrams.flowchart import draw_flowchart
from learn.diagrams.sequence import draw_sequence
from learn.diagrams.svg import CannotDraw

__all__ = ["CannotDraw", "draw"]


def draw(source: str, *, right_to_left: bool = False) -> str:
    """Return a diagram as an SVG element. Raises CannotDraw, which names the line."""
    lines = [line.strip() for line in source.splitlines()]
    lines = [line for line in lines if line and not line.startswith("%%")]
    kind = lines[0].split()[0] if lines else ""
    if kind == "sequenceDiagram":
        return draw_sequence(lines[1:], right_to_left)
    if kind.startswith("stateDiagram"):
        return draw_flowchart(["flowchart TB", *map(_as_flowchart, lines[1:])], right_to_left)
    if kind in ("flowchart", "graph"):
        return draw_flowchart(lines, right_to_left)
    raise CannotDraw(f"a diagram of the kind {kind!r}")


def _as_flowchart(line: str) -> str:
    """Return a transition between two states as an edge of a flowchart."""
    line = re.sub(r"^\[\*\]", 'begin((" "))', line)
    line = re.sub(r"\[\*\]$", 'finish((" "))', line)
    return re.sub(r"^(\S+ -->) (\S+)\s*:\s*(.+)$", r'\1|"\3"| \2', line)
