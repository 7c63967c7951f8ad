"""The tables of docs/sandbox/, made from the source; run as a module, it renews them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from jibit_sandbox.bank.test_cards import TEST_CARDS
from jibit_sandbox.behaviours.catalogue import API_CALLS, BEHAVIOURS, CALLS_WITH_TOKEN
from jibit_sandbox.behaviours.magic_amounts import (
    ABOVE,
    MAGIC_AMOUNTS,
    PURCHASE_AMOUNTS,
    operation_of,
    times_of,
)
from jibit_sandbox.control.inbox_openapi import INBOX_PATHS
from jibit_sandbox.control.purchases_openapi import PURCHASE_CONTROL_PATHS
from jibit_sandbox.control.worlds_openapi import WORLDS_PATHS
from jibit_sandbox.core.worlds import NUMBERS, Switches, choices
from jibit_sandbox.gateways.ppg_v2.errors import CODES, SECTIONS
from jibit_sandbox.gateways.ppg_v3.codes import CODES as V3_CODES
from jibit_sandbox.web.openapi_document import control_paths
from tests.sandbox.rehearsals import HEADS, rehearsals

EVERY = {API_CALLS: "every API call", CALLS_WITH_TOKEN: "every call with a token"}
PAGES = Path(__file__).parents[2] / "docs" / "sandbox"


def table(heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def cards() -> str:
    return table(("Card", "What happens"), ((f"`{o.number}`", o.description) for o in TEST_CARDS))


def behaviours() -> str:
    rows = (
        (
            f"`{b.name}`",
            b.description,
            EVERY.get(b.usual) or ", ".join(b.usual),
            ", ".join(f"`{name}={value}`" for name, value in b.parameters.items()),
        )
        for b in BEHAVIOURS.values()
    )
    return table(("Name", "What happens", "Met by", "Parameters"), rows)


def amounts() -> str:
    rows = (
        (
            amount - ABOVE if amount - ABOVE in MAGIC_AMOUNTS else "",
            amount,
            f"`{b.name}`",
            operation_of(b),
            times_of(b) or "always",
        )
        for amount, b in PURCHASE_AMOUNTS.items()
    )
    return table(("Rials", "at PPG v3", "Behaviour", "At", "Times"), rows)


def switches() -> str:
    rows = [
        (f"`{name}`", f"`{possible[0]}`", ", ".join(f"`{other}`" for other in possible[1:]))
        for name, possible in choices().items()
    ]
    numbers = [
        (f"`{name}`", f"`{getattr(Switches(), name)}`", f"a whole number up to `{limits[-1]}`")
        for name, limits in NUMBERS.items()
    ]
    return table(("Switch", "Default", "Other readings"), rows + numbers)


def control() -> str:
    paths = control_paths() | PURCHASE_CONTROL_PATHS | INBOX_PATHS | WORLDS_PATHS
    rows = (
        (f"`{method.upper()} {path}`", call["summary"])
        for path, calls in paths.items()
        for method, call in calls.items()
    )
    return table(("Call", "What it does"), rows)


def codes() -> str:
    rows = (
        (section.title, CODES[code].status, f"`{code}`")
        for section in SECTIONS.values()
        for code in section.codes
    )
    return table(("Section of the document", "HTTP", "Code"), rows)


def v3_codes() -> str:
    rows = ((code.status, f"`{name}`", code.message) for name, code in V3_CODES.items())
    return table(("HTTP", "Code", "Message"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "rehearsals": lambda: table(HEADS, rehearsals()),
    "cards": cards,
    "behaviours": behaviours,
    "amounts": amounts,
    "switches": switches,
    "control": control,
    "codes": codes,
    "v3 codes": v3_codes,
}


ENDING = "\n\n<!-- end -->"


def opening(name: str) -> str:
    """What stands before a table in its page."""
    return f"<!-- table: {name} -->\n\n"


def page_of(name: str) -> Path:
    """The one page that has this table."""
    (page,) = (each for each in PAGES.glob("*.md") if opening(name) in each.read_text("utf-8"))
    return page


def renew(name: str) -> None:
    """Write the table as the source has it into its page."""
    page = page_of(name)
    before, rest = page.read_text("utf-8").split(opening(name))
    after = rest.split(ENDING, 1)[1]
    page.write_text(before + opening(name) + TABLES[name]() + ENDING + after, "utf-8")


if __name__ == "__main__":
    for each in TABLES:
        renew(each)
