"""Send notifications: e-mail by SMTP (or to the log), and signed HTTP calls to the merchant."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import smtplib
import ssl
from email.message import EmailMessage
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from flask import Flask, current_app

from storefront.core.clock import Clock
from storefront.core.formats import digits, jalali, toman
from storefront.notifications.dispatcher import Channels, ChannelSender, NotDelivered
from storefront.notifications.outbox import Channel, Kind, OutboxMessage

logger = logging.getLogger(__name__)

TIMEOUT = (3.0, 10.0)  # seconds: to connect, to answer
# The webhook's `kind` and `order_identifier` are old names, kept beside the new ones for a release.
OLD_KINDS = {Kind.MONEY_RETURNED: "money_going_home"}


def channels(app: Flask, clock: Clock) -> Channels:
    """Return a sender for each configured channel; without SMTP, e-mail goes to the log."""
    config = app.config
    sender, public_url, smtp = config["MAIL_FROM"], config["PUBLIC_URL"], config["SMTP_URL"]
    by_mail: ChannelSender = ConsoleSender(sender, public_url)
    if smtp:
        by_mail = SmtpSender(smtp, sender, public_url)
    if not config["WEBHOOK_URL"]:
        return {Channel.EMAIL: by_mail}
    webhook = WebhookSender(config["WEBHOOK_URL"], config["WEBHOOK_SECRET"], clock)
    return {Channel.EMAIL: by_mail, Channel.WEBHOOK: webhook}


def email_about(message: OutboxMessage, sender: str, order_url: str) -> EmailMessage:
    """Return the e-mail about a message, in the shopper's language, as text and as HTML.

    The text is written once; its first line is the subject, blank lines part its paragraphs.
    """
    order = message.payment.order
    subject, _, body = _text(message, order_url).partition("\n")
    subject, body = subject.strip(), body.strip()
    email = EmailMessage()
    email["Subject"], email["From"], email["To"] = subject, sender, order.email
    email["Message-ID"] = f"<{message.key.replace(':', '.')}@{urlsplit(order_url).hostname}>"
    email.set_content(body + "\n")
    email.add_alternative(_html(subject, body, order.language), subtype="html")
    return email


def _text(message: OutboxMessage, order_url: str) -> str:
    order = message.payment.order
    # Not render_template: what pages may use is about a request, and here is none.
    template = current_app.jinja_env.get_template(f"emails/{message.kind}.{order.language}.txt")
    words = {
        format_.__name__: partial(format_, lang=order.language)
        for format_ in (digits, jalali, toman)
    }
    return template.render(order=order, payment=message.payment, order_url=order_url, **words)


def _html(subject: str, body: str, language: str) -> str:
    template = current_app.jinja_env.get_template("emails/layout.html")
    paragraphs = [paragraph.splitlines() for paragraph in body.split("\n\n")]
    return template.render(subject=subject, paragraphs=paragraphs, language=language)


class ConsoleSender:
    """Says what would have been sent; for a shop that has no SMTP server yet."""

    def __init__(self, sender: str, public_url: str) -> None:
        self._sender, self._public_url = sender, public_url

    def deliver(self, message: OutboxMessage) -> None:
        """Log what would be sent, the address masked."""
        email = email_about(message, self._sender, _order_url(self._public_url, message))
        name, _, host = str(email["To"]).partition("@")
        logger.warning("e-mail (no SMTP_URL) to %s…@%s: %s", name[:1], host, email["Subject"])


class SmtpSender:
    """Sends by SMTP: ``smtp://user:password@host:587`` (STARTTLS) or ``smtps://...:465``."""

    def __init__(self, url: str, sender: str, public_url: str) -> None:
        self._server = urlsplit(url)
        self._sender, self._public_url = sender, public_url

    def deliver(self, message: OutboxMessage) -> None:
        """Hand the e-mail to the server. Raises NotDelivered."""
        email = email_about(message, self._sender, _order_url(self._public_url, message))
        try:
            with self._connected() as server:
                server.send_message(email)
        except (OSError, smtplib.SMTPException) as error:
            raise NotDelivered(f"SMTP: {type(error).__name__}") from error

    def _connected(self) -> smtplib.SMTP:
        host, port = str(self._server.hostname), self._server.port
        tls = ssl.create_default_context()
        if self._server.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port or 465, timeout=TIMEOUT[1], context=tls
            )
        else:
            server = smtplib.SMTP(host, port or 587, timeout=TIMEOUT[1])
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=tls)
        if self._server.username:
            server.login(unquote(self._server.username), unquote(self._server.password or ""))
        return server


class WebhookSender:
    """POSTs JSON to the merchant, signed with HMAC-SHA256 over ``{time}.{body}``.

    ``X-Storefront-Signature: t=<unix seconds>,v1=<hex>``; ``id`` in the body is the stable key.
    """

    def __init__(self, url: str, secret: str, clock: Clock) -> None:
        self._url, self._secret, self._clock = url, secret.encode(), clock
        self._session = requests.Session()
        self._session.trust_env = False

    def deliver(self, message: OutboxMessage) -> None:
        """Call the webhook; any 2xx is delivered. Raises NotDelivered."""
        body = json.dumps(webhook_body(message), ensure_ascii=False).encode()
        try:
            answer = self._session.post(
                self._url,
                body,
                headers={
                    "Content-Type": "application/json",
                    "X-Storefront-Signature": self.signature(body),
                },
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise NotDelivered(f"webhook: {type(error).__name__}") from error
        if not 200 <= answer.status_code < 300:
            raise NotDelivered(f"webhook: HTTP {answer.status_code}")

    def signature(self, body: bytes) -> str:
        """Return the header's value for a body, now."""
        seconds = int(self._clock().timestamp())
        signed = hmac.new(self._secret, f"{seconds}.".encode() + body, hashlib.sha256)
        return f"t={seconds},v1={signed.hexdigest()}"


def webhook_body(message: OutboxMessage) -> dict[str, Any]:
    """Return what the merchant's webhook receives. Money is integer Rials, times are UTC."""
    payment = message.payment
    return {
        "id": message.key,
        "event": message.kind.value,
        "kind": OLD_KINDS.get(message.kind, message.kind.value),
        "at": message.created_at.isoformat(),
        "order_number": payment.order.number,
        "reference_number": payment.reference,
        "gateway_payment_id": payment.gateway_payment_id,
        "order_identifier": payment.gateway_payment_id,
        "gateway": payment.gateway,
        "payment_state": payment.state.value,
        "amount_rials": payment.amount_rials,
    }


def _order_url(public_url: str, message: OutboxMessage) -> str:
    return f"{public_url}/orders/{message.payment.order.token}"
