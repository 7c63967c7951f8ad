"""Open payments: save the intent, commit, ask the gateway, save its answer, commit.

A process may die between any two lines: an intent without an outcome is looked up by recovery.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from payment_engine.bounds import LARGEST_LONG, LONGEST_ORDER_KEY, is_name, is_web_address
from payment_engine.errors import GatewayError, NoAnswer, NotSent, Refused, TooManyRequests
from payment_engine.events import Actor, Event
from payment_engine.gateway import OpenedPayment, PaymentRequest
from payment_engine.gateway_evidence import GatewayEvidence
from payment_engine.identity import take_id
from payment_engine.payment import Payment, new_payment
from payment_engine.recording import HookFailed, move
from payment_engine.redaction import mask_card
from payment_engine.resilience import GatewayUnavailable
from payment_engine.services import Services
from payment_engine.standing import WAS_PAID, Standing, standing_of
from payment_engine.states import PaymentState
from payment_engine.store import UnitOfWork, event_about

logger = logging.getLogger(__name__)

CARD = re.compile(r"[0-9]{16}")
UNDECIDED = (Standing.CONFIRMING, Standing.NEEDS_REVIEW, Standing.OPENING)

Alongside = Callable[[Any], None]
"""Runs in the transaction that saves the intent, with its session."""


class NotPayable(Exception):
    """Raised when no payment can be begun for an order now.

    Attributes:
        order_key: the key of the order.
        state: why: how the order stands.
    """

    def __init__(self, order_key: str, state: Standing) -> None:
        self.order_key = order_key
        self.state = state
        super().__init__(f"order {order_key} cannot be paid now: {state}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Hold a payment that somebody wants to make, with the arguments of ``PaymentEngine.begin``."""

    order_key: str
    amount_rials: int
    gateway: str
    payer_mobile: str
    language: str = "fa"
    description: str | None = None
    national_code: str | None = None
    payer_card: str | None = None
    expires_by: datetime | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for what one database would store and another one refuse."""
        if not is_name(self.order_key, LONGEST_ORDER_KEY):
            raise ValueError(f"order_key is not a text of 1 to {LONGEST_ORDER_KEY} characters")
        if type(self.amount_rials) is not int or not 0 < self.amount_rials <= LARGEST_LONG:
            raise ValueError("amount_rials is not a positive integer")
        if self.payer_card is not None and not CARD.fullmatch(self.payer_card):
            raise ValueError("payer_card is not a card number of 16 digits")


def begin(services: Services, wanted: Opening, alongside: Alongside | None = None) -> Payment:
    """Open a payment, or return the one that is still open at this gateway.

    Send the payer to its ``redirect_url``. See :meth:`PaymentEngine.begin
    <payment_engine.engine.PaymentEngine.begin>`, which documents what is raised.
    """
    services.store.check_idle()
    if wanted.gateway not in services.gateways:
        raise LookupError(f"no gateway is named {wanted.gateway!r}")
    if alongside is None and (live := _live(services, wanted)):
        return live
    with services.bulkheads[wanted.gateway].creating():
        with services.store.transaction() as work:
            payment, is_new = _intend(services, work, wanted, alongside)
        return _open(services, payment, wanted) if is_new else payment


def _live(services: Services, wanted: Opening) -> Payment | None:
    with services.store.reading() as work:
        return _to_go_on_with(services, wanted, work.of_order(wanted.order_key), services.clock())


def _intend(
    services: Services, work: UnitOfWork, wanted: Opening, alongside: Alongside | None
) -> tuple[Payment, bool]:
    """Save that the gateway will be asked; return the payment and whether it is a new one."""
    now = services.clock()
    work.lock_group(wanted.order_key)
    if alongside is not None:
        alongside(work.session)
    live = _to_go_on_with(services, wanted, work.of_order(wanted.order_key), now)
    if live is not None:
        return live, False
    payment = new_payment(
        wanted.order_key,
        wanted.gateway,
        wanted.amount_rials,
        now,
        window=_window(services, wanted, now),
        closes_after=services.gateways[wanted.gateway].closes_after,
        demanded_card=mask_card(wanted.payer_card) if wanted.payer_card else None,
        prefix=services.policy.reference_prefix,
    )
    work.add(payment)
    work.append(event_about(payment, now, Actor.PAYER, Event.INITIATED, gateway=wanted.gateway))
    services.hooks.on_begin(work.session, payment)
    return payment, True


def _window(services: Services, wanted: Opening, now: datetime) -> timedelta:
    """Return how long the payment can be made: not beyond what the application allows."""
    window = services.policy.window
    if wanted.expires_by is None:
        return window
    return max(min(window, wanted.expires_by - now), timedelta())


def _to_go_on_with(
    services: Services, wanted: Opening, attempts: Sequence[Payment], now: datetime
) -> Payment | None:
    """Return the payment to go on with, None if a new one may be begun; raise if neither may be."""
    standing = standing_of(services.policy, attempts, now)
    if standing in WAS_PAID or standing in UNDECIDED:
        raise NotPayable(wanted.order_key, standing)
    live = next((each for each in attempts if _is_live(wanted, each, now)), None)
    if live is None and standing is Standing.TRIED_TOO_OFTEN:
        raise NotPayable(wanted.order_key, standing)
    return live


def _is_live(wanted: Opening, attempt: Payment, now: datetime) -> bool:
    return (
        attempt.state is PaymentState.AWAITING_PAYER
        and attempt.redirect_url is not None  # recovery found it in a list, which names no page
        and now < attempt.expires_at
        and (attempt.gateway, attempt.amount_rials) == (wanted.gateway, wanted.amount_rials)
    )


def _open(services: Services, payment: Payment, wanted: Opening) -> Payment:
    with services.hooks.attending(payment):
        return _call_and_record(services, payment, wanted)


def _call_and_record(services: Services, payment: Payment, wanted: Opening) -> Payment:
    request = PaymentRequest(
        reference=payment.reference,
        amount_rials=payment.amount_rials,
        callback_url=services.policy.callback_for(payment.reference),
        payer_mobile=wanted.payer_mobile,
        description=wanted.description,
        national_code=wanted.national_code,
        payer_card=wanted.payer_card,
        language=wanted.language,
    )
    try:
        opened = _call_open(services, payment.gateway, request)
        return _record_opened(services, payment, opened)
    except GatewayError as error:
        with _despite_hooks(payment):
            _record_not_opened(services, payment, error)
        raise _unavailable(error) from error


def _call_open(services: Services, name: str, request: PaymentRequest) -> OpenedPayment:
    """Ask the gateway to open the payment, once more if it did not answer and can tell twins.

    The second try may take two calls, and all of them must end within the policy's patience.
    """
    gateway, breaker = services.gateways[name], services.bulkheads[name].breaker
    began = services.monotonic()
    try:
        with breaker.watching():
            return gateway.open(request)
    except NoAnswer as error:
        late = services.monotonic() - began > services.policy.patience.total_seconds() / 3
        if not gateway.create_is_repeatable or isinstance(error, NotSent) or late:
            raise
    with breaker.watching():
        return gateway.open(request)


@contextmanager
def _despite_hooks(payment: Payment) -> Iterator[None]:
    """Log a hook that fails with a payment that was not opened: recovery closes it later."""
    try:
        yield
    except HookFailed as error:
        cause = error.__cause__
        logger.exception("a hook failed for payment %s", payment.reference, exc_info=cause)


def _unavailable(error: GatewayError) -> GatewayUnavailable:
    logger.warning("a payment could not be opened: %s", error)
    no_decision = isinstance(error, NoAnswer | TooManyRequests)
    return GatewayUnavailable(str(error), refused=not no_decision, was_asked=True)


def _record_not_opened(services: Services, asked: Payment, error: GatewayError) -> None:
    """A clear no ends the attempt; silence leaves it to be looked up in the gateway's list."""
    now = services.clock()
    with services.store.transaction() as work:
        work.lock_group(asked.order_key)
        payment = work.by_id(asked.id)
        payment.gave_up_at = now
        if isinstance(error, Refused | NotSent) and payment.state is PaymentState.INITIATED:
            move(services, work, payment, PaymentState.FAILED, GatewayEvidence(), now)
        work.save(payment)
        work.append(event_about(payment, now, Actor.PAYER, Event.NOT_OPENED, **error.facts()))


