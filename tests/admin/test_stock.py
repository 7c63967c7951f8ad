"""The stock is counted, received and corrected; no sale is lost, and every change has a name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from storefront.catalogue import stock, stock_changes
from storefront.catalogue.models import Product, product_by_slug
from storefront.catalogue.stock_changes import StockChangeKind, Wanted
from storefront.core.database import db, transaction
from storefront.core.services import current_services
from testkit.cases import naming
from testkit.shopper import Page, Shopper
from testkit.staff import Person, clerk

SLUG = "sun-lady-plate"


def opened(person: Person) -> Page:
    """The product's page in the back office."""
    page = person.open(f"/admin/products?q={SLUG}")
    (link,) = page.soup.select("table th a")
    return person.open(str(link["href"]))


def change(person: Person, kind: str, pieces: str, reason: str = "") -> Page:
    return person.press("Change the stock", kind=kind, pieces=pieces, reason=reason)


def shown(app: Flask) -> Product:
    with app.app_context():
        found = product_by_slug(SLUG)
        assert found
        return found


def free(app: Flask) -> int:
    """How many are free; the database itself holds that none is lost."""
    return shown(app).stock_free


def test_each_change_counts_and_is_kept_with_who_when_and_why(app: Flask) -> None:
    person, before = clerk(app), free(app)
    opened(person)
    change(person, "received", "۱۰", "از کارگاه")
    assert free(app) == before + 10
    change(person, "counted", str(before + 8))
    assert free(app) == before + 8
    page = change(person, "correction", "۳−", "سه تا شکست")  # as a Persian keyboard types it
    assert free(app) == before + 5
    for words in ("Came in +10", "Counted −2", "Corrected −3", "سه تا شکست", "از کارگاه"):
        assert words in page.text
    assert page.text.count(f"{person.name} :") >= 3


REFUSED = [
    ("correction", "-1000", "broken", "pieces are free now"),
    ("correction", "-1", "", "Write why"),
    ("correction", "0", "none", "Write how many pieces."),
    ("received", "-1", "", "This number is too small or too large."),
    ("received", "", "", "Write a whole number"),
    ("received", "1.5", "", "Write a whole number"),
    ("received", "2000000", "", "This number is too small or too large."),
    ("counted", "-1", "", "This number is too small or too large."),
    ("stolen", "1", "", "Choose what happened."),
    ("received", "1", "x" * 201, "Shorten the reason to 200 characters."),
]


def test_what_cannot_be_is_refused_in_words_and_changes_nothing(app: Flask) -> None:
    person, before = clerk(app), free(app)
    for kind, pieces, reason, said in REFUSED:
        with naming(kind, pieces, reason):
            opened(person)
            page = change(person, kind, pieces, reason)
            assert page.status == 422
            assert said in page.text
            assert page.fields("Change the stock")["pieces"] == pieces
            assert free(app) == before


def test_a_form_that_is_sent_twice_counts_once(app: Flask) -> None:
    person, before = clerk(app), free(app)
    opened(person)
    first = person.page
    change(person, "received", "10")
    person.page = first
    page = change(person, "received", "10")
    assert page.status == 409
    assert free(app) == before + 10


@pytest.mark.long
def test_who_is_second_is_told_what_the_first_did(app: Flask) -> None:
    first, second, before = clerk(app), clerk(app), free(app)
    opened(first)
    opened(second)
    change(first, "received", "10")
    page = change(second, "received", "4", "late parcel")
    assert page.status == 409
    assert f"changed meanwhile by {first.name}: Came in, {before + 10} free" in page.text
    assert page.fields("Change the stock")["reason"] == "late parcel"
    assert change(second, "received", "4").status == 200
    assert free(app) == before + 14


def test_a_sale_while_somebody_counts_is_not_lost(app: Flask, shopper: Shopper) -> None:
    person, before = clerk(app), free(app)
    opened(person)
    shopper.goes_to_pay(SLUG, 2)
    page = change(person, "counted", str(before + 3))
    assert free(app) == before + 3 - 2
    assert f"{before + 1} are free now" in page.text
    assert shown(app).stock_reserved == 2


def test_a_count_that_sales_have_made_impossible_is_refused(app: Flask, shopper: Shopper) -> None:
    person, before = clerk(app), free(app)
    opened(person)
    shopper.goes_to_pay(SLUG, 2)
    assert change(person, "counted", "1").status == 422
    assert free(app) == before - 2


@pytest.mark.both_databases
def test_the_staff_and_shoppers_at_once_lose_no_piece(app: Flask) -> None:
    found, before = shown(app), free(app)

    def sell(_: int) -> None:
        with app.app_context(), transaction():
            stock.reserve({found.id: 1})

    def receive(_: int) -> None:
        with app.app_context():
            last = stock_changes.last_of(found.id)
            wanted = Wanted(StockChangeKind.RECEIVED, 1, "", 0, last.id if last else 0)
            now = current_services().clock()
            try:
                stock_changes.change(found.id, wanted, by="a test", now=now)
            except stock_changes.StockChangedMeanwhile:
                refused.append(1)
            finally:
                db.session.remove()

    refused: list[int] = []
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(act, 0) for _ in range(6) for act in (sell, receive)]
        for each in done:
            each.result()
    assert free(app) == before - 6 + (6 - len(refused))
    with app.app_context():
        assert len(stock_changes.of_product(found.id)) == 6 - len(refused)
