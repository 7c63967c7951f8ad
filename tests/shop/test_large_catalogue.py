"""Every page lists the shelves; they are kept for a moment, and never for longer."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update

from storefront.catalogue.models import KEPT, Category
from storefront.core.database import db, transaction
from testkit.clock import MovingClock
from testkit.shopper import Shopper


@pytest.mark.long
def test_a_category_renamed_in_this_process_is_seen_at_once(app: Flask, shopper: Shopper) -> None:
    shopper.open("/products")
    with app.app_context(), transaction():
        shelf = db.session.scalars(select(Category).limit(1)).one()
        shelf.name_en = "Cups and saucers"
    assert "Cups and saucers" in shopper.open("/products").text


def test_a_category_renamed_by_another_process_is_seen_soon(
    app: Flask, shopper: Shopper, clock: MovingClock
) -> None:
    shopper.open("/products")
    with app.app_context(), transaction():  # as another process does it: unseen by this one
        db.session.execute(update(Category).values(name_en="Cups and saucers"))
    clock.advance(KEPT.total_seconds())
    assert "Cups and saucers" in shopper.open("/products").text
