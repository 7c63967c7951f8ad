"""What a cart costs, in whole Rials."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storefront.catalogue.models import Product
from storefront.core.delivery import DeliveryMethod
from storefront.core.services import PricePolicy
from storefront.orders.pricing import quote, quotes

POST = DeliveryMethod("post", "پست", "Post", (3, 6), free_from_rials=20_000_000)
COURIER = DeliveryMethod("courier", "پیک", "Courier", (1, 1), price_rials=600_000)
PICKUP = DeliveryMethod("pickup", "حضوری", "Pickup", (1, 2), price_rials=0, pickup=True)


def policy(*, with_tax: bool, delivery_rials: int = 850_000, percent: int = 10) -> PricePolicy:
    return PricePolicy(delivery_rials, percent, with_tax, (POST, COURIER, PICKUP))


def product(price_rials: int) -> Product:
    return Product(price_rials=price_rials)


GOODS = {1: product(1_000_000), 2: product(250_000)}


def test_delivery_and_tax_are_added_once_to_prices_without_tax() -> None:
    price = quote({1: 2, 2: 1}, GOODS, policy(with_tax=False))
    assert price.products_rials == 2_250_000
    assert price.vat_rials == 310_000
    assert price.total_rials == 2_250_000 + 850_000 + 310_000
    assert price.tax_in(1_000_000) == 0


def test_prices_with_tax_are_what_is_paid_and_tell_the_tax_in_them() -> None:
    price = quote({1: 2, 2: 1}, GOODS, policy(with_tax=True))
    assert price.total_rials == 2_250_000 + 850_000
    assert price.tax_in(1_100_000) == 100_000
    assert price.vat_rials == 181_820 + 22_730 + 77_270


def test_the_tax_in_prices_is_rounded_to_the_nearest_toman() -> None:
    goods = {1: product(4_650_000)}
    assert quote({1: 1}, goods, policy(with_tax=True)).vat_rials == 422_730 + 77_270 == 500_000
    assert quote({1: 1}, {1: product(10)}, policy(with_tax=True, percent=100)).tax_in(10) == 10
    assert quote({1: 1}, {1: product(9)}, policy(with_tax=True, percent=100)).tax_in(9) == 0


def test_each_delivery_method_has_its_own_sum() -> None:
    prices = policy(with_tax=True)
    totals = [each.total_rials for each in quotes(quote({1: 2}, GOODS, prices), prices)]
    assert totals == [2_850_000, 2_600_000, 2_000_000]
    dear = quote({1: 20}, GOODS, prices, "post")
    assert (dear.delivery_rials, dear.total_rials) == (0, 20_000_000)


def test_an_empty_cart_costs_nothing_not_even_delivery() -> None:
    assert quote({}, {}, policy(with_tax=True)).total_rials == 0


def test_a_product_that_is_gone_or_wanted_zero_times_is_left_out() -> None:
    price = quote({1: 0, 9: 3}, {1: product(10)}, policy(with_tax=True))
    assert price.lines == ()


@given(
    st.lists(st.tuples(st.integers(1, 10**10), st.integers(1, 99)), min_size=1, max_size=20),
    st.integers(0, 10**7),
    st.integers(0, 100),
)
def test_tax_is_whole_toman_and_as_near_to_its_percentage_as_can_be(
    lines: list[tuple[int, int]], delivery: int, percent: int
) -> None:
    goods = {number: product(price) for number, (price, _) in enumerate(lines)}
    wanted = {number: pieces for number, (_, pieces) in enumerate(lines)}
    paid = sum(p * q for p, q in lines)
    added = quote(wanted, goods, policy(with_tax=False, delivery_rials=delivery, percent=percent))
    exact_hundredths = (added.products_rials + added.delivery_rials) * percent
    assert added.vat_rials % 10 == 0
    assert 0 <= exact_hundredths - added.vat_rials * 100 < 1000
    assert added.total_rials == paid + added.delivery_rials + added.vat_rials
    within = quote(wanted, goods, policy(with_tax=True, delivery_rials=delivery, percent=percent))
    assert within.total_rials == paid + within.delivery_rials
    assert within.vat_rials % 10 == 0
    for amount in (within.delivery_rials, *(line.amount_rials for line in within.lines)):
        off = amount * percent - within.tax_in(amount) * (100 + percent)
        assert -5 * (100 + percent) <= off < 5 * (100 + percent)
        assert within.tax_in(amount) <= amount
