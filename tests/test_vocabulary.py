"""One word for each thing: retired words stand only where an old name must still be understood."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from testkit.processes import ROOT

RETIRED = ROOT / "tools" / "retired_words.txt"
TEXTS = {".py", ".html", ".txt", ".md", ".js", ".css", ".toml", ".po"}
# Where an old name must stay: the list itself, histories, migrations, and the aliases with their
# tests.
ALIASES = re.compile(
    r"""^( tools/ | migrations/ | .*CHANGELOG\.md | requirements.*\.txt | docs/glossary\.md
    | testkit/shop_at_0009\.sql | tests/test_(vocabulary|migrations|cli|config)\.py
    | storefront/cli/ | storefront/core/settings\.py | storefront/notifications/webhook\.py
    | storefront/web/orders\.py | storefront/orders/timeline\.py
    | tests/stories/test_notifications\.py | tests/views/test_orders\.py )""",
    re.VERBOSE,
)


class Retired(NamedTuple):
    """A word, and what is written instead."""

    word: str
    instead: str

    def found_in(self, text: str, in_small: str) -> Iterator[re.Match[str]]:
        """Where it stands; the text in small letters tells fast that a word is not there."""
        first = self.word.removeprefix("=").split()[0].lower()
        return self._pattern().finditer(text) if first in in_small else iter(())

    def _pattern(self) -> re.Pattern[str]:
        if self.word.startswith("="):
            return re.compile(rf"(?<![\w-]){re.escape(self.word[1:])}(?![\w-])")
        phrase = r"\s+".join(map(re.escape, self.word.split()))
        return re.compile(rf"\b{phrase}\b", re.IGNORECASE)


def retired() -> list[Retired]:
    """Every retired word."""
    lines = [line for line in RETIRED.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    return [Retired(*line.partition(" -> ")[::2]) for line in lines if line.strip()]


def texts() -> Iterator[tuple[str, str]]:
    """Every text of the project where a retired word would be a mistake, by its path."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if Path(name).suffix in TEXTS and not ALIASES.match(name) and path.exists():
            yield name, path.read_text(encoding="utf-8")


def test_no_retired_word_is_left_but_in_aliases() -> None:
    words = retired()
    found = [
        f"{name}:{text[: match.start()].count(chr(10)) + 1}: {match[0]!r}, write {word.instead!r}"
        for name, text in texts()
        for in_small in [text.lower()]
        for word in words
        for match in word.found_in(text, in_small)
    ]
    assert not found, "\n".join(found)


def test_the_lint_finds_identifiers_whole_and_phrases_in_any_case() -> None:
    words = retired()
    said = {"order.held_until = now": 1, "withheld_until": 0, "of the Two\nbooks": 1, "bookshop": 0}
    assert {
        text: sum(any(word.found_in(text, text.lower())) for word in words) for text in said
    } == said
