"""Sequence diagrams: participants in columns, messages in rows, notes and frames."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from learn.diagrams.svg import (
    LINE,
    CannotDraw,
    Drawing,
    arrow_head,
    label_lines,
    text_width,
    widest,
)

MARGIN, PADDING = 12, 10
HEAD, STEP = 20, 16  # space above the first message, and between two
EVER_SO_WIDE = 10_000
WIDEST_NAME, WIDEST_LABEL, WIDEST_NOTE = 150, 210, 200
LEAST_GAP = 110  # between two columns
SELF = 34  # how far a message to oneself goes out

_PARTICIPANT = re.compile(r"(participant|actor)\s+(\w+)(?:\s+as\s+(.+))?$")
_MESSAGE = re.compile(
    r"(\w+)\s*(<<-->>|<<->>|-->>|->>|-->|->|--x|-x|--\)|-\))\s*[+-]?(\w+)\s*:\s*(.*)$"
)
_NOTE = re.compile(r"Note\s+(over|left of|right of)\s+(\w+)(?:\s*,\s*(\w+))?\s*:\s*(.*)$", re.I)
_FRAME = re.compile(r"(alt|opt|loop|par|critical|break|rect)\b\s*(.*)$")
_BETWEEN = re.compile(r"(else|and|option)\b\s*(.*)$")
_IGNORED = re.compile(r"(activate|deactivate|autonumber|title|accTitle|accDescr)\b")


@dataclass
class _Participant:
    name: str
    lines: list[str]
    person: bool
    x: float = 0


@dataclass
class _Frame:
    kind: str
    label: str
    top: float
    left: float = 1e9
    right: float = 0
    breaks: list[tuple[float, str]] = field(default_factory=list)


@dataclass
class _Sequence:
    people: dict[str, _Participant] = field(default_factory=dict)
    rows: list[tuple[str, re.Match[str]]] = field(default_factory=list)

    def column(self, name: str) -> int:
        return list(self.people).index(name)


def draw_sequence(lines: list[str], right_to_left: bool) -> str:
    """Return the SVG of these lines. Raises CannotDraw."""
    found = _read(lines)
    _set_columns(found)
    first = Drawing(width=max(one.x for one in found.people.values()) + _right_edge(found))
    _draw_rows(found, first)  # only then is it known how wide the frames are
    drawing = Drawing(width=first.width, right_to_left=right_to_left)
    _draw_rows(found, drawing)
    names = [" ".join(one.lines) for one in found.people.values()]
    return drawing.svg(" – ".join(names))


_ROWS = {
    "note": _NOTE,
    "frame": _FRAME,
    "between": _BETWEEN,
    "end": re.compile("end$"),
    "message": _MESSAGE,
    "ignored": _IGNORED,
}


def _read(lines: list[str]) -> _Sequence:
    found = _Sequence()
    for line in lines:
        participant = _PARTICIPANT.match(line)
        if participant:
            kind, name, label = participant.groups()
            _add(found, name, label or name, kind == "actor")
        else:
            found.rows.append(_row(line))
    for kind, match in found.rows:
        for name in _named_in(kind, match):
            _add(found, name, name, False)
    if not found.people:
        raise CannotDraw("a sequence diagram without participants")
    return found


def _row(line: str) -> tuple[str, re.Match[str]]:
    for kind, pattern in _ROWS.items():
        match = pattern.match(line)
        if match:
            return kind, match
    raise CannotDraw(line)


def _named_in(kind: str, match: re.Match[str]) -> list[str]:
    """Return the participants of a message, or those that a note is over."""
    if kind == "message":
        return [match[1], match[3]]
    return [match[2], match[3] or match[2]] if kind == "note" else []


def _add(found: _Sequence, name: str, label: str, person: bool) -> None:
    if name not in found.people:
        lines = label_lines(label, WIDEST_NAME)
        found.people[name] = _Participant(name, lines, person)


def _set_columns(found: _Sequence) -> None:
    """Leave so much room between two columns that names, messages and notes fit."""
    people = list(found.people.values())
    gaps = [
        max(LEAST_GAP, (widest(one.lines) + widest(other.lines)) / 2 + 2 * PADDING + 16)
        for one, other in pairwise(people)
    ]
    for kind, match in found.rows:
        named = sorted(found.column(name) for name in _named_in(kind, match))
        if not named:
            continue
        first, last = named
        if kind == "message":
            needed = widest(label_lines(match[4], WIDEST_LABEL)) + 28
            if first == last:
                needed, last = needed + SELF, first + 1
            _widen_gaps(gaps, first, last, needed)
        elif first == last:  # it may reach half of its width to both sides
            needed = widest(label_lines(match[4], WIDEST_NOTE)) / 2 + 2 * PADDING + 8
            _widen_gaps(gaps, first - 1, first, needed)
            _widen_gaps(gaps, first, first + 1, needed)
        else:
            _widen_gaps(gaps, first, last, widest(label_lines(match[4], EVER_SO_WIDE)) - 60)
    x = max(widest(people[0].lines) / 2 + PADDING, _note_reach(found, 0)) + MARGIN
    for one, gap in zip(people, [*gaps, 0], strict=True):
        one.x, x = x, x + gap


def _widen_gaps(gaps: list[float], first: int, last: int, needed: float) -> None:
    """Let the gaps from one column to another have this width together, if there are any."""
    if first >= 0 and last <= len(gaps):
        missing = needed - sum(gaps[first:last])
        for at in range(first, last):
            gaps[at] += max(0, missing) / (last - first)


def _note_reach(found: _Sequence, column: int) -> float:
    """Return how far notes over this column alone, and messages to itself, go to its side."""
    reach = 0.0
    for kind, match in found.rows:
        if kind == "note" and found.column(match[2]) == column and not match[3]:
            reach = max(reach, widest(label_lines(match[4], WIDEST_NOTE)) / 2 + PADDING + 4)
        if kind == "frame":
            reach = max(reach, 64)
    return reach


def _right_edge(found: _Sequence) -> float:
    people = list(found.people.values())
    column = len(people) - 1
    edge = max(widest(people[-1].lines) / 2 + PADDING, _note_reach(found, column))
    for kind, match in found.rows:
        if kind == "message" and found.column(match[1]) == found.column(match[3]) == column:
            edge = max(edge, widest(label_lines(match[4], WIDEST_LABEL)) + SELF + PADDING)
    return edge + MARGIN


def _draw_rows(found: _Sequence, drawing: Drawing) -> None:
    head = max(len(one.lines) for one in found.people.values()) * LINE + 2 * PADDING
    y: float = MARGIN + head + HEAD
    frames: list[_Frame] = []
    for kind, match in found.rows:
        y = _draw_row(found, drawing, frames, kind, match, y)
    rows, drawing.parts = drawing.parts, []
    bottom = y + 6
    for one in found.people.values():
        drawing.line("lifeline", [(one.x, MARGIN + head), (one.x, bottom)])
    drawing.behind, drawing.parts = drawing.parts, []
    for one in found.people.values():
        width = widest(one.lines) + 2 * PADDING
        box = (one.x - width / 2, MARGIN, width, head)
        drawing.rectangle("person" if one.person else "node", box, head / 2 if one.person else 4)
        drawing.text("name", one.x, MARGIN + head / 2, one.lines)
    drawing.parts += rows
    drawing.height = bottom + MARGIN


def _draw_row(
    found: _Sequence,
    drawing: Drawing,
    frames: list[_Frame],
    kind: str,
    match: re.Match[str],
    y: float,
) -> float:
    """Draw a row; return where the next one begins."""
    if kind == "message":
        y = _message(found, drawing, match, y)
        _widen(frames, [found.people[match[1]].x, found.people[match[3]].x], 30)
    elif kind == "note":
        y, left, right = _note(found, drawing, match, y)
        _widen(frames, [left, right], 8)
    elif kind == "frame":
        frames.append(_Frame(match[1], match[2], y))
        y += LINE + STEP + 4
    elif kind == "between" and frames:
        frames[-1].breaks.append((y, match[2]))
        y += LINE + STEP
    elif kind == "end":
        y = _frame(drawing, frames, y)
    return y


def _widen(frames: list[_Frame], edges: list[float], room: float) -> None:
    """Let the frames that are open reach around this; the outer ones a little farther."""
    for depth, frame in enumerate(reversed(frames)):
        frame.left = min(frame.left, *(edge - room - 10 * depth for edge in edges))
        frame.right = max(frame.right, *(edge + room + 10 * depth for edge in edges))


def _message(found: _Sequence, drawing: Drawing, match: re.Match[str], y: float) -> float:
    one, other = found.people[match[1]], found.people[match[3]]
    arrow = match[2]
    kind = "arrow dashed" if "--" in arrow else "arrow"
    if one is other:
        lines = label_lines(match[4], WIDEST_LABEL)
        height = max(len(lines) * LINE, 26)
        points = [(one.x, y), (one.x + SELF - 8, y), (one.x + SELF - 8, y + height)]
        drawing.line(kind, [*points, (one.x + 1, y + height)])
        arrow_head(drawing, (one.x + 1, y + height), (-1, 0))
        middle = one.x + SELF + widest(lines) / 2
        drawing.text("label", middle, y + height / 2, lines)
        return y + height + STEP
    lines = label_lines(match[4], max(WIDEST_LABEL, abs(one.x - other.x) - 28))
    drawing.text("label", (one.x + other.x) / 2, y + (len(lines) * LINE) / 2 - 4, lines)
    y += len(lines) * LINE + 2
    way = 1 if other.x > one.x else -1
    drawing.line(kind, [(one.x, y), (other.x - way * 2, y)])
    if "x" in arrow:
        drawing.line("arrow", [(other.x - way * 14, y - 6), (other.x - way * 4, y + 6)])
        drawing.line("arrow", [(other.x - way * 14, y + 6), (other.x - way * 4, y - 6)])
    elif ">" in arrow or ")" in arrow:
        arrow_head(drawing, (other.x - way, y), (way, 0), open_=")" in arrow)
    return y + STEP


def _note(
    found: _Sequence, drawing: Drawing, match: re.Match[str], y: float
) -> tuple[float, float, float]:
    """Draw a note; return where the next row begins, and the note's two edges."""
    one = found.people[match[2]]
    other = found.people[match[3]] if match[3] else one
    apart = abs(one.x - other.x)
    lines = label_lines(match[4], apart + 60 if apart else WIDEST_NOTE)
    width = max(widest(lines) + 2 * PADDING, apart + 40 if apart else 0)
    middle = (one.x + other.x) / 2
    if "of" in match[1]:
        middle += (width / 2 + 8) * (1 if "right" in match[1] else -1)
    height = len(lines) * LINE + 10
    drawing.rectangle("note", (middle - width / 2, y - 4, width, height), 2)
    drawing.text("said", middle, y - 4 + height / 2, lines)
    return y + height + STEP - 4, middle - width / 2, middle + width / 2


