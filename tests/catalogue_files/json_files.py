"""JSON files, right and wrong."""

from __future__ import annotations

import json
from typing import Any

from tests.catalogue_files.building import CUP, HEADS, POT, RIALS, right, wrong

J = "goods.json"
FIRST, SECOND = ({**dict(zip(HEADS, row, strict=True))} for row in (CUP, POT))


def document(*products: Any, **more: Any) -> str:
    """A file of these products, a line for each of their columns."""
    return json.dumps({"categories": [], "products": products, **more}, indent=1)


def flat(*products: Any) -> str:
    """The same on one line, as programs write it."""
    return json.dumps({"products": products})


def typed(**cells: Any) -> str:
    """The two products, the second with other cells; which begins in line 15."""
    return document(FIRST, SECOND | cells)


SHELF = {"slug": "tea", "name_fa": "چای", "name_en": "Tea"}

CASES = [
    right("json: as exported", document(FIRST, SECOND), file=J),
    right("json: a list", json.dumps([FIRST, SECOND]), file=J),
    right("json: with a mark", b"\xef\xbb\xbf" + document(FIRST, SECOND).encode(), file=J),
    right("json: floats", typed(price_toman=900000.0, stock=3), file=J),
    right(
        "json: nothing said of the stock",
        json.dumps([FIRST, {"slug": "x"}]),
        {"tea-cup": RIALS["tea-cup"]},
        file=J,
    ),
    right("json: categories beside", document(FIRST, SECOND, categories=[SHELF]), file=J),
    wrong("json: a number for a name", typed(name_fa=12), "line 15, name_fa «12»", "text", file=J),
    wrong("json: a list for a name", typed(name_fa=[1]), "line 15, name_fa «[1]»", file=J),
    wrong("json: yes for the stock", typed(stock=True), "line 15, stock «True»", file=J),
    wrong("json: a space in the stock", typed(stock="12 3"), "line 15, stock «12 3»", file=J),
    wrong("json: no name", typed(name_fa=None), "line 15, name_fa: is empty", file=J),
    wrong("json: no number", typed(stock=float("nan")), "line 15, stock «NaN»", file=J),
    wrong("json: an endless number", document(FIRST).replace('"12"', "9" * 5000), "stock", file=J),
    wrong("json: half a surrogate", typed(name_fa="\ud800"), "has lost its letters", file=J),
    wrong("json: cut off", document(FIRST, SECOND)[:-40], "line 2", "no JSON", file=J),
    wrong(
        "json: a name twice", document(FIRST).replace('"name_en"', '"slug"'), "stands twice", file=J
    ),
    wrong("json: on one line", flat(FIRST, SECOND | {"stock": True}), "entry 2, stock", file=J),
    wrong("json: on one line, no object", flat(FIRST, 2), "entry 2 «2»", file=J),
    wrong("json: one line cut off", flat(FIRST, SECOND)[:-4], "no JSON", '"stock":', file=J),
    wrong("json: another shape", '{"products": 1}', "should hold", file=J),
    wrong("json: numbers for products", "[1,\n2]", "line 2", "object in braces", file=J),
    wrong("json: very deep", "[" * 100_000, "object in braces", file=J),
    wrong(
        "json: a category without a slug",
        document(FIRST, categories=[{"name_fa": "x"}]),
        "line 3",
        "no slug",
        file=J,
    ),
]
