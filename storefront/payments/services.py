"""What the stories need from outside, handed to them in one piece: gateways, clock and terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from flask import Flask, current_app

from jibit_client.gateway import Gateway
from storefront.core.clock import Clock, Steady
from storefront.notifications.outbox import Channel
from storefront.payments.resilience import Guard


@dataclass(frozen=True, slots=True)
class Terms:
    """The shop's terms, from the settings of the same names.

    ``delivery_fee_rials`` is integer Rials, ``vat_percent`` whole percent, ``psp_hosts`` the hosts
    that a shopper may be sent to; after ``gateway_patience`` a call has certainly ended;
    ``settle_after``: for so long must a gateway keep saying SUCCESS after its end of a payment;
    ``verify_at_every_question`` is VERIFY_WITHOUT_CALLBACK's `poll`; ``channels`` are those on
    which news is told.
    """

    public_url: str
    psp_hosts: tuple[str, ...]
    payment_window: timedelta
    reconcile_after: timedelta
    gateway_patience: timedelta
    settle_after: timedelta
    verify_at_every_question: bool
    channels: tuple[Channel, ...]
    delivery_fee_rials: int
    vat_percent: int


@dataclass(frozen=True, slots=True)
class Till:
    """Where a payment is made: the gateways and their guards by name, the clocks, the terms.

    Moments are read from ``clock``, intervals are measured with ``steady``.
    """

    gateways: Mapping[str, Gateway]
    guards: Mapping[str, Guard]
    clock: Clock
    steady: Steady
    terms: Terms


def terms_from(app: Flask) -> Terms:
    """Read the terms from an application's checked settings."""
    config = app.config
    return Terms(
        public_url=config["PUBLIC_URL"],
        psp_hosts=config["PSP_HOSTS"],
        payment_window=timedelta(seconds=config["PAYMENT_WINDOW_SECONDS"]),
        reconcile_after=timedelta(seconds=config["RECONCILE_AFTER_SECONDS"]),
        gateway_patience=_patience(config),
        settle_after=timedelta(seconds=config["SETTLE_AFTER_SECONDS"]),
        verify_at_every_question=config["VERIFY_WITHOUT_CALLBACK"] == "poll",
        channels=(Channel.EMAIL, Channel.HOOK) if config["HOOK_URL"] else (Channel.EMAIL,),
        delivery_fee_rials=config["DELIVERY_FEE_RIALS"],
        vat_percent=config["VAT_PERCENT"],
    )


def _patience(config: Mapping[str, Any]) -> timedelta:
    """A call may first renew the tokens: two calls, each as long as its timeouts allow."""
    one_call = config["GATEWAY_CONNECT_TIMEOUT"] + config["GATEWAY_READ_TIMEOUT"]
    return timedelta(seconds=3 * one_call)


def current_till() -> Till:
    """The till of the running application, for views, commands and the worker."""
    return cast(Till, current_app.extensions["till"])
