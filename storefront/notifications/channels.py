"""Compose the channels on which notifications are sent, from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask import Flask, current_app

from storefront.core.clock import Clock
from storefront.core.services import current_services
from storefront.notifications.dispatcher import Channels, ChannelSender
from storefront.notifications.email import LETTER_SECONDS, ConsoleSender, Mailer, SmtpSender
from storefront.notifications.http_calls import SignedCaller
from storefront.notifications.kavenegar import Account, KavenegarProvider
from storefront.notifications.outbox import SHOPPERS, Channel
from storefront.notifications.sms import Provider, SignedProvider, SmsSender
from storefront.notifications.sms_limits import SmsLimits
from storefront.notifications.webhook import WebhookSender

QUICK_SECONDS = 15.0  # for a letter that somebody waits for


def configured(config: Mapping[str, Any]) -> tuple[Channel, ...]:
    """Return the channels that the settings name; e-mail always is, if only in the log."""
    named = {Channel.SMS: "SMS_URL", Channel.WEBHOOK: "WEBHOOK_URL"}
    return (Channel.EMAIL, *(each for each, name in named.items() if config[name]))


def to_shoppers() -> tuple[Channel, ...]:
    """Return those on which the running application's shoppers are told."""
    return tuple(each for each in configured(current_app.config) if each in SHOPPERS)


def channels(app: Flask, clock: Clock) -> Channels:
    """Return a sender for each configured channel; without SMTP, e-mail goes to the log."""
    senders: dict[Channel, ChannelSender] = {Channel.EMAIL: _mailer(app, clock, LETTER_SECONDS)}
    config, wanted = app.config, configured(app.config)
    if Channel.SMS in wanted:
        limits = SmsLimits(config["SMS_PER_DAY"])
        senders[Channel.SMS] = SmsSender(_provider(app, clock), config["PUBLIC_URL"], limits, clock)
    if Channel.WEBHOOK in wanted:
        senders[Channel.WEBHOOK] = WebhookSender(
            config["WEBHOOK_URL"], config["WEBHOOK_SECRET"], clock
        )
    return senders


def _provider(app: Flask, clock: Clock) -> Provider:
    url = app.config["SMS_URL"]
    if url.startswith("kavenegar:"):
        return KavenegarProvider(Account.from_url(url), app.config["PUBLIC_URL"])
    return SignedProvider(SignedCaller(url, app.config["SMS_SECRET"], clock))


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
