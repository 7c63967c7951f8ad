"""Breaks each rule of docs/correctness.md in a copy, and looks whether its guard notices.

    python -m scripts.break_rules          every rule
    python -m scripts.break_rules 9 18     these rules

Run it when `make test` is green: a guard that is red anyhow says nothing here. Prints a row for
each break and ends with 1 if a guard stayed green. The tests are those of the page itself, on
SQLite; the breaks stand in scripts/rule_breaks.py.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.mutation_operators import mutated
from scripts.rule_breaks import BREAKS, Break
from scripts.syntax import DoesNotApply

ROOT = Path(__file__).resolve().parents[1]
NOT_COPIED = shutil.ignore_patterns(".*", "instance", "mutants", "screenshots", "__pycache__")
FAILED = 1  # pytest's exit code for red tests; a break that cannot even be imported gives another
UNFIT = re.compile(r"^E +(?:NameError|AttributeError|ImportError|SyntaxError).*", re.MULTILINE)


def guards() -> dict[int, list[str]]:
    """Return the tests that docs/correctness.md names, by rule."""
    page = (ROOT / "docs" / "correctness.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|.*\| ([^|]+) \|$", page, flags=re.MULTILINE)
    return {int(rule): re.findall(r"`(tests/\S+?::\w+)`", cell) for rule, cell in rows}


def broken_source(root: Path, change: Break) -> tuple[Path, str]:
    """Return the file that a break changes and its new text. Raises DoesNotApply."""
    module, _, name = change.place.partition(":")
    path = root / f"{module.replace('.', '/')}.py"
    try:
        return path, mutated(path.read_text(encoding="utf-8"), name, change.operator)
    except (DoesNotApply, FileNotFoundError) as problem:
        raise DoesNotApply(
            f"rule {change.rule}, {change.what!r}: {change.place}: {problem}"
        ) from problem


@contextmanager
def broken(copy: Path, change: Break) -> Iterator[None]:
    """Break one rule in the copy meanwhile."""
    path, new = broken_source(copy, change)
    whole = path.read_text(encoding="utf-8")
    path.write_text(new, encoding="utf-8")
    yield
    path.write_text(whole, encoding="utf-8")


def is_red(copy: Path, tests: list[str], only: str) -> bool:
    """Return whether the tests fail. RuntimeError if they neither pass nor fail for good reason."""
    chosen = "not postgresql" + (f" and {only}" if only else "")
    options = ["-q", "-x", "-n", "0", "-p", "no:cacheprovider", "-k", chosen]
    options += ["-m", "long or not long"]  # the card on SQLite is of the whole matrix
    command = [sys.executable, "-m", "pytest", *options, *tests]
    run = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    if run.returncode not in (0, FAILED) or UNFIT.search(run.stdout):
        raise RuntimeError(run.stdout + run.stderr)
    return run.returncode == FAILED


def verdict(copy: Path, change: Break, tests: list[str]) -> str:
    """Return "red" or "GREEN" for the guard of a broken rule, which is green before."""
    if is_red(copy, tests, change.only):
        raise RuntimeError(f"rule {change.rule}: its guard is red before anything is broken")
    with broken(copy, change):
        return "red" if is_red(copy, tests, change.only) else "GREEN"


def main(chosen: list[int]) -> int:
    """Print a row for each break; return 1 if a guard stayed green."""
    tests, told = guards(), []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
        for change in (each for each in BREAKS if not chosen or each.rule in chosen):
            told.append(verdict(copy, change, tests[change.rule]))
            print(f"| {change.rule} | {change.what} | {told[-1]} |", flush=True)
    return int("GREEN" in told)


if __name__ == "__main__":
    sys.exit(main([int(word) for word in sys.argv[1:]]))
