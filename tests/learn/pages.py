"""The pages of the course as texts: their blocks, headings, links and names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from testkit.processes import ROOT

COURSE = ROOT / "learn" / "course"
LANGUAGES = ("en", "fa")
_FENCE = re.compile(r"^(?P<indent> *)(?P<mark>`{3,}|:{3,})(?P<kind>\{?[\w-]*\}?) *(?P<rest>.*)$")
_LISTING_OPTION = re.compile(r"^:(object|diff): +(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its kind (`console`, `{listing}`), what follows the kind, and its text."""

    kind: str
    rest: str
    text: str
    line: int

    @property
    def listing(self) -> tuple[str, str | None, str | None]:
        """The program's name, the object and the former program of a `{listing}`."""
        options = dict(_LISTING_OPTION.findall(self.text))
        return self.rest, options.get("object"), options.get("diff")


@dataclass(frozen=True)
class CoursePage:
    """A page of one language."""

    path: Path

    def __str__(self) -> str:
        return f"{self.language} {self.path.stem}"

    @property
    def language(self) -> str:
        return self.path.parent.name

    @property
    def number(self) -> int:
        return int(self.path.stem)

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def blocks(self) -> list[Block]:
        """Every block of code; those inside of a folded answer as well."""
        found: list[Block] = []
        lines = self.text.splitlines()
        at = 0
        while at < len(lines):
            fence = _FENCE.match(lines[at])
            if fence and fence["kind"] and fence["mark"].startswith("`"):
                end = at + 1
                while lines[end].strip() != fence["mark"]:
                    end += 1
                inside = (line.removeprefix(fence["indent"]) for line in lines[at + 1 : end])
                block = Block(fence["kind"], fence["rest"], "\n".join(inside), at + 1)
                found.append(block)
                at = end
            at += 1
        return found

    def blocks_of(self, kind: str) -> list[Block]:
        return [block for block in self.blocks if block.kind == kind]

    @cached_property
    def prose(self) -> str:
        """The text without its blocks of code, a line for each line."""
        lines = self.text.splitlines()
        for block in self.blocks:
            for at in range(block.line - 1, block.line + block.text.count("\n") + 2):
                lines[at] = ""
        return "\n".join(lines)

    @cached_property
    def headings(self) -> list[tuple[int, str]]:
        """Every heading with its level."""
        found = re.findall(r"^(#+) (.+)$", self.prose, re.MULTILINE)
        return [(len(marks), title) for marks, title in found]

    @cached_property
    def links(self) -> list[str]:
        """Where the page leads to."""
        return re.findall(r"\]\(([^)\s]+)\)", self.prose) + re.findall(
            r"<(https?://[^>]+)>", self.prose
        )


PAGES = [
    CoursePage(path)
    for language in LANGUAGES
    for path in sorted((COURSE / language).glob("[0-9][0-9].md"))
]


def other_language(page: CoursePage) -> CoursePage:
    """The same page in the other language."""
    (other,) = (language for language in LANGUAGES if language != page.language)
    return CoursePage(COURSE / other / page.path.name)
