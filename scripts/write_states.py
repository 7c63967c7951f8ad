"""Write the tables and diagrams of docs/states.md from the code: `python -m scripts.write_states`.

With `--check`, only check whether the page matches the code (exit code 1 if not).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from payment_engine.refund import REFUND_TRANSITIONS
from payment_engine.states import TRANSITIONS
from storefront.catalogue.stock import STOCK_MOVES
from storefront.orders.states import ORDER_MOVES

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "states.md"

State = TypeVar("State", bound=StrEnum)


def diagram(moves: Mapping[State, frozenset[State]]) -> str:
    """Return a Mermaid state diagram, in the order of the enum."""
    arrows = [
        f"    {source} --> {target}"
        for source in moves
        for target in type(source)
        if target in moves[source]
    ]
    ends = [f"    {state} --> [*]" for state in moves if not moves[state]]
    start = f"    [*] --> {next(iter(moves))}"
    return "\n".join(["```mermaid", "stateDiagram-v2", start, *arrows, *ends, "```"])


def table(moves: Mapping[State, frozenset[State]]) -> str:
    """Return a table with a row for each state: its transitions."""
    rows = [
        f"| `{source}` | {', '.join(f'`{t}`' for t in type(source) if t in moves[source])} |"
        if moves[source]
        else f"| `{source}` | nowhere: final |"
        for source in moves
    ]
    return "\n".join(["| from | to |", "|---|---|", *rows])


def written(page: str) -> str:
    """Return the page with its marked parts written again."""
    parts = {
        "payment diagram": diagram(TRANSITIONS),
        "payment table": table(TRANSITIONS),
        "refund diagram": diagram(REFUND_TRANSITIONS),
        "refund table": table(REFUND_TRANSITIONS),
        "order diagram": diagram(ORDER_MOVES),
        "order table": table(ORDER_MOVES),
        "stock diagram": diagram(STOCK_MOVES),
        "stock table": table(STOCK_MOVES),
    }
    for name, text in parts.items():
        page = _with_part(page, name, text)
    return page


def _with_part(page: str, name: str, text: str) -> str:
    marks = rf"(<!-- {name} -->\n).*?(\n<!-- end -->)"
    return re.sub(marks, lambda found: found[1] + text + found[2], page, flags=re.DOTALL)


def main() -> int:
    """Write the page, or check it."""
    page = PAGE.read_text(encoding="utf-8")
    if "--check" in sys.argv:
        return int(written(page) != page)
    PAGE.write_text(written(page), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
