"""What a letter says: the same as text and as HTML, readable in either direction."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from storefront.core.formats import jalali
from storefront.notifications import letter_samples, letter_texts
from storefront.notifications.email import email_of
from storefront.notifications.insertions import Insertions
from storefront.notifications.letter_language import render
from storefront.notifications.letters import Letter
from storefront.notifications.mail_policy import POLICY
from storefront.notifications.outbox import Kind
from testkit.cases import naming
from testkit.databases import SqliteFiles
from testkit.letters import NAMES, every_letter, parts, soup
from testkit.valid_html import parse_errors

MASKED = {"fa": r"[۰-۹]{6}\*{6}[۰-۹]{4}", "en": r"[0-9]{6}\*{6}[0-9]{4}"}
ISOLATES = re.compile("[\u2066\u2068\u2069]")
ISOLATED = re.compile("[\u2066\u2068][^\u2066-\u2069]*\u2069")


@pytest.fixture(scope="module")
def letters(
    sqlite_files: SqliteFiles, running: SandboxWorld, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, EmailMessage]:
    """Every letter; what they say does not hang on the database."""
    with sqlite_files.fresh(tmp_path_factory.mktemp("letters") / "shop", stocked=True) as url:
        return every_letter(url, running.world("letters"))


def words(text: str) -> list[str]:
    return ISOLATES.sub("", text).split()


def test_every_letter_is_the_same_as_text_and_as_html(letters: dict[str, EmailMessage]) -> None:
    kinds = {kind.replace("_", "-") for kind in Kind}
    assert letters.keys() == {f"{kind}-{language}" for kind in kinds for language in NAMES}
    for name, letter in letters.items():
        text, _ = parts(letter)
        page = soup(letter)
        for line_break in page.find_all("br"):
            line_break.replace_with("\n")
        assert parse_errors(parts(letter)[1]) == []
        assert page.body
        assert page.title
        assert words(page.body.get_text()) == words(f"{letter['Subject']} {text}"), name
        assert page.title.text == letter["Subject"]


def test_a_subject_arrives_with_all_its_blanks(letters: dict[str, EmailMessage]) -> None:
    for letter in letters.values():
        arrived = message_from_bytes(letter.as_bytes(), policy=policy.default)
        assert arrived["Subject"] == letter["Subject"]


def test_wherever_a_subject_is_folded_it_keeps_its_blanks() -> None:
    for letters_before in range(40):
        email = EmailMessage(POLICY)
        email["Subject"] = f"سفارش {'ا' * letters_before} چند پیام ارسال نشد"
        arrived = message_from_bytes(email.as_bytes(), policy=policy.default)
        assert arrived["Subject"] == email["Subject"]


def test_numbers_and_names_in_a_letter_keep_their_direction(
    letters: dict[str, EmailMessage],
) -> None:
    for language in NAMES:
        paid = letters[f"order-paid-{language}"]
        shown = {str(each) for each in soup(paid).select("bdi")}
        masked = f'<bdi dir="ltr">{MASKED[language]}</bdi>'
        assert any(re.fullmatch(masked, each) for each in shown)
        assert f"<bdi>{NAMES[language]}</bdi>" in shown
        text, _ = parts(paid)
        assert f"\u2068{NAMES[language]}\u2069" in text
    for name, letter in letters.items():
        if name.endswith("-fa"):
            text, _ = parts(letter)
            for shown_number in soup(letter).select('p bdi[dir="ltr"]'):
                assert f"\u2066{shown_number.text}\u2069" in text


def first_strong(line: str) -> str:
    """The direction that a mail program gives a line: its first letter's outside isolates."""
    kinds = (unicodedata.bidirectional(letter) for letter in ISOLATED.sub("", line))
    return next((kind for kind in kinds if kind in ("L", "R", "AL")), "")


def test_every_line_of_a_letter_begins_on_its_languages_side(
    letters: dict[str, EmailMessage],
) -> None:
    for name, letter in letters.items():
        text, _ = parts(letter)
        lines = [letter["Subject"], *text.split("\n")]
        assert not ISOLATES.search(letter["Subject"])
        sides = {first_strong(line) for line in lines if line and not line.startswith("https://")}
        assert sides == {"AL" if name.endswith("-fa") else "L"}, name


def test_each_link_stands_on_a_line_of_its_own_where_no_mark_can_get_into_it(
    letters: dict[str, EmailMessage],
) -> None:
    with_an_invoice = ("order-paid", "order-sent")
    for name, letter in letters.items():
        text, _ = parts(letter)
        links = soup(letter).select("p:not(.support) a")
        assert len(links) == (2 if name.startswith(with_an_invoice) else 1), name
        for link in links:
            assert link["href"] in text.split("\n")
            assert link.text == link["href"]


