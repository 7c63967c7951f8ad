"""Listings of the course: parts of the chapters' programs, and what a chapter changes in them.

In Persian, comments and docstrings are replaced from ``learn/course/fa/comments/*.json``.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import io
import json
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from learn.chapters import PROGRAMS

COMMENTS = Path(__file__).parent / "course" / "fa" / "comments"
LEXERS = {".py": "python", ".sh": "sh", ".sql": "sql", ".json": "json", ".html": "html+jinja"}
_SHELL_COMMENT = re.compile(r"^(?P<code>.*?(?:^|\s))#\s?(?P<text>(?!!).*)$")


class NoListing(LookupError):
    """The file is not there, or has no such object."""


@dataclass
class Listing:
    """What stands in the page; ``untranslated`` are comments that have no Persian."""

    text: str
    lexer: str
    untranslated: list[str] = field(default_factory=list)


def read_listing(
    name: str,
    object_name: str | None = None,
    former: str | None = None,
    translations: Mapping[str, str] | None = None,
) -> Listing:
    """Return a chapter's program, an object of it, or its difference to another one.

    Names of programs are like ``03/finish/shop.py``. Comments are replaced if there are
    translations. Raises NoListing.
    """
    source = _source(name)
    if object_name:
        source = object_in(source, object_name)
    untranslated: list[str] = []
    suffix = Path(name).suffix
    marked = former is not None
    text = _translated(source, suffix, translations, untranslated, isolated=marked)
    if former is None:
        return Listing(text, LEXERS.get(suffix, "text"), untranslated)
    before = _translated(_source(former), suffix, translations, [], isolated=marked)
    changed = "".join(_difference(former, before, name, text))
    left = [one for one in untranslated if one in changed]
    return Listing(changed, "diff", left)


def persian_comments() -> dict[str, str]:
    """Return all translations, an English comment or docstring to a Persian one."""
    found: dict[str, str] = {}
    for path in sorted(COMMENTS.glob("*.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found


def object_in(source: str, name: str) -> str:
    """Return the lines of a function, a class, a method (`A.b`) or an assignment.

    Decorators and the comments directly above belong to it. Raises NoListing.
    """
    try:
        body: list[ast.stmt] = ast.parse(source).body
    except SyntaxError as error:
        raise NoListing(f"{name}: the program is no Python: {error}") from error
    for part in name.split("."):
        named = [one for one in body if part in _names_of(one)]
        if not named:
            raise NoListing(f"there is no {name} in the program")
        found = named[0]
        body = getattr(found, "body", [])
    lines = source.splitlines(keepends=True)
    first = min([found.lineno, *(one.lineno for one in getattr(found, "decorator_list", []))])
    indent = found.col_offset
    while first > 1 and re.match(rf" {{{indent}}}#", lines[first - 2]):
        first -= 1
    text = "".join(lines[first - 1 : found.end_lineno])
    return inspect.cleandoc(text) + "\n" if indent else text


def comments_in(source: str, suffix: str = ".py") -> list[str]:
    """Return the comments and docstrings of a program, as they are translated."""
    return [text for _, _, text in _pieces(source, suffix)]


def _source(name: str) -> str:
    path = PROGRAMS / name
    if not path.is_file():
        raise NoListing(f"there is no learn/chapters/{name}")
    return path.read_text(encoding="utf-8")


def _names_of(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        targets: list[ast.expr] = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return []
    named = (one for target in targets for one in ast.walk(target) if isinstance(one, ast.Name))
    return [one.id for one in named]


def _difference(former: str, before: str, name: str, text: str) -> Iterator[str]:
    yield from difflib.unified_diff(
        before.splitlines(keepends=True), text.splitlines(keepends=True), former, name
    )


RTL, END = "\u2067", "\u2069"

# Comments and docstrings, as pieces of the source: (begin, end, English text). A comment of several
# lines is one piece.

_Piece = tuple[int, int, str]


def _translated(
    source: str,
    suffix: str,
    translations: Mapping[str, str] | None,
    untranslated: list[str],
    *,
    isolated: bool,
) -> str:
    if translations is None:
        return source
    for begin, end, text in reversed(_pieces(source, suffix)):
        persian = translations.get(text)
        if persian is None:
            untranslated.insert(0, text)
        else:
            source = (
                source[:begin]
                + _in_place_of(source[begin:end], persian, isolated=isolated)
                + source[end:]
            )
    return source


def _in_place_of(piece: str, persian: str, *, isolated: bool) -> str:
    """Return the translation in the form that the piece has: a comment, or a docstring.

    In a diff nothing else tells a browser that it is read from the right: marks around it do.
    """
    if isolated:
        persian = "\n".join(f"{RTL}{line}{END}" if line else "" for line in persian.splitlines())
    if piece.startswith("#"):
        indent = re.search(r"\n([ \t]*)#", piece)
        between = "\n" + (indent[1] if indent else "") + "# "
        return "# " + between.join(persian.splitlines())
    indent = re.search(r"\n([ \t]*)\S", piece)
    return '"""' + ("\n" + (indent[1] if indent else "")).join(persian.splitlines()) + '"""'


def _pieces(source: str, suffix: str) -> list[_Piece]:
    if suffix == ".sh":
        return _shell_comments(source)
    if suffix != ".py":
        return []
    try:
        return sorted([*_docstrings(source), *_comments(source)])
    except (SyntaxError, tokenize.TokenError, IndentationError):
        return []


def _docstrings(source: str) -> Iterator[_Piece]:
    starts = _line_starts(source)
    lines = source.splitlines(keepends=True)

    def at(line: int, column: int) -> int:  # ast counts bytes
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        text = ast.get_docstring(node)
        if text is not None:
            value = node.body[0]
            end = at(value.end_lineno or value.lineno, value.end_col_offset or 0)
            yield at(value.lineno, value.col_offset), end, text


def _comments(source: str) -> Iterator[_Piece]:
    starts = _line_starts(source)
    whole: list[tuple[int, int, int, str]] = []  # line, begin, end, text
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or token.string.startswith("#!"):
            continue
        begin = starts[token.start[0] - 1] + token.start[1]
        text = token.string[1:].strip()
        alone = not token.line[: token.start[1]].strip()
        follows = whole and alone and whole[-1][0] == token.start[0] - 1
        if follows and source[whole[-1][2] : begin].strip() == "" and _stands_alone(source, whole):
            _, before, _, former = whole.pop()
            whole.append((token.start[0], before, begin + len(token.string), f"{former} {text}"))
        else:
            whole.append((token.start[0], begin, begin + len(token.string), text))
    yield from ((begin, end, text) for _, begin, end, text in whole)


def _stands_alone(source: str, whole: list[tuple[int, int, int, str]]) -> bool:
    begin = whole[-1][1]
    return not source[source.rfind("\n", 0, begin) + 1 : begin].strip()


def _line_starts(source: str) -> list[int]:
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _shell_comments(source: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    for start, line in zip(_line_starts(source), source.splitlines(), strict=False):
        found = _SHELL_COMMENT.match(line)
        if found:
            pieces.append((start + found.end("code"), start + len(line), found["text"].strip()))
    return pieces
