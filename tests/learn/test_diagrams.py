"""The diagrams of the documentation are drawn: nothing lies upon something else, or outside."""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

import pytest

from learn.diagrams import CannotDraw, draw
from testkit.cases import naming
from testkit.processes import ROOT

SOURCES = [*ROOT.glob("docs/**/*.md"), *ROOT.glob("learn/course/*/*.md"), *ROOT.glob("*.md")]
DIAGRAMS = [
    (str(path.relative_to(ROOT)), source)
    for path in sorted(SOURCES)
    for source in re.findall(r"```mermaid\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
]
WIDEST = 1_100
BOXES = ("node", "person", "note")


def elements(svg: str, name: str) -> list[Xml.Element]:
    return list(Xml.fromstring(svg).iter(f"{{http://www.w3.org/2000/svg}}{name}"))  # noqa: S314


def boxes(svg: str) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of each node, person and note."""
    found = []
    for one in elements(svg, "rect"):
        if one.get("class") in BOXES:
            x, y, width, height = (float(one.get(key, "")) for key in ("x", "y", "width", "height"))
            found.append((x, y, x + width, y + height))
    return found


@pytest.mark.parametrize("right_to_left", [False, True], ids=["ltr", "rtl"])
def test_every_diagram_of_the_documentation_is_drawn(right_to_left: bool) -> None:
    assert len(DIAGRAMS) > 20
    for path, source in DIAGRAMS:
        with naming(path, source):
            svg = draw(source, right_to_left=right_to_left)
            (root,) = elements(svg, "svg")
            width, height = float(root.get("width", "")), float(root.get("height", ""))
            assert width <= WIDEST
            for left, top, right, bottom in boxes(svg):
                assert left >= 0
                assert top >= 0
                assert right <= width
                assert bottom <= height
            assert "style" not in svg


def test_no_box_lies_upon_another_one() -> None:
    for path, source in DIAGRAMS:
        found = boxes(draw(source))
        for number, one in enumerate(found):
            for other in found[number + 1 :]:
                with naming(path, source, one, other):
                    beside = one[2] <= other[0] or other[2] <= one[0]
                    assert beside or one[3] <= other[1] or other[3] <= one[1]


def test_a_persian_diagram_runs_from_right_to_left() -> None:
    source = "sequenceDiagram\n  actor A as خریدار\n  participant B as درگاه\n  A->>B: پرداخت"
    for right_to_left in (False, True):
        texts = elements(draw(source, right_to_left=right_to_left), "text")
        at = {one.text: float(one.get("x", "")) for one in texts}
        assert (at["خریدار"] > at["درگاه"]) is right_to_left


@pytest.mark.parametrize(
    "source",
    [
        "pie\n  a: 1",
        "",
        "sequenceDiagram\n  A ~> B: what",
        "flowchart LR\n  a ~~ b",
        "sequenceDiagram\n  A->>B: x\n  end",
    ],
)
def test_what_cannot_be_drawn_is_said(source: str) -> None:
    with pytest.raises(CannotDraw):
        draw(source)
