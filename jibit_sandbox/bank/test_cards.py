"""Test cards: the number that is typed decides what happens to the payment.

Any other valid number simply pays. The table is shown on the bank's page, in the control API and
in docs/sandbox.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from jibit_sandbox.bank.cards import Card, Mistake, with_check_digit
from jibit_sandbox.core.models import Order
from jibit_sandbox.i18n.translations import gettext_noop as _

STATIC_PASSWORD = "12345"  # noqa: S105 - every test card's password, printed on the page


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A behaviour for the order after it was paid; ``times`` None: always."""

    behaviour: str
    operation: str | None = None
    times: int | None = 1


@dataclass(frozen=True, slots=True)
class CardScenario:
    """What a test card does.

    ``refused`` is the message of a card that is not charged; where ``fails_with`` gives a reason,
    the order fails by it. ``paying`` is a behaviour of the payment, ``follow_ups`` are those of
    the calls after it.
    """

    key: str
    number: str
    description: str
    refused: str | None = None
    fails_with: str | None = None
    seconds: int = 0
    paying: str | None = None
    follow_ups: tuple[FollowUp, ...] = field(default_factory=tuple)


def test_card(prefix: str, which: int) -> str:
    return with_check_digit(f"{prefix}{which:09}")


TEST_CARDS = (
    CardScenario("paid", test_card("603799", 1), "Pays"),
    CardScenario(
        "insufficient_funds",
        test_card("610433", 2),
        "Not enough money: the order fails",
        refused=_("There is not enough money on the card."),
        fails_with=_("refused: insufficient funds"),
    ),
    CardScenario(
        "bank_down",
        test_card("627353", 3),
        "The card's bank does not answer: try another card",
        refused=_("The card's bank does not answer. Try another card."),
    ),
    CardScenario(
        "blocked",
        test_card("589210", 4),
        "The card is blocked: try another card",
        refused=_("The card is blocked."),
    ),
    CardScenario(
        "other_owner",
        test_card("603769", 5),
        "Belongs to somebody else: refused where the order names a national code;"
        " at PPG v3 only with the switch v3_national_code_check",
    ),
    CardScenario(
        "slow_bank",
        test_card("622106", 6),
        "Pays after 5 seconds",
        seconds=5,
    ),
    CardScenario(
        "callback_lost",
        test_card("502229", 7),
        "Pays; the browser never returns",
        paying="callback_missing",
    ),
    CardScenario(
        "callback_twice",
        test_card("502229", 8),
        "Pays; the shop is called back twice",
        paying="callback_twice",
    ),
    CardScenario(
        "callback_late",
        test_card("502229", 9),
        "Pays; the browser returns 10 seconds later",
        paying="callback_late",
    ),
    CardScenario(
        "unknown_twice",
        test_card("621986", 10),
        "Pays; verify says Unknown twice, then the truth",
        follow_ups=(FollowUp("verify_unknown", times=2),),
    ),
    CardScenario(
        "unknown_after_capture",
        test_card("621986", 11),
        "Pays; verify captures, but says Unknown; the inquiry says UNKNOWN twice",
        follow_ups=(
            FollowUp("verify_unknown_after_commit"),
            FollowUp("inquiry_unknown", "inquiry", 2),
        ),
    ),
    CardScenario(
        "verify_lost",
        test_card("628023", 12),
        "Pays; the answer to the first verify is lost after the capture",
        follow_ups=(FollowUp("reset_after_commit", "verify"),),
    ),
    CardScenario(
        "verify_failed",
        test_card("603770", 13),
        "Pays; verify always says Failed, and the money is returned when the order expires",
        follow_ups=(FollowUp("verify_failed", times=None),),
    ),
    CardScenario(
        "other_amount",
        test_card("589463", 14),
        "Pays; the inquiry says ten times the amount",
        follow_ups=(FollowUp("inquiry_other_amount", times=None),),
    ),
    CardScenario(
        "stuck",
        test_card("627412", 15),
        "Pays; the inquiry says IN_PROGRESS for ever",
        follow_ups=(FollowUp("inquiry_in_progress", times=None),),
    ),
    CardScenario(
        "expired_card",
        test_card("627488", 16),
        "The card has expired: the order fails",
        refused=_("The card has expired."),
        fails_with=_("refused: the card has expired"),
    ),
    CardScenario(
        "wrong_pin",
        test_card("636214", 17),
        "The bank finds the password wrong: the order fails",
        refused=_("The password is wrong."),
        fails_with=_("refused: wrong password"),
    ),
)

SCENARIO_OF_NUMBER = {scenario.number: scenario for scenario in TEST_CARDS}


def scenario_of(card: Card) -> CardScenario:
    """Return the test card's scenario; any other card pays."""
    return SCENARIO_OF_NUMBER.get(card.number, TEST_CARDS[0])


def bank_refusals(order: Order, card: Card, dynamic_password: str) -> list[Mistake]:
    """Return why the bank refuses this card for this order."""
    scenario = scenario_of(card)
    found = []
    if card.password not in (STATIC_PASSWORD, dynamic_password):
        found.append(Mistake("password", _("The dynamic password is wrong.")))
    if order.force_payer_card and order.payer_card_number not in (None, card.number):
        message = _("This order can be paid only with the card that the shop has named.")
        found.append(Mistake("card", message))
    if order.national_code is not None and scenario.key == "other_owner":
        message = _("The card does not belong to the national code of this order.")
        found.append(Mistake("card", message))
    return found or ([Mistake("card", scenario.refused)] if scenario.refused else [])
