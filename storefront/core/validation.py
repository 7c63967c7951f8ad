"""Check Iranian national codes, mobile numbers and postal codes in plain form."""

from __future__ import annotations

import re


def is_mobile(text: str) -> bool:
    """``09`` and nine ASCII digits."""
    return re.fullmatch(r"09[0-9]{9}", text) is not None


def is_postal_code(text: str) -> bool:
    """Ten ASCII digits, not starting with 0 and not one digit ten times.

    The post keeps more rules than it publishes; a stricter check would turn real buyers away.
    """
    return re.fullmatch(r"[1-9][0-9]{9}", text) is not None and len(set(text)) > 1


def is_national_code(text: str) -> bool:
    """Ten ASCII digits whose last one is the check digit; one digit ten times is never issued."""
    if re.fullmatch(r"[0-9]{10}", text) is None or len(set(text)) == 1:
        return False
    *counted, check = (int(digit) for digit in text)
    weighted = (digit * (10 - place) for place, digit in enumerate(counted))
    remainder = sum(weighted) % 11
    return check == (remainder if remainder < 2 else 11 - remainder)