def test_below_each_letter_stands_whom_to_ask(letters: dict[str, EmailMessage]) -> None:
    for name, letter in letters.items():
        last = parts(letter)[0].strip().split("\n")[-1]
        assert "support@shop.example" in last, name
        assert ("۰۲۱-۰۰۰۰۰۰۰۰" if name.endswith("-fa") else "021-00000000") in last, name
        links = soup(letter).select(".support a")
        assert [a["href"] for a in links] == ["tel:+982100000000", "mailto:support@shop.example"]


def test_a_sender_without_a_name_has_the_shops_in_the_readers_language(
    another_shop: Callable[..., Flask],
) -> None:
    facts = {"order_url": "https://shop.example"}
    with another_shop(DATABASE_URL="sqlite:///:memory:").app_context():
        for language, name in {"fa": "ایوان", "en": "Eyvan"}.items():
            letter = Letter("About it\n{{ link(order_url) }}", language, tuple(facts), facts)
            for sender, shown in (("a@b.example", name), ("Ours <a@b.example>", "Ours")):
                email = email_of(letter, sender, ["c@d.example"], datetime.now(UTC), "key")
                assert email["From"].addresses[0].display_name == shown


@pytest.mark.long
def test_moments_in_a_letter_are_readable_for_machines(letters: dict[str, EmailMessage]) -> None:
    for language in NAMES:
        (shown,) = soup(letters[f"order-paid-{language}"]).select("time")
        moment = datetime.fromisoformat(str(shown["datetime"]))
        assert moment.utcoffset() == timedelta(0)
        assert not moment.microsecond, "HTML takes three digits of a second's fraction at most"
        assert shown.text == jalali(moment, language)


def test_a_letter_looks_for_nothing_outside_and_fits_a_phone_and_the_dark(
    letters: dict[str, EmailMessage],
) -> None:
    for letter in letters.values():
        _, html = parts(letter)
        page = soup(letter)
        assert not page.select("img, link, script, iframe, [src], [background]")
        assert "url(" not in html
        assert page.select_one('meta[name="viewport"][content^="width=device-width"]')
        assert "prefers-color-scheme: dark" in html
        language = str(letter["Content-Language"])
        inner = page.select_one("body > div")
        assert inner
        assert (inner["lang"], inner["dir"]) == (language, {"fa": "rtl", "en": "ltr"}[language])


def test_nothing_in_a_name_or_a_template_becomes_markup_or_another_insertion() -> None:
    put = Insertions("en")
    order, name = put.number(17), put.name("<b>Ali</b> \ue0000\ue001 \u2069")
    written = f"Tom & Jerry <i> {order} {name}"
    assert put.as_text(written) == "Tom & Jerry <i> 17 \u2068<b>Ali</b> \ufffd0\ufffd \ufffd\u2069"
    assert put.as_html(written) == (
        'Tom &amp; Jerry &lt;i&gt; <bdi dir="ltr">17</bdi>'
        " <bdi>&lt;b&gt;Ali&lt;/b&gt; \ufffd0\ufffd \ufffd</bdi>"
    )


def test_a_tag_at_the_end_of_a_line_of_text_does_not_join_it_to_the_next() -> None:
    goods = [SimpleNamespace(name_en=name, quantity=2) for name in ("Bowl", "Plate")]
    loop = "{% for line in order.lines %}\n%s\n{% endfor %}\nYours"
    for line in (
        "{{ name(line.name_en) }}, piece{% if line.quantity > 1 %}s{% endif %}",
        "{% if line.quantity > 1 %}\n{{ name(line.name_en) }}, pieces\n{% endif %}",
        "{{ name(line.name_en) }}, piece{% if line.quantity\n > 1 %}s{% endif +%}",
    ):
        put = Insertions("en")
        facts = {"order": SimpleNamespace(lines=goods)}
        source = loop.replace("%s", line)
        written = put.as_text(render(source, ("order.lines",), facts, put, strict=False))
        with naming(line):
            plain = ISOLATES.sub("", written)
            assert plain == "Bowl, pieces\nPlate, pieces\nYours"


def test_each_product_of_an_order_stands_on_a_line_of_its_own(app: Flask) -> None:
    at = datetime(2026, 11, 30, tzinfo=UTC)
    with app.app_context():
        for language in ("fa", "en"):
            for kind in (Kind.ORDER_PAID, Kind.ORDER_SENT):
                source = letter_texts.bundled(kind, language)
                text = letter_samples.check(kind, language, source, at, "http://shop.example").text
                with naming(kind, language):
                    goods = [str(each[language == "en"]) for each in letter_samples.GOODS]
                    assert all(
                        len([g for g in goods if g in line]) <= 1 for line in text.split("\n")
                    )
                    assert all(name in text for name in goods[:2])
