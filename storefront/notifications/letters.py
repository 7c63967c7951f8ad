"""Say what a notification's e-mail says: one template, shown as plain text and as HTML."""

from __future__ import annotations

import re
from datetime import datetime

from flask import current_app
from markupsafe import Markup, escape

from payment_engine.bounds import printable
from storefront.core import formats
from storefront.notifications.outbox import OutboxMessage

# Marks of direction: what stands between one of these and the end is ordered by itself. Without
# them the halves of 603799******7893 change places in a Persian line.
LTR, OWN_DIRECTION, END = "\u2066", "\u2068", "\u2069"
_MARKS = re.compile(f"[{LTR}{OWN_DIRECTION}{END}]")
_PLACE = re.compile("\ue000([0-9]+)\ue001")  # private use: `printable` lets none through


class _Place(str):
    """Where something stands in the text of a template."""

    __slots__ = ()


class Insertions:
    """What a template puts in: each has a numbered place in its text, and two forms.

    The public methods, but `as_text` and `as_html`, are the template's functions.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._forms: list[tuple[str, Markup]] = []

    def number(self, value: object) -> _Place:
        """Digits, grouped or masked, in those of the language; never turned round."""
        return self.code(formats.digits(value, self._language))

    def code(self, value: object) -> _Place:
        """What is copied as it is, such as a gateway's number for a payment; never turned round."""
        shown = printable(str(value))
        plain = f"{LTR}{shown}{END}" if self._language == "fa" else shown
        return self._keep(plain, Markup('<bdi dir="ltr">{}</bdi>').format(shown))

    def name(self, value: str) -> _Place:
        """A name, in whichever script it is."""
        shown = printable(value)
        return self._keep(f"{OWN_DIRECTION}{shown}{END}", Markup("<bdi>{}</bdi>").format(shown))

    def toman(self, amount_rials: int) -> _Place:
        """An amount of money."""
        shown = formats.toman(amount_rials, self._language)
        return self._keep(shown, escape(shown))

    def moment(self, moment_utc: datetime) -> _Place:
        """A moment, in Tehran."""
        shown = formats.jalali(moment_utc, self._language)
        return self._keep(shown, formats.time_element(moment_utc, shown))

    def link(self, url: str) -> _Place:
        """An address; on a line of its own, as mail programs take a mark beside it into it."""
        return self._keep(url, Markup('<a href="{0}" dir="ltr" rel="noopener">{0}</a>').format(url))

    def _keep(self, plain: str, html: Markup) -> _Place:
        self._forms.append((plain, html))
        return _Place(f"\ue000{len(self._forms) - 1}\ue001")

    def as_text(self, written: str) -> str:
        """Fill the places with the plain forms."""
        return _PLACE.sub(lambda place: self._forms[int(place[1])][0], written)

    def as_html(self, written: str) -> Markup:
        """Escape the text, then fill the places with the elements."""
        return Markup(_PLACE.sub(lambda place: self._forms[int(place[1])][1], escape(written)))  # noqa: S704 - escaped


class Letter:
    """The words of a letter, in the shopper's language.

    The first line of a template is the subject, blank lines part its paragraphs.
    """

    def __init__(self, message: OutboxMessage, order_url: str) -> None:
        self.language = message.payment.order.language
        self._insertions = Insertions(self.language)
        subject, _, body = self._written(message, order_url).partition("\n")
        self._subject, self._body = subject.strip(), body.strip()

    def _written(self, message: OutboxMessage, order_url: str) -> str:
        """Return the template's text; whatever is put into it stays on its line."""
        # Not render_template: what pages may use is about a request, and here is none.
        templates = current_app.jinja_env.overlay(finalize=_on_one_line)
        template = templates.get_template(f"emails/{message.kind}.{self.language}.txt")
        put = self._insertions
        functions = (put.number, put.code, put.name, put.toman, put.moment, put.link)
        return template.render(
            order=message.payment.order,
            payment=message.payment,
            refund=message.refund,
            order_url=order_url,
            **{function.__name__: function for function in functions},
        )

    @property
    def subject(self) -> str:
        """The subject, without marks of direction: lists of letters may show them as boxes."""
        return _MARKS.sub("", self._insertions.as_text(self._subject))

    @property
    def text(self) -> str:
        """The plain text."""
        return self._insertions.as_text(self._body) + "\n"

    @property
    def html(self) -> str:
        """The same words under the subject as headline."""
        as_html = self._insertions.as_html
        return current_app.jinja_env.get_template("emails/layout.html").render(
            language=self.language,
            subject=self.subject,
            headline=as_html(self._subject),
            paragraphs=[
                [as_html(line.strip()) for line in paragraph.splitlines()]
                for paragraph in self._body.split("\n\n")
            ],
        )


def _on_one_line(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, _Place):
        return printable(value)
    return value
