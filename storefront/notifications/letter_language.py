"""Render templates of letters in a sandbox, and refuse those that use more than they may.

A template may insert the facts of its kind with the functions of :class:`Insertions`, ask about
them with ``if``, and go through the lines of the order with ``for``: nothing else, so every
template ends soon and its letter is short.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from payment_engine.bounds import printable
from storefront.notifications.insertions import FUNCTIONS, EmptyValue, Insertions, Place, TooLong
from storefront.notifications.letter_facts import OF_A_LINE

LONGEST_TEMPLATE, LONGEST_LETTER = 6000, 30_000  # characters
DEEPEST = 25  # nodes inside one another; the bundled ones have 8
PLAIN = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.If, nodes.CondExpr),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
)
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
OWN_LINKS = ("order_url", "invoice_url")
Known = Mapping[str, frozenset[str]]  # the fields of each name; none for a value by itself


class WrongTemplate(Exception):
    """A template that cannot be used. ``reason`` is a word of ours, ``about`` what it concerns."""

    def __init__(self, reason: str, line: int = 0, about: str = "") -> None:
        super().__init__(f"line {line}: {reason} {about}".strip())
        self.reason, self.line, self.about = reason, line, about


class _Environment(ImmutableSandboxedEnvironment):
    """Knows no filter, no test and no function but those that a letter is rendered with."""

    def __init__(self, *, strict: bool) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            finalize=_given if strict else _on_one_line,
        )
        self.globals, self.filters, self.tests = {}, {}, {}


def _on_one_line(value: object) -> object:
    """Keep whatever is put into a letter on its line."""
    if isinstance(value, str) and not isinstance(value, Place):
        return printable(value)
    return value


def _given(value: object) -> object:
    if value is None:
        raise EmptyValue
    return _on_one_line(value)


_ENVIRONMENTS = {strict: _Environment(strict=strict) for strict in (False, True)}


@lru_cache(64)
def _compiled(source: str, fields: tuple[str, ...], *, strict: bool) -> Template:
    """Return a template that uses no more than these fields. Raises WrongTemplate."""
    if len(source) > LONGEST_TEMPLATE:
        raise WrongTemplate("too_long", about=str(LONGEST_TEMPLATE))
    environment, source = _ENVIRONMENTS[strict], _with_breaks(source)
    try:
        _check(environment.parse(source).iter_child_nodes(), known(fields), 0)
        return environment.from_string(source)
    except TemplateSyntaxError as error:
        raise WrongTemplate("unreadable", error.lineno, error.message or "") from error
    except (RecursionError, MemoryError, SyntaxError, ValueError) as error:
        raise WrongTemplate("too_deep") from error


def _with_breaks(source: str) -> str:
    """Keep the break behind a tag that ends a line of text; a line of tags alone leaves none."""
    tags = list(_TAG.finditer(source))
    texts = _TAG.sub(lambda tag: " " * len(tag[0]), source)  # of the same length
    ends = [tag.end() for tag in tags if source.startswith("\n", tag.end())]
    for end in reversed(ends):
        begins = texts.rfind("\n", 0, end) + 1
        if texts[begins:end].strip() and source[end - 3] not in "+-":
            source = f"{source[: end - 2]}+%}}{source[end:]}"
    return source


def known(fields: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the fields by the name before the dot."""
    found: dict[str, frozenset[str]] = {}
    for path in fields:
        root, _, field = path.partition(".")
        found[root] = found.get(root, frozenset()) | ({field} if field else frozenset())
    return found


