"""Let the merchant word the shop's e-mails: look at one, try it, keep it, or take it back."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from limits import RateLimitItemPerHour

from storefront.admin.access import area, person
from storefront.admin.message_words import (
    FIELDS,
    FUNCTIONS,
    KINDS,
    LANGUAGES,
    OF_A_LINE,
    reason_in_words,
    wrong_in_words,
)
from storefront.core.database import end_reading, transaction
from storefront.core.limits import current_limits
from storefront.core.services import current_services
from storefront.core.typed import plain_email, several_lines
from storefront.notifications import letter_facts, letter_samples, letter_texts
from storefront.notifications.channels import quick_mailer
from storefront.notifications.dispatcher import NotDelivered
from storefront.notifications.letter_language import LONGEST_TEMPLATE, WrongTemplate
from storefront.notifications.letters import Letter
from storefront.notifications.outbox import Kind
from storefront.staff import log
from storefront.staff.models import Role
from storefront.web import asking, limits

blueprint = area("letters", needs=Role.OWNER)

TEST_LETTERS = RateLimitItemPerHour(20, namespace="test letters")  # of everybody together
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@blueprint.get("/messages/letters")
def show_list() -> ResponseReturnValue:
    """Return every kind of letter, and who has worded it."""
    own = {(each.kind, each.language): each for each in letter_texts.every_own()}
    return render_template("admin/letters.html", own=own, kinds=KINDS, languages=LANGUAGES)


@blueprint.get("/messages/letters/<kind>/<code>")
def show(kind: str, code: str) -> ResponseReturnValue:
    """Return a letter's text in a form, with a preview."""
    which = _which(kind, code)
    own = letter_texts.own(*which)
    return _page(which, own.text if own else letter_texts.bundled(*which).strip())


def _which(kind: str, code: str) -> tuple[Kind, str]:
    """Return the letter of an address. Not ``language``: that would switch the page's own."""
    if kind not in set(Kind) or code not in LANGUAGES:
        abort(404)
    return Kind(kind), code


def _typed() -> str:
    """Return the text of the form, in visible letters."""
    return several_lines(request.form.get("text", ""))


def _checked(which: tuple[Kind, str], text: str) -> Letter:
    """Return the sample's letter. Raises WrongTemplate."""
    public_url = current_app.config["PUBLIC_URL"]
    return letter_samples.check(*which, text, current_services().clock(), public_url)


def _page(
    which: tuple[Kind, str], text: str, status: int = 200, **also: Any
) -> ResponseReturnValue:
    """Return the form with a preview, or with what is wrong with the text."""
    kind, language = which
    letter, wrong = None, None
    try:
        letter = _checked(which, text)
    except WrongTemplate as error:
        status, wrong = 422, error
    fields = {path: FIELDS[path] for path in letter_facts.FIELDS[kind] if path in FIELDS}
    page = {
        "kind": kind,
        "letter_language": language,
        "kinds": KINDS,
        "languages": LANGUAGES,
        "text": text,
        "longest": LONGEST_TEMPLATE,
        "letter": letter,
        "wrong": wrong_in_words(wrong) if wrong else None,
        "own": letter_texts.own(kind, language),
        "fields": fields,
        "of_a_line": OF_A_LINE if "order.lines" in letter_facts.FIELDS[kind] else {},
        "functions": FUNCTIONS,
        "has_mail_server": bool(current_app.config["SMTP_URL"]),
    }
    return render_template("admin/letter.html", **(page | also)), status


@blueprint.post("/messages/letters/<kind>/<code>")
def keep(kind: str, code: str) -> ResponseReturnValue:
    """Keep a text that can be used; one that cannot is shown again with the reason."""
    which, text = _which(kind, code), _typed()
    try:
        _checked(which, text)
    except WrongTemplate:
        return _page(which, text)
    letter_texts.keep(*which, text, current_services().clock(), by=person().name)
    flash(_("The text is kept: the next letters say this."), "success")
    return redirect(url_for("admin_letters.show", kind=kind, code=code), 303)


@blueprint.post("/messages/letters/<kind>/<code>/preview")
def preview(kind: str, code: str) -> ResponseReturnValue:
    """Return the same page with the text as it was typed; nothing is kept."""
    return _page(_which(kind, code), _typed())


@blueprint.post("/messages/letters/<kind>/<code>/html")
def preview_html(kind: str, code: str) -> ResponseReturnValue:
    """Return the letter itself, as mail programs show it, on a page of its own."""
    which, text = _which(kind, code), _typed()
    try:
        html = _checked(which, text).html
    except WrongTemplate:
        return _page(which, text)
    return Response(html, headers={"Content-Security-Policy": _policy_for(html)})


def _policy_for(html: str) -> str:
    """Allow the letter's own style, and nothing else."""
    styles = (hashlib.sha256(style.encode()).digest() for style in _STYLE.findall(html))
    known = " ".join(f"'sha256-{base64.b64encode(each).decode()}'" for each in styles)
    return (
        f"default-src 'none'; style-src {known}; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'; sandbox"
    )


@blueprint.post("/messages/letters/<kind>/<code>/test")
def send_test(kind: str, code: str) -> ResponseReturnValue:
    """Send the text as it was typed, about the sample's order, to an address."""
    which, text = _which(kind, code), _typed()
    typed = request.form.get("address", "")[:320]
    address = plain_email(typed)
    if not _is_email(address):
        return _page(which, text, 422, address=typed, wrong_address=_("Write an e-mail address."))
    try:
        letter = _checked(which, text)
    except WrongTemplate:
        return _page(which, text, address=typed)
    if seconds := current_limits().take(TEST_LETTERS):
        page = _page(which, text, address=typed, wrong_address=limits.advice(seconds))
        return limits.refused(page, seconds)
    trouble = _send(which, letter, address)
    done = None if trouble else _("The test was sent to %(address)s.", address=address)
    return _page(which, text, 502 if trouble else 200, address=typed, trouble=trouble, done=done)


def _is_email(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return False
    return True


def _send(which: tuple[Kind, str], letter: Letter, address: str) -> str | None:
    """Send a letter now; return why it was not sent."""
    end_reading()
    try:
        quick_mailer().write(letter, [address], f"test:{secrets.token_hex(8)}")
    except NotDelivered as failure:
        return reason_in_words(str(failure))
    with transaction():
        now = current_services().clock()
        log.note("letter_tested", person().name, now, letter=".".join(which))
    return None


@blueprint.post("/messages/letters/<kind>/<code>/bundled")
def go_back(kind: str, code: str) -> ResponseReturnValue:
    """Go back to the text that came with the shop."""
    which = _which(kind, code)
    if not asking.is_sure():
        return _ask_to_go_back(kind, code)
    letter_texts.drop(*which, current_services().clock(), by=person().name)
    flash(_("The letters say again what came with the shop."), "success")
    return redirect(url_for("admin_letters.show", kind=kind, code=code), 303)


def _ask_to_go_back(kind: str, code: str) -> ResponseReturnValue:
    return asking.ask(
        _("Delete your own text of this letter?"),
        _("The next letters say again what came with the shop. Your text cannot be brought back."),
        yes=_("Back to the text that came with the shop"),
        no=_("Change nothing"),
        back=url_for("admin_letters.show", kind=kind, code=code),
        layout=asking.OFFICE,
        area="messages",
    )
