"""Draw invented orders from a seed: who bought what, when and where, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from storefront.catalogue.models import IS_SOLD, Product
from storefront.core.database import db, end_reading
from storefront.core.services import Services
from storefront.demo import fates
from storefront.demo.fates import Course, Extra
from storefront.demo.hours import moments
from storefront.demo.people import Person, somebody
from storefront.demo.rows import Draft
from storefront.orders.pricing import PricedLine, Quote, quote_of

MOST_PRODUCTS = 2000  # of a large shop, these are bought
LATEST = timedelta(hours=1)  # since when only orders are placed that are still open
# Numbers of ten digits, each once, in an order that tells nothing: the step has no divisor in
# common with how many there are.
NUMBERS, STEP = 9 * 10**9, 7_654_321_187
BY_PIECES = (70, 20, 7, 3)  # of a hundred lines, how many have one piece, two, ...


class NothingToSell(Exception):
    """The shop has no goods."""


@dataclass(slots=True)
class Source:
    """What orders are drawn from."""

    rng: Random
    now: datetime
    services: Services
    products: Sequence[Product]
    weights: Sequence[float]
    first_number: int
    extras: list[Extra]


def source_of(services: Services, seed: int) -> Source:
    """Return what a seed draws from. Raises NothingToSell."""
    query = select(Product).where(IS_SOLD).order_by(Product.id).limit(MOST_PRODUCTS)
    products = db.session.scalars(query).all()
    end_reading()
    if not products:
        raise NothingToSell
    rng = Random(seed)  # noqa: S311 - nothing secret is drawn
    weights = [1 / (1 + place) ** 0.6 for place in range(len(products))]
    rng.shuffle(weights)
    extras = list(Extra) if any(g.can_refund for g in services.engine.gateways.values()) else []
    extras = extras or [Extra.DISPUTED, Extra.DISPUTED_AGAIN]
    now = services.clock().replace(microsecond=0)
    return Source(rng, now, services, products, weights, rng.randrange(NUMBERS), extras)


def courses(source: Source, orders: int, days: int) -> Iterator[Course]:
    """Yield what became of each order: those that are over, then the open ones."""
    rng, now = source.rng, source.now
    waiting = fates.still_open(now)
    for created_at in moments(rng, now - LATEST, days, orders - len(waiting)):
        yield fates.course_of(rng, fates.drawn(rng), created_at, now, source.extras)
    yield from waiting


def draft(source: Source, place: int, course: Course) -> Draft:
    """Draw the rest of an order; ``place`` is which one of the run it is."""
    rng = source.rng
    number = 10**9 + (source.first_number + place * STEP) % NUMBERS
    names = tuple(source.services.engine.gateways)
    (gateway,) = rng.choices(names, [3, *([1] * (len(names) - 1))])
    person = somebody(rng)
    return Draft(
        number=str(number),
        token=f"{rng.getrandbits(128):032x}",
        person=person,
        quote=_quote(source, person),
        gateway=source.services.engine.gateways[_fit(source, course, gateway)],
        course=course,
    )


def _fit(source: Source, course: Course, gateway: str) -> str:
    """Take another gateway for a refund that it could not carry out."""
    gateways = source.services.engine.gateways
    if course.extra not in (Extra.REFUND_WAITS, Extra.REFUND_FAILED):
        return gateway
    return next(name for name, each in gateways.items() if each.can_refund)


def _quote(source: Source, person: Person) -> Quote:
    rng, prices = source.rng, source.services.prices
    count = rng.choice((1, 1, 1, 2, 2, 3))
    chosen = dict.fromkeys(rng.choices(range(len(source.products)), source.weights, k=count))
    lines = tuple(
        PricedLine(source.products[place], rng.choices((1, 2, 3, 4), BY_PIECES)[0])
        for place in sorted(chosen)
    )
    parcels = [each for each in prices.methods if not each.pickup] or prices.methods
    fit = [each.key for each in parcels if each.only in (None, person.province)]
    return quote_of(lines, prices, rng.choice(fit) if fit else None)
