"""Compose the channels on which notifications are sent, from the settings."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from storefront.core.clock import Clock
from storefront.notifications.dispatcher import Channels, ChannelSender
from storefront.notifications.email import ConsoleSender, Mailer, SmtpSender
from storefront.notifications.outbox import Channel
from storefront.notifications.webhook import WebhookSender


def channels(app: Flask, clock: Clock) -> Channels:
    """Return a sender for each configured channel; without SMTP, e-mail goes to the log."""
    config = app.config
    sender, public_url, smtp = config["MAIL_FROM"], config["PUBLIC_URL"], config["SMTP_URL"]
    by_mail: ChannelSender = ConsoleSender(sender, public_url, clock)
    if smtp:
        by_mail = SmtpSender(smtp, sender, public_url, clock)
    if not config["WEBHOOK_URL"]:
        return {Channel.EMAIL: by_mail}
    webhook = WebhookSender(config["WEBHOOK_URL"], config["WEBHOOK_SECRET"], clock)
    return {Channel.EMAIL: by_mail, Channel.WEBHOOK: webhook}


def mailer() -> Mailer:
    """Return what sends the running application's letters."""
    return cast(Mailer, current_app.extensions["channels"][Channel.EMAIL])


def webhook() -> WebhookSender:
    """Return what calls the merchant's systems; only where WEBHOOK_URL is set."""
    return cast(WebhookSender, current_app.extensions["channels"][Channel.WEBHOOK])
