"""Flowcharts: what the lines of one say, and the drawing of its layout."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from learn.diagrams.layered import Box, Chain, Layout, Point, Spread, lay_out
from learn.diagrams.svg import LINE, CannotDraw, Drawing, arrow_head, label_lines, widest

MARGIN, PADDING = 14, 12
WIDEST_NODE, WIDEST_LABEL = 170, 130
WIDEST_PAGE = 720  # a wider chart is drawn from top to bottom
_SHAPES = {  # how a node's text begins and ends
    "[(": (")]", "store"),
    "([": ("])", "round"),
    "((": ("))", "round"),
    "[[": ("]]", "node"),
    "[": ("]", "node"),
    "(": (")", "round"),
    "{": ("}", "choice"),
}
_NODE = re.compile(r"\s*([\w.*]+)")
_LINK = re.compile(
    r"""\s*(?P<back><?)(?:
        (?P<open>--|-\.|==)\s+(?P<middle>[^|]+?)\s+(?P<close>-->|---|\.->|\.-|==>|===)
        |(?P<arrow>-->|---|-\.->|-\.-|==>|===)(?:\|(?P<label>[^|]*)\|)?
    )""",
    re.VERBOSE,
)
_SUBGRAPH = re.compile(r"subgraph\s+(\w+)?\s*(?:\[(.*)\]|(.*))$")
_IGNORED = re.compile(r"(direction|classDef|class|style|linkStyle|click)\b")


@dataclass
class _Link:
    start: str
    end: str
    lines: list[str]
    dashed: bool
    arrow: bool
    both: bool


@dataclass
class _Chart:
    names: dict[str, tuple[list[str], str]] = field(default_factory=dict)
    links: list[_Link] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    group_of: dict[str, str] = field(default_factory=dict)


def draw_flowchart(lines: list[str], right_to_left: bool) -> str:
    """Return the SVG of these lines, the first of which names the direction.

    Raises CannotDraw.
    """
    chart = _read(lines[1:])
    across = lines[0].split()[-1] in ("LR", "RL")
    spread = _spread(chart, across)
    if across and spread.length > WIDEST_PAGE - 2 * MARGIN:
        downwards = _spread(chart, False)
        if downwards.breadth < spread.length:
            across, spread = False, downwards
    first = Drawing()
    _draw(chart, spread, across, first)  # only then is it known how wide the frames are
    drawing = Drawing(width=first.width, right_to_left=right_to_left)
    _draw(chart, spread, across, drawing)
    return drawing.svg(", ".join(" ".join(lines) for lines, _ in chart.names.values()))


def _read(lines: list[str]) -> _Chart:
    chart, group = _Chart(), ""
    for line in lines:
        opened = _SUBGRAPH.match(line)
        if opened:
            group = opened[1] or f"group {len(chart.titles)}"
            chart.titles[group] = (opened[2] or opened[3] or opened[1] or "").strip().strip('"')
        elif line == "end":
            group = ""
        elif not _IGNORED.match(line):
            _read_statement(chart, line, group)
    return chart


def _read_statement(chart: _Chart, line: str, group: str) -> None:
    name, at = _read_node(chart, line, 0, group)
    while at < len(line) and line[at:].strip(" ;"):
        link = _LINK.match(line, at)
        if not link:
            raise CannotDraw(line)
        other, at = _read_node(chart, line, link.end(), group)
        drawn = link["arrow"] or link["close"]
        label = link["label"] or link["middle"] or ""
        lines = label_lines(label, WIDEST_LABEL) if label.strip() else []
        dashed, arrow = "." in drawn, ">" in drawn
        chart.links.append(_Link(name, other, lines, dashed, arrow, bool(link["back"])))
        name = other


def _read_node(chart: _Chart, line: str, at: int, group: str) -> tuple[str, int]:
    found = _NODE.match(line, at)
    if not found:
        raise CannotDraw(line)
    name, at = found[1], found.end()
    for begin, (end, shape) in _SHAPES.items():
        if line.startswith(begin, at):
            until = line.find(end, at + len(begin))
            if until < 0:
                raise CannotDraw(line)
            text = line[at + len(begin) : until]
            chart.names[name] = (label_lines(text, WIDEST_NODE), shape)
            at = until + len(end)
            break
    else:
        chart.names.setdefault(name, ([name], "node"))
    if group:
        chart.group_of.setdefault(name, group)
    return name, at


def _spread(chart: _Chart, across: bool) -> Spread:
    """Return where everything is; ``across`` means from left to right."""

    def box(lines: list[str], more_width: float, more_height: float) -> Box:
        width, height = widest(lines) + more_width, len(lines) * LINE + more_height
        return Box(width, height) if across else Box(height, width)

    boxes = {
        name: box(lines, 2 * PADDING + (26 if shape == "choice" else 0), _more_height(shape))
        for name, (lines, shape) in chart.names.items()
    }
    chains = [
        Chain(link.start, link.end, box(link.lines, 10, 4) if link.lines else Box(0, 0))
        for link in chart.links
    ]
    return lay_out(Layout(boxes, chains, chart.group_of), gap=20 if across else 15)


def _more_height(shape: str) -> float:
    return {"store": 28, "choice": 30}.get(shape, 16)


def _draw(chart: _Chart, spread: Spread, across: bool, drawing: Drawing) -> None:
    frame = 26 if chart.titles else 0

    def at(along: float, beside: float) -> tuple[float, float]:
        x, y = (along, beside) if across else (beside, along)
        return x + MARGIN + frame / 2, y + MARGIN + frame

    size = at(spread.length, spread.breadth)
    drawing.width = max(drawing.width, size[0] + MARGIN + frame / 2)
    drawing.height = size[1] + MARGIN + frame / 2
    _draw_groups(chart, spread, drawing, at)
    for link, way in zip(chart.links, spread.ways, strict=True):
        _draw_link(link, [at(*point) for point in way.points], way.reversed, across, drawing)
    for link, way in zip(chart.links, spread.ways, strict=True):
        if link.lines and way.label:
            x, y = at(*way.label)
            width, height = widest(link.lines) + 6, len(link.lines) * LINE - 2.0
            drawing.rectangle("under", (x - width / 2, y - height / 2, width, height), 2)
            drawing.text("label", x, y, link.lines)
    for name, (lines, shape) in chart.names.items():
        box = spread.boxes[name]
        x, y = at(*spread.centres[name])
        width, height = (box.along, box.beside) if across else (box.beside, box.along)
        _draw_node(drawing, shape, (x, y, width, height))
        drawing.text("name", x, y + (6.0 if shape == "store" else 0.0), lines)


def _draw_groups(
    chart: _Chart, spread: Spread, drawing: Drawing, at: Callable[[float, float], Point]
) -> None:
    for group, title in chart.titles.items():
        members = [name for name, other in chart.group_of.items() if other == group]
        corners = []
        for name in members:
            box, (along, beside) = spread.boxes[name], spread.centres[name]
            for sign in (-1, 1):
                point = (along + sign * box.along / 2, beside + sign * box.beside / 2)
                corners.append(at(*point))
        if not corners:
            continue
        left, right = min(x for x, _ in corners) - 12, max(x for x, _ in corners) + 12
        top, bottom = min(y for _, y in corners) - 28, max(y for _, y in corners) + 10
        needed = widest([title]) + 20
        if right - left < needed:
            left, right = (left + right - needed) / 2, (left + right + needed) / 2
        drawing.width = max(drawing.width, right + 4)
        drawing.rectangle("frame", (left, top, right - left, bottom - top), 6)
        drawing.text("label condition", (left + right) / 2, top + 13, [title])


def _draw_link(
    link: _Link,
    points: list[tuple[float, float]],
    reversed_: bool,
    across: bool,
    drawing: Drawing,
) -> None:
    commands = [("M", points[:1])]
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = ((x + to_x) / 2, (y + to_y) / 2)
        first = (middle[0], y) if across else (x, middle[1])
        second = (middle[0], to_y) if across else (to_x, middle[1])
        commands.append(("C", [first, second, (to_x, to_y)]))
    drawing.path("arrow dashed" if link.dashed else "arrow", commands)
    forward = (1.0, 0.0) if across else (0.0, 1.0)
    back = (-forward[0], -forward[1])
    if (link.arrow and not reversed_) or link.both:
        arrow_head(drawing, points[-1], forward)
    if (link.arrow and reversed_) or link.both:
        arrow_head(drawing, points[0], back)


def _draw_node(drawing: Drawing, shape: str, where: tuple[float, float, float, float]) -> None:
    x, y, width, height = where
    left, top, right, bottom = x - width / 2, y - height / 2, x + width / 2, y + height / 2
    if shape == "choice":
        drawing.polygon("node", [(left, y), (x, top), (right, y), (x, bottom)])
    elif shape == "store":
        lid, rim = 7, width / 2
        drawing.rectangle("node", (left, top + lid, width, height - 2 * lid), 0)
        drawing.ellipse("node", x, bottom - lid, rim, lid)
        drawing.rectangle("filled", (left + 0.7, top + lid, width - 1.4, height - 2 * lid), 0)
        drawing.ellipse("node", x, top + lid, rim, lid)
    else:
        radius = {"round": height / 2}.get(shape, 4)
        drawing.rectangle("node", (left, top, width, height), radius)
