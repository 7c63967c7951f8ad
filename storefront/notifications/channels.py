"""Compose the channels on which notifications are sent, from the settings."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from storefront.core.clock import Clock
from storefront.core.services import current_services
from storefront.notifications.dispatcher import Channels
from storefront.notifications.email import LETTER_SECONDS, ConsoleSender, Mailer, SmtpSender
from storefront.notifications.outbox import Channel
from storefront.notifications.webhook import WebhookSender

QUICK_SECONDS = 15.0  # for a letter that somebody waits for


def channels(app: Flask, clock: Clock) -> Channels:
    """Return a sender for each configured channel; without SMTP, e-mail goes to the log."""
    config, by_mail = app.config, _mailer(app, clock, LETTER_SECONDS)
    if not config["WEBHOOK_URL"]:
        return {Channel.EMAIL: by_mail}
    webhook = WebhookSender(config["WEBHOOK_URL"], config["WEBHOOK_SECRET"], clock)
    return {Channel.EMAIL: by_mail, Channel.WEBHOOK: webhook}


def _mailer(app: Flask, clock: Clock, seconds: float) -> Mailer:
    sender, public_url = app.config["MAIL_FROM"], app.config["PUBLIC_URL"]
    if smtp := app.config["SMTP_URL"]:
        return SmtpSender(smtp, sender, public_url, clock, seconds)
    return ConsoleSender(sender, public_url, clock)


def mailer() -> Mailer:
    """Return what sends the running application's letters."""
    return cast(Mailer, current_app.extensions["channels"][Channel.EMAIL])


def quick_mailer() -> Mailer:
    """Return one that gives up soon, for a page."""
    return _mailer(current_app, current_services().clock, QUICK_SECONDS)


def webhook() -> WebhookSender:
    """Return what calls the merchant's systems; only where WEBHOOK_URL is set."""
    return cast(WebhookSender, current_app.extensions["channels"][Channel.WEBHOOK])
