"""Looks into syntax trees for what a mutation operator changes."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from typing import TypeVar

RESULT = "RESULT"

Node = TypeVar("Node", bound=ast.AST)


class DoesNotApply(Exception):
    """The source has changed: what was to be changed is not there, or not there once."""


def named(tree: ast.Module, name: str) -> ast.AST:
    """Return the definition of `Class.method` and the like; "" is the module. DoesNotApply."""
    place: ast.AST = tree
    for part in name.split(".") if name else ():
        inside = [each for each in getattr(place, "body", []) if part in _bound_by(each)]
        place = only(inside, f"definition of {name}")
    return place


def _bound_by(statement: ast.AST) -> list[str]:
    """Return the names that a statement of a module or a class defines or imports."""
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [each.id for each in targets if isinstance(each, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [(each.asname or each.name).partition(".")[0] for each in names]
    return []


def only(found: Sequence[Node], what: str) -> Node:
    """Return the single candidate. Raises DoesNotApply."""
    if len(found) != 1:
        raise DoesNotApply(f"there are {len(found)} instead of one {what}")
    return found[0]


def function(place: ast.AST) -> ast.FunctionDef:
    """Return the place if it is a function. Raises DoesNotApply."""
    if not isinstance(place, ast.FunctionDef):
        raise DoesNotApply("it is not a function")
    return place


def after_docstring(function: ast.FunctionDef) -> int:
    """Return the index of the first statement that does something."""
    return int(ast.get_docstring(function) is not None)


def all_of(place: ast.AST, kind: type[Node]) -> list[Node]:
    """Return every node of a kind inside a place."""
    return [each for each in ast.walk(place) if isinstance(each, kind)]


def mentions_word(node: ast.AST, word: str) -> bool:
    """Return whether a name, an attribute or a text is there; ".word" is an attribute only."""
    attributes = {f".{each.attr}" for each in all_of(node, ast.Attribute)}
    names = {each.id for each in all_of(node, ast.Name)}
    texts = {each.value for each in all_of(node, ast.Constant) if isinstance(each.value, str)}
    return not word or word in attributes | names | texts or f".{word}" in attributes


def conditions(place: ast.AST) -> Iterator[ast.expr]:
    """Yield the conditions of statements, expressions and comprehensions."""
    for each in ast.walk(place):
        if isinstance(each, ast.If | ast.IfExp | ast.While):
            yield each.test
        elif isinstance(each, ast.comprehension):
            yield from each.ifs


def removable_calls(place: ast.AST, name: str) -> Iterator[ast.AST]:
    """Yield the calls of a name that are statements or arguments."""
    for each in ast.walk(place):
        if isinstance(each, ast.Expr) and _is_call(each.value, name):
            yield each
        elif isinstance(each, ast.Call):
            yield from (argument for argument in each.args if _is_call(argument, name))


def _is_call(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called)):
            return called == name
    return False


class _Replacement(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST | None) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST | None:
        return self._new if node is self._old else self.generic_visit(node)


def replace(place: Node, old: ast.AST, new: ast.AST | None) -> Node:
    """Put a node in the place of another one; None leaves it out of its list."""
    _Replacement(old, new).visit(place)
    return place


def expression(
    code: str, tree: ast.Module, place: ast.AST, result: ast.expr | None = None
) -> ast.expr:
    """Return the expression of the code, with ``result`` for RESULT. Raises DoesNotApply."""
    parsed = ast.Expression(ast.parse(code, mode="eval").body)
    _check_names(parsed, tree, place)
    for each in all_of(parsed, ast.Name):
        if each.id == RESULT and result is not None:
            replace(parsed, each, result)
    return parsed.body


def statements(code: str, tree: ast.Module, place: ast.AST) -> list[ast.stmt]:
    """Return the statements of the code. Raises DoesNotApply."""
    parsed = ast.parse(code)
    _check_names(parsed, tree, place)
    return parsed.body


def _check_names(new: ast.AST, tree: ast.Module, place: ast.AST) -> None:
    """Raise DoesNotApply if the code uses what is neither a parameter nor a name of the module."""
    parameters = {each.arg for each in all_of(place, ast.arg)}
    known = {name for each in tree.body for name in _bound_by(each)}
    names = all_of(new, ast.Name)
    stored = {each.id for each in names if isinstance(each.ctx, ast.Store)}
    used = {each.id for each in names} - stored
    if missing := used - parameters - known - vars(builtins).keys() - {RESULT}:
        raise DoesNotApply(f"there is no {', '.join(sorted(missing))} any more")
