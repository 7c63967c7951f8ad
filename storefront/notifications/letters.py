"""Say what a letter says: one template, shown as plain text and as HTML.

The merchant's own text is used where there is one; a letter for which it fails has the bundled one.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from flask import current_app

from storefront.core.seller import current_seller
from storefront.notifications import letter_texts
from storefront.notifications.insertions import END, LTR, OWN_DIRECTION, Insertions
from storefront.notifications.letter_facts import FIELDS, Facts, facts_about
from storefront.notifications.letter_language import WrongTemplate, render
from storefront.notifications.outbox import Kind, OutboxMessage
from storefront.notifications.support import support_as_html, support_as_text

logger = logging.getLogger(__name__)

LONGEST_SUBJECT = 200
_MARKS = re.compile(f"[{LTR}{OWN_DIRECTION}{END}]")


class Letter:
    """The words of a letter, in the reader's language.

    The first line of a template is the subject, blank lines part its paragraphs. A ``strict``
    letter may put in nothing that is empty. Raises WrongTemplate. Below each letter to a shopper
    stands whom to ask.
    """

    def __init__(
        self,
        source: str,
        language: str,
        fields: tuple[str, ...],
        facts: Facts,
        *,
        strict: bool = False,
        to_shopper: bool = True,
    ) -> None:
        self.language, self._has_support = language, to_shopper
        self._insertions = Insertions(language, strict=strict)
        written = render(source, fields, facts, self._insertions, strict=strict)
        subject, _, body = written.partition("\n")
        self._subject, self._body = subject.strip(), body.strip()
        if strict and not 0 < len(self.subject) <= LONGEST_SUBJECT:
            raise WrongTemplate("subject", 1, str(LONGEST_SUBJECT))
        if strict and not self._body:
            raise WrongTemplate("no_body", 2)

    @property
    def subject(self) -> str:
        """The subject, without marks of direction: lists of letters may show them as boxes."""
        return _MARKS.sub("", self._insertions.as_text(self._subject))

    @property
    def text(self) -> str:
        """The plain text."""
        support = support_as_text(current_seller(), self.language) if self._has_support else ""
        return self._insertions.as_text(self._body) + (f"\n\n{support}\n" if support else "\n")

    @property
    def html(self) -> str:
        """The same words under the subject as headline."""
        as_html, seller = self._insertions.as_html, current_seller()
        return current_app.jinja_env.get_template("emails/layout.html").render(
            language=self.language,
            subject=self.subject,
            headline=as_html(self._subject),
            paragraphs=[
                [as_html(line.strip()) for line in paragraph.splitlines()]
                for paragraph in self._body.split("\n\n")
            ],
            support=support_as_html(seller, self.language) if self._has_support else "",
            colours=seller.link_colours,
        )


def own_letter(kind: Kind, language: str, source: str, facts: Facts) -> Letter:
    """Return a letter of the merchant's own text. Raises WrongTemplate."""
    return Letter(source, language, FIELDS[kind], facts, strict=True)


def letter_about(message: OutboxMessage, public_url: str, now: datetime) -> Letter:
    """Return the letter about a message, in the shopper's language."""
    kind, language = message.kind, message.payment.order.language
    facts = facts_about(message, public_url, now)
    own = letter_texts.own(kind, language)
    try:
        if own is not None:
            return own_letter(kind, language, own.text, facts)
    except Exception:  # whatever it is: the shopper gets the bundled letter
        logger.exception("the shop's own letter %s.%s failed", kind, language)
    return Letter(letter_texts.bundled(kind, language), language, FIELDS[kind], facts)


class Words(Protocol):
    """What an alarm means, and what to do."""

    @property
    def title(self) -> str:
        """In a few words."""

    @property
    def advice(self) -> str:
        """In a sentence."""


def alarm_letter(
    event: str,
    words: Mapping[str, Words],
    began_at: datetime,
    ended_at: datetime | None,
    admin_url: str,
) -> Letter:
    """Return the letter to the merchant about an incident: in Persian, the gist in English."""
    facts: dict[str, Any] = {
        "title": words["fa"].title,
        "advice": words["fa"].advice,
        "title_en": words["en"].title,
        "advice_en": words["en"].advice,
        "began_at": began_at,
        "ended_at": ended_at,
        "order_url": admin_url,
        "shop_name": current_seller().name("fa"),
    }
    source = letter_texts.bundled(event, "fa")
    return Letter(source, "fa", tuple(facts), facts, to_shopper=False)