def _record_opened(services: Services, asked: Payment, opened: OpenedPayment) -> Payment:
    """Save what was opened. Raises Unreadable for an id that cannot be the payment's."""
    now = services.clock()
    trusted = services.policy.may_redirect_to(opened.redirect_url)
    with _despite_hooks(asked), services.store.transaction() as work:
        work.lock_group(asked.order_key)
        payment = work.by_id(asked.id)
        if payment.state is not PaymentState.INITIATED:  # so late that recovery has given it up
            raise GatewayUnavailable("the gateway answered too late", was_asked=True)
        take_id(work, payment, opened)
        payment.redirect_url = opened.redirect_url if trusted else None
        state = PaymentState.AWAITING_PAYER if trusted else PaymentState.FAILED
        move(services, work, payment, state, GatewayEvidence(), now)
        payment.next_check_at = now + services.policy.recover_after
        work.save(payment)
        event = Event.OPENED if trusted else Event.REDIRECT_NOT_TRUSTED
        said = {"gateway_payment_id": opened.gateway_payment_id}
        work.append(event_about(payment, now, Actor.PAYER, event, **said))
    if not trusted:
        host = _host_of(opened.redirect_url)
        logger.error(
            "%s redirects to %s: not in redirect_hosts, or no https", payment.gateway, host
        )
        reason = "the gateway named a page on an unknown host"
        raise GatewayUnavailable(reason, refused=True, was_asked=True)
    return payment


def _host_of(url: str) -> str | None:
    """Return the host alone, for the log: the address may hold a user name and a password."""
    return urlsplit(url).hostname if is_web_address(url) else "what is no web address"
