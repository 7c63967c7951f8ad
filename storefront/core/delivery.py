"""Define how an order can reach its buyer, and read the setting that lists the methods.

In the environment the setting is one line, ``KEY: PERSIAN NAME / ENGLISH NAME`` and facts with
commas between them, the methods with semicolons; in ``instance/config.py`` it may be a list of
dicts with the names of :class:`DeliveryMethod`'s fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any

from storefront.core.provinces import PROVINCES

MOST_METHODS = 6
LONGEST_KEY, LONGEST_NAME = 20, 60
MOST_RIALS, MOST_DAYS = 10**12, 90
SPELT = {"price_rials": "price", "free_from_rials": "free from"}


@dataclass(frozen=True, slots=True)
class DeliveryMethod:
    """One way to get an order. Money is integer Rials.

    ``price_rials``: None is the shop's ``DELIVERY_FEE_RIALS``. ``days``: working days, from and to.
    ``pickup``: the buyer comes for it, so it needs no address. ``only``: the one province it goes
    to, by its code.
    """

    key: str
    name_fa: str
    name_en: str
    days: tuple[int, int]
    price_rials: int | None = None
    free_from_rials: int | None = None
    pickup: bool = False
    only: str | None = None

    def name(self, language: str) -> str:
        """Return what a shopper calls it."""
        return self.name_fa if language == "fa" else self.name_en

    def __str__(self) -> str:
        """Return the method as the environment spells it."""
        facts = (
            f"{self.key}: {self.name_fa} / {self.name_en}",
            "pickup" if self.pickup else "",
            "" if self.pickup or self.price_rials is None else f"price {self.price_rials}",
            f"days {self.days[0]}-{self.days[1]}",
            "" if self.free_from_rials is None else f"free from {self.free_from_rials}",
            f"only {self.only}" if self.only else "",
        )
        return ", ".join(filter(None, facts))


@dataclass(frozen=True, slots=True)
class DeliveryMethods:
    """The methods that a shop offers, the first by default."""

    methods: tuple[DeliveryMethod, ...]

    def __str__(self) -> str:
        """Return the setting as the environment spells it."""
        return "; ".join(map(str, self.methods))


class WrongMethod(ValueError):
    """A slip in one method; ``parts`` are its key and the name of the wrong fact."""

    def __init__(self, key: str, fact: str, message: str) -> None:
        super().__init__(message)
        self.parts = (key, fact)


def delivery_methods(value: Any) -> DeliveryMethods:
    """Read the setting. Raises ValueError saying what it should be."""
    if isinstance(value, DeliveryMethods):
        return value
    if isinstance(value, str):
        given: Sequence[Any] = [_spelt(each) for each in value.split(";") if each.strip()]
    else:
        given = value if isinstance(value, list | tuple) else ()
    if not 1 <= len(given) <= MOST_METHODS:
        raise ValueError(f"1 to {MOST_METHODS} delivery methods, such as: {EXAMPLE}")
    methods = tuple(map(_method, given))
    if len({each.key for each in methods}) < len(methods):
        raise ValueError("delivery methods with different keys")
    return DeliveryMethods(methods)


_NAMED = re.compile(r"\s*([^:]*?)\s*:\s*([^/,]+?)\s*/\s*([^/,]+?)\s*")
_FACTS = {
    "price_rials": re.compile(r"price (\S+)"),
    "free_from_rials": re.compile(r"free from (\S+)"),
    "days": re.compile(r"days (\S+)"),
    "only": re.compile(r"only (\S+)"),
    "pickup": re.compile(r"(pickup)"),
}


def _spelt(text: str) -> dict[str, Any]:
    """Return the fields of one method of the environment's line."""
    head, *facts = text.split(",")
    named = _NAMED.fullmatch(head)
    if named is None:
        raise ValueError(f"KEY: PERSIAN NAME / ENGLISH NAME, and its facts, such as: {EXAMPLE}")
    found: dict[str, Any] = dict(zip(("key", "name_fa", "name_en"), named.groups(), strict=True))
    for fact in facts:
        known = ((name, shape.fullmatch(fact.strip())) for name, shape in _FACTS.items())
        name, match = next(((name, match) for name, match in known if match), ("", None))
        if match is None or name in found:
            raise ValueError(
                f"{found['key']} with each of these facts once at most:"
                " price RIALS, days FROM-TO, free from RIALS, only PROVINCE, pickup"
            )
        found[name] = match[1]
    return found


