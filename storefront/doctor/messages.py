"""Check who carries messages: the mail server, the SMS provider, the merchant's webhook."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from flask import current_app

from storefront.core.settings import is_test_mode
from storefront.doctor.findings import Finding, Findings, not_checked, ok, warning, wrong
from storefront.notifications.channels import quick_mailer
from storefront.notifications.dispatcher import NotDelivered
from storefront.notifications.email import SmtpSender
from storefront.notifications.kavenegar import Account, KavenegarProvider

LITTLE_CREDIT_RIALS = 500_000  # some hundred texts


def mail_server() -> Findings:
    """Check that the mail server lets the shop in; nothing is sent."""
    mailer = quick_mailer()
    if not isinstance(mailer, SmtpSender):
        yield _no_mail_server()
        return
    place = urlsplit(current_app.config["SMTP_URL"]).hostname
    try:
        mailer.log_in()
    except NotDelivered as error:
        todo = "see STOREFRONT_SMTP_URL: host, port, user and password (%XX for odd characters)"
        yield wrong(f"{place} does not let the shop in: {error}", todo)
    else:
        yield ok(f"{place} lets the shop in")


def _no_mail_server() -> Finding:
    if is_test_mode(current_app.config):
        return not_checked("SMTP_URL is not set: letters are named in the log")
    return warning("shoppers get no e-mail: SMTP_URL is not set", "set STOREFRONT_SMTP_URL")


def sms() -> Findings:
    """Check that the SMS provider knows the key and has credit; a bridge is only looked up."""
    url = current_app.config["SMS_URL"]
    if url is None:
        yield not_checked("SMS_URL is not set: shoppers get no text messages")
    elif url.startswith("kavenegar:"):
        yield from _kavenegar(url)
    elif is_test_mode(current_app.config):
        yield not_checked("in test mode text messages stay in the sandbox's inbox")
    else:
        yield from _resolved("SMS_URL", url)
        yield not_checked("a bridge has no call that sends nothing")


def _kavenegar(url: str) -> Findings:
    provider = KavenegarProvider(Account.from_url(url), current_app.config["PUBLIC_URL"])
    try:
        credit_rials = provider.credit_rials()
    except NotDelivered as error:
        yield wrong(f"no account: {error}", "see STOREFRONT_SMS_URL, and docs/sms.md for the code")
        return
    if credit_rials is None:
        yield ok("Kavenegar knows the key")
    elif credit_rials < LITTLE_CREDIT_RIALS:
        yield warning(f"Kavenegar: the credit is {credit_rials:,} Rials", "top the account up")
    else:
        yield ok(f"Kavenegar knows the key; the credit is {credit_rials:,} Rials")


def webhook() -> Findings:
    """Check that the address of the merchant's system leads somewhere."""
    url = current_app.config["WEBHOOK_URL"]
    if url is None:
        yield not_checked("WEBHOOK_URL is not set")
        return
    yield from _resolved("WEBHOOK_URL", url)


def _resolved(setting: str, url: str) -> Findings:
    """Look the host up; the rest of the address may be a secret."""
    parts = urlsplit(url)
    host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((host, port), timeout=5.0):
            yield ok(f"{host} can be reached")
    except socket.gaierror as error:
        yield wrong(f"{host} cannot be looked up: {error.strerror}", f"see STOREFRONT_{setting}")
    except OSError as error:
        todo = f"see STOREFRONT_{setting}, and the firewalls on the way"
        yield wrong(f"{host} does not answer: {error.strerror or 'no answer in time'}", todo)
