"""Name messages, channels and failures, and say what is wrong with a template, in plain words."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from storefront.core import formats
from storefront.notifications.insertions import END, LTR
from storefront.notifications.letter_language import WrongTemplate
from storefront.notifications.outbox import Channel, Kind
from storefront.notifications.sms_limits import DAYS_TEXTS_USED, LIMIT_REACHED
from storefront.web.language import current_language

KINDS: dict[Kind, Any] = {
    Kind.ORDER_PAID: _("The order is paid"),
    Kind.PAYMENT_FAILED: _("The payment did not go through"),
    Kind.MONEY_RETURNED: _("The money goes back"),
    Kind.ORDER_REFUNDED: _("Money was refunded"),
    Kind.ORDER_SENT: _("The parcel is on its way"),
}
CHANNELS: dict[Channel, Any] = {
    Channel.EMAIL: _("E-mail to the customer"),
    Channel.SMS: _("SMS to the customer"),
    Channel.WEBHOOK: _("Call to your own system"),
}
LANGUAGES = {"fa": _("Persian"), "en": _("English")}

_REASONS = (
    ("SMTP: SMTPAuthenticationError", _("The mail server refused our name and password.")),
    ("SMTP: SMTPRecipientsRefused", _("The mail server refused the customer's address.")),
    ("SMTP: SMTPSenderRefused", _("The mail server refused the shop's address as the sender.")),
    ("SMTP: the server offers no STARTTLS", _("The mail server offers no encryption.")),
    ("SMTP: the server takes no address", _("The mail server cannot send to such an address.")),
    ("SMTP: ", _("The mail server did not answer, or did not take the letter.")),
    ("SMS: Kavenegar 411", _("The SMS provider says that this is no mobile number.")),
    ("SMS: Kavenegar 418", _("Your credit at the SMS provider is used up. Top it up.")),
    ("SMS: Kavenegar 420", _("Your account at the SMS provider may not send links. Ask for it.")),
    *(
        (f"SMS: Kavenegar {code}", _("The SMS provider does not accept your key. Check SMS_URL."))
        for code in (401, 403)
    ),
    *(
        (f"SMS: Kavenegar {code}", _("The SMS provider does not accept calls from this server."))
        for code in (407, 416, 429)
    ),
    *(
        (f"SMS: Kavenegar {code}", _("You may not send from this line. Check the sender."))
        for code in (412, 427)
    ),
    ("SMS: Kavenegar ", _("The SMS provider did not take the message.")),
    ("SMS: refused", _("The SMS provider will never take this message.")),
    (DAYS_TEXTS_USED, _("The day's text messages are used up (SMS_PER_DAY); it is sent later.")),
    (LIMIT_REACHED, _("A limit of text messages is reached; it is sent later.")),
    ("SMS: ", _("The SMS provider did not answer, or answered with an error.")),
    ("webhook: HTTP ", _("Your own system answered with an error.")),
    ("webhook: ", _("Your own system did not answer.")),
    ("no letter can be addressed", _("Emails cannot be sent to this address.")),
    ("this channel is not configured", _("Sending is turned off in the settings.")),
    ("defect: ", _("A fault of the shop. Call whoever looks after it.")),
)


def reason_in_words(error: str | None) -> str:
    """Return why a message was not sent, as a merchant reads it."""
    for beginning, words in _REASONS:
        if error and error.startswith(beginning):
            return str(words)
    return error or ""


_WRONG = {
    "too_long": _("It is too long: at most %(about)s characters."),
    "unreadable": _("It is not written right: %(about)s"),
    "no_end": _("Something is not closed: each {%% if %%} needs {%% endif %%}, each {%% for %%}"
                " needs {%% endfor %%}, and brackets close as they open."),
    "too_deep": _("Too much stands inside one another. Write it more simply."),
    "empty_value": _("This is empty for some orders. Ask first, as in"
                     " {%% if order.tracking_code %%} … {%% endif %%}."),
    "wrong_value": _("This function does not fit this value: toman is for amounts, moment for"
                     " times."),
    "not_allowed": _("Letters may not use “%(about)s”."),
    "loop": _("A loop may go through the lines of the order only, as in {%% for line in order.lines"
              " %%}, and not inside another one."),
    "name_taken": _("Choose another name than “%(about)s” for the loop."),
    "unknown_function": _("There is no function “%(about)s”. Those that there are stand below."),
    "one_value": _("“%(about)s” takes one value in its brackets, such as number(order.number)."),
    "link": _("A link is link(order_url), link(invoice_url), or an address that begins with https://, in quotes."),
    "unknown_name": _("There is no “%(about)s” in this letter. What there is stands below."),
    "choose_field": _("Say what of “%(about)s”, as in order.number."),
    "unknown_field": _("There is no “%(about)s” in this letter. What there is stands below."),
    "subject": _("The first line is the subject: it may not be empty, nor longer than %(about)s"
                 " characters."),
    "no_body": _("Write the letter below the subject."),
}  # fmt: skip


_NOT_CLOSED = re.compile(r"(?i)unexpected end of|looking for|unknown tag 'end|unexpected '[\])}]")
# Code and numbers, in a sentence that is Persian otherwise.
_CODE = re.compile(r"[A-Za-z0-9{(](?:[ -~]*[A-Za-z0-9_)}\"/])?")


def wrong_in_words(error: WrongTemplate) -> str:
    """Return what is wrong with a template, and in which line."""
    is_open = error.reason == "unreadable" and _NOT_CLOSED.search(error.about)
    said = str(_WRONG["no_end" if is_open else error.reason])
    words, language = said % {"about": error.about}, current_language()
    if error.line:
        words = str(gettext("Line %(line)s: %(words)s", line=error.line, words=words))
    return _CODE.sub(_in_order, words) if language == "fa" else words


def _in_order(code: re.Match[str]) -> str:
    """Return numbers in Persian digits, and keep code from being turned round in Persian."""
    return formats.digits(code[0], "fa") if code[0].isdigit() else f"{LTR}{code[0]}{END}"


FUNCTIONS = {
    "number": _("digits, in those of the language"),
    "code": _("a code as it is"),
    "name": _("a name, in any script"),
    "toman": _("an amount, in Toman"),
    "moment": _("day and time in Tehran"),
    "link": _("an address; let it stand on a line of its own"),
}
FIELDS = {
    "order.number": ("number", _("the order's number")),
    "order.full_name": ("name", _("the customer's name")),
    "order.amount_rials": ("toman", _("the amount of the order")),
    "order.refunded_rials": ("toman", _("how much of it has gone back so far")),
    "order.tax_included_rials": ("toman", _("the tax that the prices contain; may be 0")),
    "order.delivery_days_from": ("number", _("working days until it is there, at least")),
    "order.delivery_days_to": ("number", _("working days until it is there, at most")),
    "order.paid_at": ("moment", _("when it was paid")),
    "order.carrier": ("name", _("who brings the parcel; may be empty")),
    "order.tracking_code": ("code", _("the parcel's tracking code; may be empty")),
    "order_url": ("link", _("the address of the order's page")),
    "shop_name": ("name", _("the shop's name")),
    "shop_hours": ("name", _("when the shop is open; may be empty")),
    "failure.because": ("name", _("why the bank declined, in our words; may be empty")),
    "failure.bank_said": ("name", _("what the bank said about it; may be empty")),
    "order.reserved_until": ("moment", _("until when its items are reserved")),
    "pay_until": ("moment", _("until when it can be paid; empty if that time is over")),
    "shop_address": ("name", _("the shop's address; may be empty")),
    "invoice_url": (
        "link",
        _("the address of the invoice, which shows the customer's name and address"),
    ),
    "payment.amount_rials": ("toman", _("the amount of the payment")),
    "payment.gateway_payment_id": ("code", _("the gateway's number of the payment")),
    "payment.tracking_number": ("code", _("the bank's tracking number; may be empty")),
    "payment.payer_card": ("number", _("the card, with most digits hidden; may be empty")),
    "refund.amount_rials": ("toman", _("how much has gone back now")),
}
OF_A_LINE = {
    "line.name_fa": ("name", _("the product's name in Persian")),
    "line.name_en": ("name", _("the product's name in English")),
    "line.quantity": ("number", _("how many pieces")),
    "line.amount_rials": ("toman", _("what they cost together")),
}
