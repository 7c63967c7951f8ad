"""Whose payment a reference names, where several applications use one account at a gateway."""

from __future__ import annotations

import pytest

from payment_engine.policy import Policy

NUMBER = "0123456789abcdef" * 2


def policy(prefix: str) -> Policy:
    return Policy(callback_url="https://shop.example/{reference}", reference_prefix=prefix)


@pytest.mark.parametrize(
    ("prefix", "reference", "is_foreign"),
    [
        ("eyvan", "eyvan" + NUMBER, False),
        ("eyvan", "eyvan2" + NUMBER, True),
        ("eyvan", NUMBER, True),
        ("eyvan", "eyvan-77", True),
        ("eyvan", "eyvan" + NUMBER.upper(), True),
        ("eyvan", "", True),
        ("a", "ab" + NUMBER, True),  # although "b" could be a digit of the number
        ("ab", "ab" + NUMBER, False),
        ("", NUMBER, False),
        ("", "eyvan" + NUMBER, False),
        ("", "eyvan-77", False),
    ],
)
def test_a_reference_bears_our_prefix_before_its_number_or_is_anothers(
    prefix: str, reference: str, *, is_foreign: bool
) -> None:
    assert policy(prefix).is_foreign(reference) is is_foreign


@pytest.mark.parametrize("prefix", ["Eyvan", "eyvan-", "eyvan1234", "ایوان", "a b", "a\n", "é"])
def test_a_prefix_that_a_gateway_may_refuse_is_none(prefix: str) -> None:
    with pytest.raises(ValueError, match="reference_prefix has 0 to 8"):
        policy(prefix)
