"""A change that breaks a rule is described by public names, and says when it fits no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scripts.mutation_operators import (
    Operator,
    becomes,
    begins_with,
    condition,
    drop_call,
    drop_raise,
    mutated,
    repeated_on_error,
    returns,
)
from scripts.syntax import DoesNotApply

SOURCE = """
MOST = 3

class Desk:
    def take(self, amount, paid):
        'Take money.'
        if amount > MOST:
            raise ValueError("too much")
        paid.append(amount)
        return sum([each for each in paid if each.real > 0])
"""
RENAMED = SOURCE.replace("each", "coin").replace(
    "        paid.append", "\n        # Kept.\n        paid.append"
)


def broken(place: str, operator: Operator, source: str = SOURCE) -> Callable[..., Any]:
    scope: dict[str, Any] = {}
    exec(mutated(source, place, operator), scope)  # noqa: S102 - the source stands above
    take: Callable[..., Any] = scope["Desk"]().take
    return take


@pytest.mark.parametrize("source", [SOURCE, RENAMED], ids=["as it is", "with other local names"])
@pytest.mark.parametrize(
    ("place", "operator", "taken"),
    [
        ("MOST", becomes("5"), 5),
        ("Desk.take", condition(False, mentions="amount"), 5),
        ("Desk.take", drop_raise("ValueError"), 5),
        ("Desk.take", begins_with("amount = MOST"), 3),
    ],
    ids=["another constant", "no condition", "no error", "another beginning"],
)
def test_what_was_refused_is_taken(source: str, place: str, operator: Operator, taken: int) -> None:
    assert broken(place, operator, source)(5, []) == taken


def test_a_call_can_be_left_out() -> None:
    assert broken("Desk.take", drop_call("append", mentions="amount"))(2, []) == 0


def test_a_condition_of_a_comprehension_can_be_made_false() -> None:
    assert broken("", condition(False, mentions=".real"))(2, [1]) == 0


def test_what_is_returned_can_be_changed() -> None:
    assert broken("Desk.take", returns("RESULT * MOST", instead_of="sum"))(2, [1]) == 9


def test_everything_can_be_done_again_after_an_error() -> None:
    paid = [None]
    with pytest.raises(AttributeError):
        broken("Desk.take", repeated_on_error())(2, paid)
    assert paid == [None, 2, 2]


@pytest.mark.parametrize(
    ("place", "operator", "why"),
    [
        ("Shelf.take", drop_call("append"), "0 instead of one definition of Shelf.take"),
        ("Desk.take", drop_call("extend"), "0 instead of one call of extend"),
        ("Desk.take", condition(True, mentions="price"), "0 instead of one condition about price"),
        ("Desk.take", drop_raise("KeyError"), "0 instead of one raise of KeyError"),
        ("Desk.take", returns("each"), "there is no each any more"),
        ("Desk.take", becomes("1"), "it is not a constant"),
        ("Desk", begins_with("pass"), "it is not a function"),
    ],
)
def test_a_change_that_fits_no_more_says_so(place: str, operator: Operator, why: str) -> None:
    with pytest.raises(DoesNotApply, match=why):
        mutated(SOURCE, place, operator)
