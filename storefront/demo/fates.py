"""Draw what became of an order: paid, sent, refunded, expired, and everything between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from random import Random

from payment_engine import RefundState
from storefront.orders.states import OrderState

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REASONS = (
    "مشتری پشیمان شد",
    "کالا در راه شکست",
    "رنگ دیگری فرستاده شده بود",
    "یک تکه موجود نبود",
    "مشتری دو بار سفارش داده بود",
)


class Fate(Enum):
    """How an order ended, or what it waits for."""

    PAID = auto()
    PAID_AT_SECOND_TRY = auto()
    EXPIRED = auto()
    CANCELLED = auto()
    RETURNED = auto()  # paid too late: it expired, and the money went back
    WAITING = auto()  # its customer is at the gateway
    IN_DOUBT = auto()
    IN_REVIEW = auto()


class Extra(Enum):
    """What happened to a paid order that happens rarely; each is in a demo once or twice."""

    REFUND_WAITS = auto()
    REFUND_FAILED = auto()
    DISPUTED = auto()  # the gateway's ledger says otherwise
    DISPUTED_AGAIN = auto()


SHARES: Mapping[Fate, int] = {
    Fate.PAID: 78,
    Fate.PAID_AT_SECOND_TRY: 6,
    Fate.EXPIRED: 10,
    Fate.CANCELLED: 5,
    Fate.RETURNED: 1,
}
# Orders that are still open, however many there are in all, and how old they are.
STILL_OPEN: tuple[tuple[Fate, timedelta], ...] = (
    (Fate.IN_REVIEW, 26 * HOUR),
    (Fate.IN_REVIEW, 3 * HOUR),
    (Fate.IN_DOUBT, 50 * MINUTE),
    (Fate.WAITING, 9 * MINUTE),
    (Fate.WAITING, 6 * MINUTE),
    (Fate.WAITING, 2 * MINUTE),
)
SETTLED = frozenset(SHARES)
ARE_PAID = frozenset({Fate.PAID, Fate.PAID_AT_SECOND_TRY})
STATES: Mapping[Fate, OrderState] = {
    Fate.EXPIRED: OrderState.EXPIRED,
    Fate.RETURNED: OrderState.EXPIRED,
    Fate.CANCELLED: OrderState.CANCELLED,
}
WHOLE, PARTIAL = 0.03, 0.055  # below these shares of paid orders, money goes back


@dataclass(frozen=True, slots=True)
class Return:
    """Money that goes back; ``share`` is the part of the order's amount."""

    state: RefundState
    share: float
    requested_at: datetime
    ended_at: datetime | None
    reason: str


@dataclass(slots=True)
class Course:
    """When what happened to an order; aware UTC, None for what did not."""

    fate: Fate
    created_at: datetime
    ended_at: datetime | None = None  # paid, expired or cancelled
    packed_at: datetime | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    money_back: Return | None = None
    extra: Extra | None = None
    failed_first_at: datetime | None = None
    took_back: bool = field(default=False)

    @property
    def is_paid(self) -> bool:
        """Return whether it is a sale."""
        return self.fate in ARE_PAID

    @property
    def state(self) -> OrderState:
        """Return the state of the order after all that."""
        if not self.is_paid:
            return STATES.get(self.fate, OrderState.PLACED)
        back = self.money_back
        if back and back.state is RefundState.DONE and back.share == 1:
            return OrderState.REFUNDED
        return OrderState.FULFILLED if self.sent_at else OrderState.PAID


def still_open(now: datetime) -> list[Course]:
    """Return the orders with which something is to be done."""
    to_pack = Course(Fate.PAID, now - 90 * MINUTE, now - 84 * MINUTE)
    to_send = Course(Fate.PAID, now - 20 * HOUR, now - 19 * HOUR, packed_at=now - 2 * HOUR)
    return [to_send, to_pack, *(Course(fate, now - age) for fate, age in STILL_OPEN)]


def drawn(rng: Random) -> Fate:
    """Draw the fate of an order that is over."""
    (fate,) = rng.choices(tuple(SHARES), tuple(SHARES.values()))
    return fate


def course_of(
    rng: Random, fate: Fate, created_at: datetime, now: datetime, extras: list[Extra]
) -> Course:
    """Draw when each step was; none lies after ``now``. Takes an extra off the list, if it fits."""
    course = Course(fate, created_at)
    if fate is Fate.PAID_AT_SECOND_TRY:
        course.failed_first_at = created_at + _between(rng, MINUTE, 3 * MINUTE)
    if course.is_paid:
        course.ended_at = created_at + _between(rng, 4 * MINUTE, 9 * MINUTE)
        _deliver(rng, course, now)
        if extras and 3 * DAY < now - created_at < 10 * DAY:
            _add(rng, course, extras.pop())
        else:
            _refund(rng, course, now)
    elif fate in SETTLED:
        course.ended_at = created_at + _between(rng, 16 * MINUTE, 25 * MINUTE)
    return course


def _between(rng: Random, least: timedelta, most: timedelta) -> timedelta:
    return timedelta(seconds=rng.randint(int(least.total_seconds()), int(most.total_seconds())))


def _deliver(rng: Random, course: Course, now: datetime) -> None:
    """A day until it is sent, some more until it arrives; a few are never marked as arrived."""
    assert course.ended_at is not None  # noqa: S101 - it is paid
    packed = course.ended_at + _between(rng, 2 * HOUR, 20 * HOUR)
    sent = packed + _between(rng, HOUR, 8 * HOUR)
    delivered = sent + _between(rng, DAY, 5 * DAY)
    is_noted = rng.random() < 0.97 or now - delivered > 10 * DAY
    course.packed_at = packed if packed < now else None
    course.sent_at = sent if sent < now else None
    course.delivered_at = delivered if delivered < now and is_noted else None


def _add(rng: Random, course: Course, extra: Extra) -> None:
    course.extra = extra
    assert course.ended_at is not None  # noqa: S101 - it is paid
    asked = course.ended_at + _between(rng, 30 * HOUR, 50 * HOUR)
    if extra is Extra.REFUND_WAITS:
        course.money_back = Return(RefundState.WAITING, 0.5, asked, None, rng.choice(REASONS))
    if extra is Extra.REFUND_FAILED:
        ended = asked + 2 * HOUR
        course.money_back = Return(RefundState.FAILED, 0.5, asked, ended, rng.choice(REASONS))


def _refund(rng: Random, course: Course, now: datetime) -> None:
    """Some ask for their money, in whole or in part, soon or when the parcel has arrived."""
    lot = rng.random()
    assert course.ended_at is not None  # noqa: S101 - it is paid
    asked = course.ended_at + _between(rng, HOUR, 12 * DAY)
    done = asked + _between(rng, 10 * MINUTE, 2 * DAY)
    if lot >= PARTIAL or done >= now:
        return
    share = 1 if lot < WHOLE else rng.choice((0.2, 0.3, 0.5))
    course.money_back = Return(RefundState.DONE, share, asked, done, rng.choice(REASONS))
    if share == 1:
        _stop(course, asked)
        course.took_back = rng.random() < 0.7


def _stop(course: Course, when: datetime) -> None:
    """What was refunded before it was packed or sent never is."""
    for step in ("packed_at", "sent_at", "delivered_at"):
        at = getattr(course, step)
        setattr(course, step, at if at and at < when else None)
