"""Test cards: what becomes of a payment is decided by the card that is typed.

Any other good card number simply pays. The table is shown on the bank's page, in the control API
and in docs/sandbox.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from jibit_sandbox.bank.cards import Card, with_check_digit
from jibit_sandbox.core.models import Order

STATIC_PASSWORD = "12345"  # noqa: S105 - every test card's password, printed on the page


@dataclass(frozen=True, slots=True)
class Later:
    """A behaviour that the order meets after it was paid; ``times`` None: always."""

    behaviour: str
    operation: str | None = None
    times: int | None = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a test card does.

    ``refused`` is a key of words.WORDS: the page says it and the card is not charged; with
    ``final`` the order has failed by it. ``paying`` is a behaviour of the payment itself,
    ``later`` what the order meets afterwards.
    """

    key: str
    number: str
    en: str
    fa: str
    refused: str | None = None
    final: bool = False
    seconds: int = 0
    paying: str | None = None
    later: tuple[Later, ...] = field(default_factory=tuple)


def test_card(prefix: str, which: int) -> str:
    return with_check_digit(f"{prefix}{which:09}")


OUTCOMES = (
    Outcome("paid", test_card("603799", 1), "Pays", "پرداخت می‌شود"),
    Outcome(
        "insufficient_funds",
        test_card("610433", 2),
        "Not enough money: the order fails",
        "موجودی کافی نیست: سفارش ناموفق می‌شود",
        refused="insufficient funds",
        final=True,
    ),
    Outcome(
        "bank_down",
        test_card("627353", 3),
        "The card's bank does not answer: try another card",
        "بانک صادرکننده پاسخ نمی‌دهد: کارت دیگری بیازمایید",
        refused="bank down",
    ),
    Outcome(
        "blocked",
        test_card("589210", 4),
        "The card is blocked: try another card",
        "کارت مسدود است: کارت دیگری بیازمایید",
        refused="blocked",
    ),
    Outcome(
        "other_owner",
        test_card("603769", 5),
        "Belongs to somebody else: refused where the order names a national code",
        "از آنِ دیگری است: اگر سفارش کد ملی داشته باشد پذیرفته نمی‌شود",
    ),
    Outcome(
        "slow_bank",
        test_card("622106", 6),
        "Pays after 5 seconds",
        "پس از ۵ ثانیه پرداخت می‌شود",
        seconds=5,
    ),
    Outcome(
        "callback_lost",
        test_card("502229", 7),
        "Pays; the browser never returns",
        "پرداخت می‌شود؛ مرورگر هرگز بازنمی‌گردد",
        paying="callback_missing",
    ),
    Outcome(
        "callback_twice",
        test_card("502229", 8),
        "Pays; the shop is called back twice",
        "پرداخت می‌شود؛ فروشگاه دو بار خبر می‌گیرد",
        paying="callback_twice",
    ),
    Outcome(
        "callback_late",
        test_card("502229", 9),
        "Pays; the browser returns 10 seconds later",
        "پرداخت می‌شود؛ مرورگر ۱۰ ثانیه دیرتر بازمی‌گردد",
        paying="callback_late",
    ),
    Outcome(
        "unknown_twice",
        test_card("621986", 10),
        "Pays; verify says Unknown twice, then the truth",
        "پرداخت می‌شود؛ تأیید دو بار Unknown می‌گوید و سپس حقیقت را",
        later=(Later("verify_unknown", times=2),),
    ),
    Outcome(
        "unknown_after_capture",
        test_card("621986", 11),
        "Pays; verify captures, but says Unknown; the inquiry says UNKNOWN twice",
        "پرداخت می‌شود؛ تأیید ثبت می‌شود ولی Unknown می‌گوید و استعلام دو بار UNKNOWN",
        later=(Later("verify_unknown_after_commit"), Later("inquiry_unknown", "inquiry", 2)),
    ),
    Outcome(
        "verify_lost",
        test_card("628023", 12),
        "Pays; the answer to the first verify is lost after the capture",
        "پرداخت می‌شود؛ پاسخ نخستین تأیید پس از ثبت گم می‌شود",
        later=(Later("reset_after_commit", "verify"),),
    ),
    Outcome(
        "verify_failed",
        test_card("603770", 13),
        "Pays; verify always says Failed, and the money goes home",
        "پرداخت می‌شود؛ تأیید همواره Failed می‌گوید و پول بازمی‌گردد",
        later=(Later("verify_failed", times=None),),
    ),
    Outcome(
        "other_amount",
        test_card("589463", 14),
        "Pays; the inquiry tells ten times the amount",
        "پرداخت می‌شود؛ استعلام ده برابر مبلغ را می‌گوید",
        later=(Later("inquiry_other_amount", times=None),),
    ),
    Outcome(
        "stuck",
        test_card("627412", 15),
        "Pays; the inquiry says IN_PROGRESS for ever",
        "پرداخت می‌شود؛ استعلام همیشه IN_PROGRESS می‌گوید",
        later=(Later("inquiry_in_progress", times=None),),
    ),
)

OF_CARD = {outcome.number: outcome for outcome in OUTCOMES}


def outcome_of(card: Card) -> Outcome:
    """The test card's outcome; any other card pays."""
    return OF_CARD.get(card.number, OUTCOMES[0])


def refusals(order: Order, card: Card, dynamic_password: str) -> list[str]:
    """Why the bank would not take this card for this order, as keys of words.WORDS."""
    outcome = outcome_of(card)
    wrong = {
        "wrong password": card.password not in (STATIC_PASSWORD, dynamic_password),
        "not the forced card": order.force_payer_card
        and order.payer_card_number not in (None, card.number),
        "not your card": order.national_code is not None and outcome.key == "other_owner",
    }
    found = [key for key, is_wrong in wrong.items() if is_wrong]
    return found or ([outcome.refused] if outcome.refused else [])
