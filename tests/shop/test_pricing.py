"""What a cart costs, in whole Rials."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storefront.catalogue.models import Product
from storefront.orders.pricing import quote


def product(price_rials: int) -> Product:
    return Product(price_rials=price_rials)


def test_delivery_and_tax_are_added_once() -> None:
    goods = {1: product(1_000_000), 2: product(250_000)}
    price = quote({1: 2, 2: 1}, goods, delivery_fee_rials=850_000, vat_percent=10)
    assert price.products_rials == 2_250_000
    assert price.vat_rials == 310_000
    assert price.total_rials == 2_250_000 + 850_000 + 310_000


def test_an_empty_cart_costs_nothing_not_even_delivery() -> None:
    assert quote({}, {}, delivery_fee_rials=850_000, vat_percent=10).total_rials == 0


def test_a_product_that_is_gone_or_wanted_zero_times_is_left_out() -> None:
    price = quote({1: 0, 9: 3}, {1: product(10)}, delivery_fee_rials=5, vat_percent=10)
    assert price.lines == ()


@given(
    st.lists(st.tuples(st.integers(1, 10**10), st.integers(1, 99)), min_size=1, max_size=20),
    st.integers(0, 10**7),
    st.integers(0, 100),
)
def test_tax_is_a_whole_toman_and_never_more_than_its_percentage(
    lines: list[tuple[int, int]], delivery: int, percent: int
) -> None:
    goods = {number: product(price) for number, (price, _) in enumerate(lines)}
    wanted = {number: pieces for number, (_, pieces) in enumerate(lines)}
    price = quote(wanted, goods, delivery_fee_rials=delivery, vat_percent=percent)
    exact_hundredths = (price.products_rials + delivery) * percent
    assert price.vat_rials % 10 == 0
    assert 0 <= exact_hundredths - price.vat_rials * 100 < 1000
    assert price.total_rials == sum(p * q for p, q in lines) + delivery + price.vat_rials
