"""Say what each alarm means to a merchant, and what there is to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import force_locale
from flask_babel import lazy_gettext as _

LANGUAGES = ("fa", "en")


@dataclass(frozen=True, slots=True)
class AlarmWords:
    """A title of a few words, and a sentence of advice."""

    title: str
    advice: str


ALARMS: Mapping[str, AlarmWords] = {
    "in_review": AlarmWords(
        _("A payment needs your decision"),
        _("The gateway gave no clear answer. Look at its panel, then decide."),
    ),
    "oldest_doubt": AlarmWords(
        _("A payment has been in doubt for more than two hours"),
        _("The shop keeps asking the gateway. If it lasts, call the gateway's support."),
    ),
    "discrepancies": AlarmWords(
        _("The shop's records and the gateway's differ"),
        _("Compare the payment with the gateway's panel, and decide which side is right."),
    ),
    "contradictions": AlarmWords(
        _("A gateway contradicts how a payment ended"),
        _("Read the order's history. The next comparison of the records lists the difference."),
    ),
    "refunds": AlarmWords(
        _("A refund needs you"),
        _("It has failed, waits for you or takes longer than a day. Look at the order."),
    ),
    "dead_letters": AlarmWords(
        _("Messages could not be sent"),
        _("They were refused, or not taken for three days. Messages says by whom, and why."),
    ),
    "oldest_notification": AlarmWords(
        _("Messages wait for more than ten minutes"),
        _("Who sends them does not answer, or the background worker stands. See Messages."),
    ),
    "texts_over_cap": AlarmWords(
        _("The day's text messages are used up"),
        _("Those that wait are sent as the day passes. If it comes again, raise SMS_PER_DAY."),
    ),
    "jobs": AlarmWords(
        _("The shop's background worker does not work"),
        _("Start it again soon: without it payments are not finished and no messages are sent."),
    ),
    "breakers": AlarmWords(
        _("A payment gateway does not answer"),
        _("Shoppers cannot pay there now. The shop keeps trying; ask the gateway if it lasts."),
    ),
    "much_held": AlarmWords(
        _("Unpaid orders hold much of your stock"),
        _("After 15 minutes it is free again by itself. If it comes again, see who orders."),
    ),
    "left_behind": AlarmWords(
        _("Payments are open at a gateway that is turned off"),
        _("Turn that gateway on again until they are finished."),
    ),
    "failing_payments": AlarmWords(
        _("A payment cannot be processed"),
        _("The shop has failed several times and tries again. Call whoever looks after it."),
    ),
    "failing_orders": AlarmWords(
        _("An unpaid order cannot be ended"),
        _("The shop has failed several times and tries again. Call whoever looks after it."),
    ),
    "many_callbacks": AlarmWords(
        _("Somebody keeps opening the return address of a payment"),
        _("No payment can be changed by it. If it goes on, block who does it."),
    ),
    "odd_answers": AlarmWords(
        _("A gateway's answers look different"),
        _("Payments go on. The gateway may have changed: call whoever looks after the shop."),
    ),
    "failed_logins": AlarmWords(
        _("Many wrong passwords for the back office"),
        _("Somebody may be guessing. See the logins of the day under System."),
    ),
    "limits_down": AlarmWords(
        _("The shop's protection against floods is off"),
        _("The shop goes on without it. Call whoever looks after it."),
    ),
}


def words_of(name: str) -> AlarmWords:
    """Return an alarm's words; a name that only another version knows stands for itself."""
    return ALARMS.get(name) or AlarmWords(name, "")


def in_both_languages(name: str) -> dict[str, AlarmWords]:
    """Return an alarm's words by language, for a process that serves no page."""
    said = {}
    for language in LANGUAGES:
        with force_locale(language):
            words = words_of(name)
            said[language] = AlarmWords(str(words.title), str(words.advice))
    return said
