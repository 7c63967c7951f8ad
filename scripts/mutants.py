"""Change the payment engine in thousands of small ways and count which the tests notice.

    make mutants                             all modules of [tool.mutmut] in pyproject.toml
    make mutants ONLY="payment_engine.recovery*" some of them

mutmut works in `mutants/`, where it also keeps what it knows between runs; nothing else is
written. Prints a table and every survivor; ends with 1 if fewer than 95 of 100 are killed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).resolve().parents[1]
WANTED = 95  # of 100 that the types let through
REFUSED, KILLED, LATE = "caught by type check", "killed", "timeout"
HEAD = (
    "| module | mutants | refused by the types | killed | by timeout | survived | killed of 100 |"
)

Outcomes = dict[str, str]  # mutant: what became of it


def outcomes() -> dict[Path, Outcomes]:
    """Return what became of every mutant that was tried, by module."""
    found = {}
    for meta in sorted(Path("mutants").rglob("*.py.meta")):
        codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        module = meta.relative_to("mutants").with_suffix("")
        tried = {name: code for name, code in codes.items() if code is not None}
        if tried:
            found[module] = {name: status_by_exit_code[code] for name, code in tried.items()}
    return found


def row(name: str, found: Outcomes) -> tuple[str, float]:
    """A line of the table, and how many of 100 were killed."""
    count = Counter(found.values())
    tried = len(found) - count[REFUSED]
    killed = count[KILLED] + count[LATE]
    share = 100 * killed / max(tried, 1)
    cells = [name, len(found), count[REFUSED], count[KILLED], count[LATE], tried - killed]
    return f"| {' | '.join(map(str, [*cells, f'{share:.1f}']))} |", share


def survivors(found: dict[Path, Outcomes]) -> None:
    """Print each one's change."""
    for module, names in found.items():
        for name in [
            name for name, outcome in names.items() if outcome not in (REFUSED, KILLED, LATE)
        ]:
            lines = get_diff_for_mutant(name, path=module).splitlines()
            changed = [
                line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")
            ]
            print(f"\n{name}", *changed, sep="\n")


def main(only: list[str]) -> int:
    """Run, print, judge."""
    os.chdir(ROOT)
    command = [str(Path(sys.executable).parent / "mutmut"), "run", *only]
    if subprocess.run(command, check=False).returncode:
        return 1
    found = outcomes()
    survivors(found)
    print(f"\n{HEAD}\n{'|---' * 7}|")
    for module, names in found.items():
        print(row(f"`{module}`", names)[0])
    line, share = row(
        "all", {name: told for names in found.values() for name, told in names.items()}
    )
    print(line)
    return int(share < WANTED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
