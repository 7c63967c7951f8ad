"""Small changes to Python source, described by public names instead of by lines.

A change is made to one place of the syntax tree: a module, or a class, function or constant of it.
Layout, comments and the names of local variables do not matter. A change that finds nothing to
change, or more than one candidate, raises DoesNotApply.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from scripts.syntax import (
    DoesNotApply,
    after_docstring,
    all_of,
    conditions,
    expression,
    function,
    mentions_word,
    named,
    only,
    removable_calls,
    replace,
    statements,
)

Operator = Callable[[ast.Module, ast.AST], None]  # changes a place in a module


def mutated(source: str, name: str, operator: Operator) -> str:
    """Return the source with ``name``, such as `Class.method`, changed; "" is the whole module."""
    tree = ast.parse(source)
    operator(tree, named(tree, name))
    return ast.unparse(ast.fix_missing_locations(tree))


def condition(value: bool, *, mentions: str) -> Operator:
    """Make a condition always true or always false."""

    def change(_: ast.Module, place: ast.AST) -> None:
        found = [each for each in conditions(place) if mentions_word(each, mentions)]
        replace(place, only(found, f"condition about {mentions}"), ast.Constant(value))

    return change


def drop_call(name: str, *, mentions: str = "") -> Operator:
    """Leave out a call that is a statement, or an argument of another call."""

    def change(_: ast.Module, place: ast.AST) -> None:
        found = [each for each in removable_calls(place, name) if mentions_word(each, mentions)]
        call = only(found, f"call of {name}")
        replace(place, call, ast.Pass() if isinstance(call, ast.Expr) else None)

    return change


def drop_raise(error: str) -> Operator:
    """Go on where an error is raised."""

    def change(_: ast.Module, place: ast.AST) -> None:
        found = [each for each in all_of(place, ast.Raise) if mentions_word(each, error)]
        replace(place, only(found, f"raise of {error}"), ast.Pass())

    return change


def returns(code: str, *, instead_of: str = "") -> Operator:
    """Return another expression: everywhere, or only where ``instead_of`` is returned now.

    RESULT in the code stands for what is returned now.
    """

    def change(tree: ast.Module, place: ast.AST) -> None:
        found = [each for each in all_of(place, ast.Return) if mentions_word(each, instead_of)]
        if instead_of or not found:
            found = [only(found, f"return of {instead_of or 'anything'}")]
        for each in found:
            each.value = expression(code, tree, place, result=each.value)

    return change


def becomes(code: str) -> Operator:
    """Give a constant of a module or of a class another value."""

    def change(tree: ast.Module, place: ast.AST) -> None:
        if not isinstance(place, ast.Assign | ast.AnnAssign):
            raise DoesNotApply("it is not a constant")
        place.value = expression(code, tree, place)

    return change


def begins_with(code: str) -> Operator:
    """Do something else first."""

    def change(tree: ast.Module, place: ast.AST) -> None:
        start = after_docstring(function(place))
        function(place).body[start:start] = statements(code, tree, place)

    return change


def repeated_on_error() -> Operator:
    """Do everything once more if it raises."""

    def change(_: ast.Module, place: ast.AST) -> None:
        start = after_docstring(function(place))
        once = function(place).body[start:]
        again = ast.ExceptHandler(type=ast.Name("Exception", ast.Load()), body=once)
        function(place).body[start:] = [ast.Try(once, [again], [], [])]

    return change
