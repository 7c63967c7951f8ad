"""Make the payment engine from the shop's settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.utils import import_string

from payment_engine import PaymentEngine, Policy
from payment_engine.gateway import Gateway
from storefront.core import settings
from storefront.core.clock import Clock, Steady
from storefront.core.database import db
from storefront.core.gateways import Entry
from storefront.notifications.channels import configured
from storefront.payments.hooks import ShopHooks
from storefront.payments.store import ShopStore
from storefront.payments.token_cipher import FernetCipher


def payment_engine(
    app: Flask, clock: Clock, steady: Steady, ready: Iterable[Gateway]
) -> PaymentEngine:
    """Connect the configured gateways, and those that are ``ready``, to the shop's database."""
    config = app.config
    connected = [_connected(config, entry) for entry in settings.configured(config)]
    with app.app_context():
        engine = db.engine
    return PaymentEngine(
        gateways=[*connected, *ready],
        store=ShopStore(engine, clock, token_cipher_from(config)),
        hooks=ShopHooks(configured(config)),
        policy=policy_from(config),
        clock=clock,
        monotonic=steady,
    )


def _connected(config: Mapping[str, Any], entry: Entry) -> Gateway:
    binding: type[Gateway] = import_string(entry.binding)
    return binding(  # type: ignore[call-arg]  # what it takes is said in its entry
        base_url=config[entry.address],
        **{argument: config[name] for argument, name in entry.credentials.items()},
        connect_timeout=config["GATEWAY_CONNECT_TIMEOUT"],
        read_timeout=config["GATEWAY_READ_TIMEOUT"],
    )


def token_cipher_from(config: Mapping[str, Any]) -> FernetCipher:
    """Return what encrypts the gateways' tokens, and still reads them with the former keys."""
    return FernetCipher([config["SECRET_KEY"], *config["SECRET_KEY_FALLBACKS"]])


def policy_from(config: Mapping[str, Any]) -> Policy:
    """Return the policy that an application's checked settings describe."""
    return Policy(
        callback_url=f"{config['PUBLIC_URL']}/payments/{{reference}}/callback",
        redirect_hosts=config["PSP_HOSTS"],
        window=timedelta(seconds=config["PAYMENT_WINDOW_SECONDS"]),
        recover_after=timedelta(seconds=config["RECOVER_AFTER_SECONDS"]),
        patience=_patience(config),
        settle_after=timedelta(seconds=config["SETTLE_AFTER_SECONDS"]),
        refund_settles_after=timedelta(seconds=config["REFUND_SETTLES_AFTER_SECONDS"]),
        verify_without_callback=config["VERIFY_WITHOUT_CALLBACK"] == "poll",
        breaker_failures=config["BREAKER_FAILURES"],
        breaker_pause=timedelta(seconds=config["BREAKER_PAUSE_SECONDS"]),
        create_slots=config["GATEWAY_CREATE_SLOTS"],
        ask_slots=config["GATEWAY_ASK_SLOTS"],
        reference_prefix=config["REFERENCE_PREFIX"],
    )


def _patience(config: Mapping[str, Any]) -> timedelta:
    """Return the longest a call takes: it may renew the tokens first, so two calls' timeouts."""
    one_call = config["GATEWAY_CONNECT_TIMEOUT"] + config["GATEWAY_READ_TIMEOUT"]
    return timedelta(seconds=3 * one_call)
