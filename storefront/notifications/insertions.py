"""Put numbers, names and moments into a letter: each has a form in plain text and one in HTML."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from markupsafe import Markup, escape

from payment_engine.bounds import printable
from storefront.core import formats

# Marks of direction: what stands between one of these and the end is ordered by itself. Without
# them the halves of 603799******7893 change places in a Persian line.
LTR, OWN_DIRECTION, END = "\u2066", "\u2068", "\u2069"
_PLACE = re.compile("\ue000([0-9]+)\ue001")  # private use: `printable` lets none through
MOST = 1000  # in one letter; 30 lines of an order have a hundred


class EmptyValue(ValueError):
    """A value that this order does not have was to be put in."""


class TooLong(ValueError):
    """The letter would be longer than any letter should be."""


class Place(str):
    """Where something stands in the text of a template."""

    __slots__ = ()


class Insertions:
    """What a template puts in: each has a numbered place in its text, and two forms.

    The public methods, but `as_text` and `as_html`, are the template's functions; ``strict`` ones
    raise EmptyValue for None.
    """

    def __init__(self, language: str, *, strict: bool = False) -> None:
        self._language, self._strict = language, strict
        self._forms: list[tuple[str, Markup]] = []

    def number(self, value: object) -> Place:
        """Digits, grouped or masked, in those of the language; never turned round."""
        self._refuse_nothing(value)
        return self.code(formats.digits(value, self._language))

    def code(self, value: object) -> Place:
        """What is copied as it is, such as a gateway's number for a payment; never turned round."""
        self._refuse_nothing(value)
        shown = printable(str(value))
        plain = f"{LTR}{shown}{END}" if self._language == "fa" else shown
        return self._keep(plain, Markup('<bdi dir="ltr">{}</bdi>').format(shown))

    def name(self, value: str) -> Place:
        """A name, in whichever script it is."""
        self._refuse_nothing(value)
        shown = printable(value)
        return self._keep(f"{OWN_DIRECTION}{shown}{END}", Markup("<bdi>{}</bdi>").format(shown))

    def toman(self, amount_rials: int) -> Place:
        """An amount of money."""
        self._refuse_nothing(amount_rials)
        shown = formats.toman(amount_rials, self._language)
        return self._keep(shown, escape(shown))

    def moment(self, moment_utc: datetime) -> Place:
        """A moment, in Tehran."""
        self._refuse_nothing(moment_utc)
        shown = formats.jalali(moment_utc, self._language)
        return self._keep(shown, formats.time_element(moment_utc, shown))

    def link(self, url: str) -> Place:
        """An address; on a line of its own, as mail programs take a mark beside it into it."""
        return self._keep(url, Markup('<a href="{0}" dir="ltr" rel="noopener">{0}</a>').format(url))

    def functions(self) -> dict[str, Callable[..., Place]]:
        """Return the template's functions by their names."""
        return {name: getattr(self, name) for name in FUNCTIONS}

    def _refuse_nothing(self, value: object) -> None:
        if self._strict and value is None:
            raise EmptyValue

    def _keep(self, plain: str, html: Markup) -> Place:
        if len(self._forms) >= MOST:
            raise TooLong
        self._forms.append((plain, html))
        return Place(f"\ue000{len(self._forms) - 1}\ue001")

    def as_text(self, written: str) -> str:
        """Fill the places with the plain forms."""
        return _PLACE.sub(lambda place: self._forms[int(place[1])][0], written)

    def as_html(self, written: str) -> Markup:
        """Escape the text, then fill the places with the elements."""
        return Markup(_PLACE.sub(lambda place: self._forms[int(place[1])][1], escape(written)))  # noqa: S704 - escaped


FUNCTIONS = ("number", "code", "name", "toman", "moment", "link")