def _method(given: Any) -> DeliveryMethod:
    names = {each.name for each in fields(DeliveryMethod)}
    if not isinstance(given, Mapping):
        raise ValueError(f"dicts with the keys {', '.join(sorted(names))}")  # noqa: TRY004 - caught as such
    key = str(given.get("key", ""))
    for name in (str(each) for each in given if each not in names):
        nearest, known = get_close_matches(name, names, 1), ", ".join(sorted(names))
        instead = (
            f"{key} with {nearest[0]} instead of"
            if nearest
            else f"dicts with the keys {known}, not"
        )
        raise WrongMethod(key, name, f"{instead} {name[:40]}")
    if not re.fullmatch(rf"[a-z0-9-]{{1,{LONGEST_KEY}}}", key):
        raise ValueError(f"methods whose keys have up to {LONGEST_KEY} of a-z, 0-9 and -")
    pickup = given.get("pickup") in (True, "pickup")
    return DeliveryMethod(
        key=key,
        name_fa=_name(key, "fa", given.get("name_fa")),
        name_en=_name(key, "en", given.get("name_en")),
        days=_days(key, given.get("days")),
        price_rials=_rials(key, "price_rials", given.get("price_rials", 0 if pickup else None)),
        free_from_rials=_rials(key, "free_from_rials", given.get("free_from_rials")),
        pickup=pickup,
        only=_province(key, given.get("only")),
    )


def _name(key: str, language: str, value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= LONGEST_NAME:
        raise WrongMethod(
            key,
            f"name_{language}",
            f"{key} with a Persian and an English name of up to {LONGEST_NAME} letters",
        )
    return value.strip()


def _days(key: str, value: Any) -> tuple[int, int]:
    ends = value.split("-") if isinstance(value, str) else value
    try:
        first, last = map(int, ends)
    except (TypeError, ValueError):
        first, last = 0, -1
    if 0 <= last < first <= MOST_DAYS:
        right = f"days {last}-{first}" if isinstance(value, str) else f"({last}, {first})"
        raise WrongMethod(
            key, "days", f"{key} with days in order, the first is larger than the second: {right}"
        )
    if not 0 <= first <= last <= MOST_DAYS:
        such_as = '"days": (3, 6), or days 3-6 in the environment'
        wanted = f"{key} with its working days from 0 to {MOST_DAYS}, such as {such_as}"
        raise WrongMethod(key, "days", wanted)
    return first, last


def _rials(key: str, what: str, value: Any) -> int | None:
    if value is None:
        return None
    is_whole = str(value).isascii() and str(value).isdecimal()
    if not is_whole or not int(value) <= MOST_RIALS:
        such_as = f'"{what}": 850_000, or {SPELT[what]} 850000 in the environment'
        raise WrongMethod(key, what, f"{key} with whole Rials, such as {such_as}")
    return int(value)


def _province(key: str, value: Any) -> str | None:
    if value is None:
        return None
    if value not in PROVINCES:
        nearest = get_close_matches(str(value).lower(), PROVINCES, 1) or ["tehran"]
        such_as = f'"only": "{nearest[0]}", or only {nearest[0]} in the environment'
        raise WrongMethod(key, "only", f"{key} with the code of a province, such as {such_as}")
    return str(value)


EXAMPLE = (
    "post: پست پیشتاز / Express post, days 3-6, free from 30000000;"
    " courier: پیک تهران / Tehran courier, price 600000, days 1-2, only tehran;"
    " pickup: تحویل حضوری / Collect in person, pickup, days 1-2"
)
DEFAULT_METHODS = delivery_methods(EXAMPLE)
