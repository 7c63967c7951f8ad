"""Explain slips in `instance/config.py`: the line, what it says, and what to write instead.

The line is shown only where it sets something that the back office shows, too: in the line of a
password or key everything behind its name stays hidden.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

FILE = "instance/config.py"
HIDDEN = "..."
LONGEST_SHOWN = 100

_SET = re.compile(r"([A-Za-z_]\w*)\s*=(?!=)")
_LIKE_A_SETTING = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")
_WITH_COMMAS = re.compile(r"\b[1-9][0-9]{0,2}(?:,[0-9]{3})+\b")
_IN_PYTHON = {
    **dict.fromkeys(("true", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), "True"),
    **dict.fromkeys(("false", "FALSE", "no", "No", "NO", "Off", "OFF"), "False"),
    **dict.fromkeys(("none", "NONE", "null", "Null", "NULL", "nil"), "None"),
}
_TYPED_INSTEAD = {
    **dict.fromkeys("“”„«»″", 'a straight quotation mark, "'),
    **dict.fromkeys("‘’‚′`", "a straight quotation mark, '"),
    **dict.fromkeys("،٬", "the comma of the Latin keyboard"),
    **dict.fromkeys("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "digits of the Latin keyboard, 0 to 9"),
    **dict.fromkeys("\u200c\u200e\u200f\u00a0\u202a\u202b\u202c", "nothing: the sign is invisible"),
}
_ADVICE = (
    (
        re.compile(r"unterminated"),
        "a text is opened and not closed: write a quotation mark at its end, too",
    ),
    (re.compile(r"was never closed"), "a bracket is opened here and not closed"),
    (
        re.compile(r"unmatched|does not match"),
        "a bracket is closed that was not opened, or with another sign",
    ),
    (
        re.compile(r"forgot a comma"),
        "a comma is missing between two things, or quotation marks around a text",
    ),
    (
        re.compile(r"leading zeros"),
        "a number does not begin with 0: write a code in quotation marks",
    ),
    (re.compile(r"indent"), "the line should begin at the left edge, without blanks"),
    (re.compile(r"cannot assign|Maybe you meant"), "a line should read NAME = VALUE"),
    (
        re.compile(r"invalid"),
        'write a text in straight quotation marks, as in SHOP_NAME_EN = "Baran Shoes"',
    ),
)
_OTHERWISE = "a line should read NAME = VALUE, with texts in straight quotation marks"


class ConfigText:
    """The text of the file. ``shown`` are the settings whose values may be seen.

    ``wanted`` tells of those that are no texts what they should be.
    """

    def __init__(self, text: str, shown: Collection[str], wanted: Mapping[str, str]) -> None:
        self._text, self._lines = text, text.splitlines()
        self._shown, self._wanted = shown, wanted

    def line_of(self, name: str, *parts: str) -> int | None:
        """Return the line that sets a name, the last one; or where in its value these parts are."""
        numbers = [i for i, line in enumerate(self._lines, 1) if _name(line) == name]
        if not numbers:
            return None
        number = numbers[-1]
        for part in parts:
            rest = enumerate(self._lines[number - 1 :], number)
            quoted = (f"'{part}'", f'"{part}"')
            number = next((i for i, line in rest if any(map(line.__contains__, quoted))), number)
        return number

    def not_set(self) -> Iterator[tuple[str, int, bool]]:
        """Yield names that Python reads and nobody sets: small letters, or a colon for the =."""
        for each in ast.parse(self._text).body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                if each.value is None or not each.target.id.isupper():
                    yield each.target.id, each.lineno, each.value is None
            elif isinstance(each, ast.Assign):
                names = (target.id for target in each.targets if isinstance(target, ast.Name))
                yield from ((name, each.lineno, False) for name in names if not name.isupper())

    def place(self, number: int | None) -> str:
        """Return the file, the line's number, and the line as far as it may be seen."""
        if number is None or not 1 <= number <= len(self._lines):
            return FILE
        line, owner = self._lines[number - 1].strip(), self._owner(number)
        others = set(_LIKE_A_SETTING.findall(line))
        name = _name(line)
        seen = line if {owner, *others} <= set(self._shown) else f"{name} = {HIDDEN}" * bool(name)
        return f"{FILE}, line {number}" + (f" ({seen[:LONGEST_SHOWN]})" if seen else "")

    def _owner(self, number: int) -> str:
        """Return what the statement sets to which a line belongs: it begins at the left edge."""
        edge = (line for line in reversed(self._lines[:number]) if re.match(r"[^\s#)\]}]", line))
        return _name(next(edge, ""))

    def explained(self, slip: Exception, number: int | None) -> str:
        """Return the place of a slip, and what to write instead; never what the slip quotes."""
        number = slip.lineno if isinstance(slip, SyntaxError) else number
        return f"{self.place(number)}: {self._advice(slip, number)}"

    def _advice(self, slip: Exception, number: int | None) -> str:
        if isinstance(slip, NameError):
            owner = self._owner(number or 0)
            return _of_a_word(slip.name or "", owner, self._wanted.get(owner))
        if not isinstance(slip, SyntaxError):
            return f"Python cannot work this out ({type(slip).__name__})"
        line = self._lines[number - 1] if number and number <= len(self._lines) else ""
        said = slip.msg or ""
        if grouped := _WITH_COMMAS.search(line):
            return without_commas(grouped[0].split(","))
        if "invalid" in said and (sign := next(filter(_TYPED_INSTEAD.get, line), "")):
            return f"a sign that Python does not know; write {_TYPED_INSTEAD[sign]}"
        return next((words for shape, words in _ADVICE if shape.search(said)), _OTHERWISE)


def _name(line: str) -> str:
    """Return the name that a line sets, if it begins with one."""
    found = _SET.match(line)
    return found[1] if found else ""


def without_commas(groups: Iterable[str]) -> str:
    """Return how to write a number that was written with commas, as 850,000."""
    digits = tuple(groups)
    return f"write {''.join(digits)} or {'_'.join(digits)}, without a comma"


def _of_a_word(word: str, owner: str, wanted: str | None) -> str:
    if word in _IN_PYTHON:
        return f"write {_IN_PYTHON[word]} instead of {word}"
    if wanted:
        return f"{owner} should be {wanted}"
    return 'write a text in straight quotation marks, as in SHOP_NAME_EN = "Baran Shoes"'
