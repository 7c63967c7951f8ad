"""Writes README.md's table of settings from storefront/core/settings.py: `make settings`."""

from __future__ import annotations

from pathlib import Path

from storefront.core.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[1]

README = ROOT / "README.md"
START, END = "<!-- settings -->\n", "<!-- end of settings -->\n"


def table() -> str:
    """A row for each setting, in the order of config.py."""
    rows = [f"| `{s.name}` | {_shown(s.default)} | {s.meaning} |" for s in SETTINGS]
    return "\n".join(["| Setting | Default | What it means |", "| --- | --- | --- |", *rows, ""])


def _shown(default: object) -> str:
    return f"`{default}`" if default not in (None, (), "") else "unset"


def with_table(page: str) -> str:
    """The page with today's table between the two marks; ValueError if a mark is missing."""
    before, _, rest = page.partition(START)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"README.md lost its marks {START!r} and {END!r}")
    return f"{before}{START}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
