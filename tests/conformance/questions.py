"""A row of any of the three tables, as a question that can be sent to any gateway."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Body = Mapping[str, Any]
ACCEPTED = (200, "")  # in place of a status and a code
LONGEST_VALUE = 60  # of what a row changes, in its name


@dataclass(frozen=True)
class Question:
    """A call with something wrong, and the status and code that it is refused with.

    ``needs`` says why no gateway but a prepared sandbox can be asked it. ``reading`` names the open
    point on which the row depends, and ``otherwise`` what an answer would say about it. A
    ``switched`` row is refused only where the sandbox's switch is turned. ``whole``: the rest of
    the create must be good, or the mistake is not found.
    """

    section: str
    call: str
    method: str
    path: str
    status: int
    code: str
    good: Body | None = None
    change: Body = field(default_factory=dict)
    text: str | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    detail: str = ""
    needs: str = ""
    reading: str = ""
    otherwise: Mapping[tuple[int, str], str] = field(default_factory=dict)
    switched: bool = False
    whole: bool = False

    @property
    def row(self) -> str:
        """The row's name: the call, and what is wrong with it."""
        return f"{self.call}: {self.detail or self._what_is_wrong()}"

    @property
    def sent(self) -> str:
        """What tells a request from others."""
        return repr((self.call, self.method, self.path, self.change, self.text, self.headers))

    def _what_is_wrong(self) -> str:
        said = [_changed(name, value) for name, value in self.change.items()]
        said += [f"{name}: {value or 'nothing'}" for name, value in self.headers.items()]
        if self.text is not None:
            said.append(f"the body {self.text or 'is empty'}")
        return ", ".join(said) or f"{self.method} {self.path}"


def _changed(name: str, value: object) -> str:
    if value is ...:
        return f"no {name}"
    said = json.dumps(value, ensure_ascii=False)
    return f"{name} {said if len(said) <= LONGEST_VALUE else f'{said[:LONGEST_VALUE]}...'}"


def merged(questions: Iterable[Question]) -> tuple[Question, ...]:
    """Each request once, by section: rows that differ in a switch become readings of one."""
    kept: dict[str, Question] = {}
    for each in questions:
        first = kept.get(each.sent)
        if first is None or first.needs:
            kept[each.sent] = each
        elif not each.needs and (each.status, each.code) != (first.status, first.code):
            otherwise = {(each.status, each.code): each.reading, **each.otherwise}
            kept[each.sent] = replace(
                first,
                reading=first.reading or each.reading,
                otherwise={**first.otherwise, **otherwise},
            )
    sections = [*dict.fromkeys(each.section for each in kept.values())]
    return tuple(sorted(kept.values(), key=lambda each: sections.index(each.section)))
