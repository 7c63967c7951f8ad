"""Checks of a card as a Shaparak page makes them: number, CVV2, expiry, dynamic password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from unicodedata import category, decimal

from persiantools.jdatetime import JalaliDate

from jibit_sandbox.i18n.translations import gettext_noop as _

CARD_LENGTH = 16
LEFT_OUT = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Pd"})  # control, formats, blanks, dashes


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a payment form: the name of the field, and a message for the payer."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card form's fields in Latin digits. The expiry is Jalali: a two-digit year and a month."""

    number: str
    cvv2: str
    year: str
    month: str
    password: str

    def without_secrets(self) -> Card:
        """Return what a page may show again: number and expiry, neither CVV2 nor password."""
        return replace(self, cvv2="", password="")

    def secrets(self) -> tuple[str, str, str, str]:
        """Return everything but the number, in the form's order."""
        return self.cvv2, self.year, self.month, self.password


def read_card(form: Mapping[str, str]) -> Card:
    return Card(
        *(plain(form.get(name, "")) for name in ("card", "cvv2", "year", "month", "password"))
    )


def plain(typed: str) -> str:
    """Return the text in Latin digits, without what is pasted with a number and cannot be seen.

    Left out are blanks, dashes, marks of direction and other formats.
    """
    return "".join(
        str(decimal(sign, sign)) for sign in typed if category(sign) not in LEFT_OUT and sign != "−"
    )


def card_errors(card: Card, now: datetime) -> list[Mistake]:
    """Return what is wrong with each field, in the form's order."""
    wrong = {
        Mistake("card", _("The card number is not valid.")): not is_card_number(card.number),
        Mistake("cvv2", _("CVV2 has 3 or 4 digits.")): not has_digits(card.cvv2, 3, 4),
        Mistake("month", _("The expiry date is not valid or has passed.")): not expires_after(
            card, now
        ),
        Mistake("password", _("The dynamic password has 5 to 12 digits.")): not has_digits(
            card.password, 5, 12
        ),
    }
    return [mistake for mistake, is_wrong in wrong.items() if is_wrong]


def has_digits(typed: str, fewest: int, most: int) -> bool:
    return typed.isascii() and typed.isdigit() and fewest <= len(typed) <= most


def is_card_number(number: str) -> bool:
    """Return whether this is 16 digits with a correct Luhn check digit."""
    return has_digits(number, CARD_LENGTH, CARD_LENGTH) and luhn_sum(number) % 10 == 0


def luhn_sum(number: str) -> int:
    doubled = (int(digit) * 2 for digit in number[-2::-2])
    return sum(sum(divmod(digit, 10)) for digit in doubled) + sum(map(int, number[-1::-2]))


def with_check_digit(first_fifteen: str) -> str:
    return f"{first_fifteen}{-luhn_sum(first_fifteen + '0') % 10}"


def expires_after(card: Card, now: datetime) -> bool:
    """Return whether the card is still valid: until the end of its Jalali month."""
    if not (has_digits(card.year, 2, 2) and has_digits(card.month, 1, 2)):
        return False
    today = JalaliDate.to_jalali(now.year, now.month, now.day)  # type: ignore[no-untyped-call] # untyped library
    printed = (1400 + int(card.year), int(card.month))
    return 1 <= int(card.month) <= 12 and printed >= (today.year, today.month)


PAYING_CARD = Card(with_check_digit("603799000000001"), "123", "19", "12", "12345")

# The fields of a payment page as a shopper fills them in who wants to pay; the wallet's page reads
# the password only, as its one-time code.
PAYING_FORM = {
    "card": PAYING_CARD.number,
    **dict(zip(("cvv2", "year", "month", "password"), PAYING_CARD.secrets(), strict=True)),
}