def render(
    source: str,
    fields: tuple[str, ...],
    facts: Mapping[str, Any],
    insertions: Insertions,
    *,
    strict: bool,
) -> str:
    """Return the text with places for what was put in. Raises WrongTemplate."""
    template = _compiled(source, fields, strict=strict)
    parts, length = [], 0
    try:
        for part in template.generate(**facts, **insertions.functions()):
            parts.append(part)
            length += len(part)
            if length > LONGEST_LETTER:
                raise TooLong  # noqa: TRY301 - the same as too many insertions
    except TooLong as error:
        raise WrongTemplate("too_long", about=str(LONGEST_LETTER)) from error
    except EmptyValue as error:
        raise WrongTemplate("empty_value", _line_of(error)) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise WrongTemplate("wrong_value", _line_of(error)) from error
    return "".join(parts)


def _line_of(error: Exception) -> int:
    """Return the line of the template at which an error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno or 0 for frame in frames if frame.filename == "<template>"]
    return lines[-1] if lines else 0


def _check(found: Iterable[nodes.Node], names: Known, depth: int) -> None:
    """Raise WrongTemplate for the first node that no letter needs."""
    for node in found:
        if depth > DEEPEST:
            raise WrongTemplate("too_deep", node.lineno)
        _check_node(node, names, depth + 1)


def _check_node(node: nodes.Node, names: Known, depth: int) -> None:
    match node:
        case nodes.For():
            _check_loop(node, names, depth)
        case nodes.Call():
            _check_call(node, names)
        case nodes.Name() | nodes.Getattr():
            _check_value(node, names)
        case _ if isinstance(node, PLAIN):
            _check(node.iter_child_nodes(), names, depth)
        case _:
            raise WrongTemplate("not_allowed", node.lineno, type(node).__name__.lower())


def _check_loop(node: nodes.For, names: Known, depth: int) -> None:
    """Let a loop go through the order's lines, and no other loop stand in it."""
    target, through = node.target, node.iter
    is_ours = isinstance(through, nodes.Getattr) and _path(through) == ("order", "lines")
    may_be = "lines" in names.get("order", ()) and isinstance(target, nodes.Name)
    if not (is_ours and may_be) or node.recursive or node.find(nodes.For):
        raise WrongTemplate("loop", node.lineno)
    name = target.name if isinstance(target, nodes.Name) else ""
    if name in names or name in FUNCTIONS:
        raise WrongTemplate("name_taken", node.lineno, name)
    inside = {**names, name: frozenset(OF_A_LINE)}
    _check([*node.body, *([node.test] if node.test else [])], inside, depth)
    _check(node.else_, names, depth)


def _check_call(node: nodes.Call, names: Known) -> None:
    function = node.node.name if isinstance(node.node, nodes.Name) else ""
    if function not in FUNCTIONS:
        raise WrongTemplate("unknown_function", node.lineno, function)
    plain = not node.kwargs and node.dyn_args is None and node.dyn_kwargs is None
    if len(node.args) != 1 or not plain:
        raise WrongTemplate("one_value", node.lineno, function)
    if function == "link" and not _may_be_linked(node.args[0]):
        raise WrongTemplate("link", node.lineno)
    if node.args[0].find(nodes.Call) or isinstance(node.args[0], nodes.Call):
        raise WrongTemplate("one_value", node.lineno, function)
    _check(node.args, names, 1)


def _may_be_linked(value: nodes.Expr) -> bool:
    """Return whether it is the order's page, its invoice, or an address of the merchant's own."""
    if isinstance(value, nodes.Name):
        return value.name in OWN_LINKS
    return isinstance(value, nodes.Const) and str(value.value).startswith("https://")


def _path(node: nodes.Getattr) -> tuple[str, str]:
    return (node.node.name if isinstance(node.node, nodes.Name) else "", node.attr)


def _check_value(node: nodes.Name | nodes.Getattr, names: Known) -> None:
    root, field = _path(node) if isinstance(node, nodes.Getattr) else (node.name, "")
    if root not in names:
        raise WrongTemplate("unknown_name", node.lineno, root)
    fields = names[root]
    if field == "lines" or (fields and not field):
        raise WrongTemplate("choose_field", node.lineno, root)
    if field and field not in fields:
        raise WrongTemplate("unknown_field", node.lineno, f"{root}.{field}")
