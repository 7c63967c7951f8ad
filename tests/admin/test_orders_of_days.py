"""Orders of some days are listed page by page, each once, and back again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain

import pytest
from flask import Flask
from sqlalchemy import select

from storefront.admin import days
from storefront.core.database import db
from storefront.core.services import current_services
from storefront.demo.filling import fill
from storefront.orders.models import Order
from testkit.clock import MovingClock
from testkit.staff import Person, owner

DAY = timedelta(days=1)


def pages(person: Person, link: str) -> Iterator[list[str]]:
    """The numbers on this page, and on those that a link leads to, one after the other."""
    while True:
        yield [each.text for each in person.page.soup.select("table bdi.number")]
        found = person.page.soup.select_one(f"a[rel={link}]")
        if found is None:
            return
        person.open(str(found["href"]))


@pytest.mark.long
@pytest.mark.both_databases
def test_every_order_of_some_days_is_listed_once(app: Flask, clock: MovingClock) -> None:
    last = days.today(clock.now())
    first = last - 9 * DAY
    with app.app_context():
        fill(current_services(), seed=4, orders=250)
        placed = Order.created_at.between(days.begin_of(first), days.end_of(last))
        query = select(Order.number).where(placed)
        expected = db.session.scalars(
            query.order_by(Order.created_at.desc(), Order.id.desc())
        ).all()
    person = owner(app)
    person.open(f"/admin/orders?since={first}&until={last}")
    forward = list(pages(person, "next"))
    assert list(chain(*forward)) == expected
    assert len(forward) > 2
    assert list(pages(person, "prev")) == forward[::-1]
