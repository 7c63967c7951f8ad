"""Stock: received = free + reserved + sold, whatever happens and however many want the last one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from storefront.catalogue import stock
from storefront.catalogue.models import Category, Product, products_by_id
from storefront.catalogue.stock import OutOfStock
from storefront.core.database import db, transaction

pytestmark = pytest.mark.both_databases


@pytest.fixture
def shop(bare_app: Flask) -> Flask:
    with bare_app.app_context(), transaction():
        shelf = Category(slug="tea", name_fa="چای", name_en="Tea")
        for number, pieces in enumerate((10, 1), start=1):
            product = Product(
                slug=f"tea-{number}", name_fa="چای", name_en="Tea", image="goods/tea.svg"
            )
            product.description_fa = product.description_en = "-"
            product.price_rials, product.category = 500_000, shelf
            product.stock_received = product.stock_free = pieces
            db.session.add(product)
    return bare_app


def counts(product_id: int) -> tuple[int, int, int]:
    product = products_by_id([product_id])[product_id]
    db.session.refresh(product)
    return product.stock_free, product.stock_reserved, product.stock_sold


def test_pieces_go_from_free_to_reserved_to_sold(shop: Flask) -> None:
    with shop.app_context():
        with transaction():
            stock.reserve({1: 3})
        assert counts(1) == (7, 3, 0)
        with transaction():
            stock.sell({1: 2})
            stock.release({1: 1})
        assert counts(1) == (8, 0, 2)


def test_what_is_missing_is_named_and_nothing_is_kept(shop: Flask) -> None:
    with shop.app_context():
        with pytest.raises(OutOfStock) as refusal, transaction():
            stock.reserve({1: 4, 2: 2, 99: 1})
        assert refusal.value.missing == {2: 1, 99: 0}
        assert counts(1) == (10, 0, 0)


def test_more_than_was_reserved_can_neither_be_sold_nor_released(shop: Flask) -> None:
    with shop.app_context():
        for move in (stock.sell, stock.release):
            with pytest.raises(RuntimeError, match="fewer pieces reserved"), transaction():
                move({1: 1})


def test_the_database_itself_refuses_to_lose_a_piece(shop: Flask) -> None:
    with shop.app_context(), pytest.raises(IntegrityError), transaction():
        db.session.execute(update(Product).values(stock_free=Product.stock_free - 1))


def test_the_last_piece_is_sold_once_however_many_want_it(shop: Flask) -> None:
    together = threading.Barrier(8)

    def want_it(_: int) -> str:
        together.wait()
        try:
            with shop.app_context(), transaction():
                stock.reserve({1: 1, 2: 1})
        except OutOfStock:
            return "out of stock"
        return "reserved"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(want_it, range(8)))
    assert sorted(outcomes) == ["out of stock"] * 7 + ["reserved"]
    with shop.app_context():
        assert counts(1) == (9, 1, 0)
        assert counts(2) == (0, 1, 0)