def _frame(drawing: Drawing, frames: list[_Frame], y: float) -> float:
    if not frames:
        raise CannotDraw("end")
    frame = frames.pop()
    left, right = max(frame.left, 4), frame.right
    said = f"[{frame.label}]" if frame.label else ""
    tag = text_width(frame.kind) + 16
    breaks = [text_width(label) + 20 for _, label in frame.breaks]
    right = max(right, left + max([tag + text_width(said) + 20, *breaks]))
    drawing.width = max(drawing.width, right + 4)
    _widen(frames, [left + 22, right - 22], 30)
    drawing.rectangle("frame", (left, frame.top - 4, right - left, y - frame.top), 3)
    drawing.rectangle("tag", (left, frame.top - 4, tag, LINE + 2), 3)
    drawing.text("said", left + tag / 2, frame.top - 4 + LINE / 2 + 1, [frame.kind])
    if said:
        at = left + tag + 10 + text_width(said) / 2
        drawing.text("label condition", at, frame.top - 4 + LINE / 2 + 1, [said])
    for at, label in frame.breaks:
        drawing.line("frame dashed", [(left, at - 8), (right, at - 8)])
        drawing.text("label condition", left + 10 + text_width(label) / 2, at + 5, [f"[{label}]"])
    return y + STEP
