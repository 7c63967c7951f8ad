"""What a cart costs with each way to deliver it. Money is integer Rials; prices contain the tax."""

from __future__ import annotations

from dataclasses import dataclass

from storefront.catalogue.models import Product

VAT_PERCENT = 10


def tax_in(amount_rials: int) -> int:
    """Return the tax that an amount contains, in whole Toman."""
    return amount_rials * VAT_PERCENT // (100 + VAT_PERCENT) // 10 * 10


@dataclass(frozen=True)
class Delivery:
    """A way to get an order."""

    key: str
    name: str
    price_rials: int
    days: str
    free_from_rials: int | None = None
    only: str = ""

    def fee(self, products_rials: int) -> int:
        """Return what it costs for goods of this sum."""
        if self.free_from_rials is not None and products_rials >= self.free_from_rials:
            return 0
        return self.price_rials


DELIVERIES = (
    Delivery("post", "پست پیشتاز", 850_000, "۳ تا ۶ روز کاری", 30_000_000),
    Delivery("courier", "پیک تهران", 600_000, "۱ تا ۲ روز کاری", only="تهران"),
    Delivery("pickup", "تحویل حضوری", 0, "۱ تا ۲ روز کاری تا آماده شدن"),
)
BY_KEY = {each.key: each for each in DELIVERIES}


class Sums:
    """What a cart costs with one of them."""

    def __init__(self, lines: list[tuple[Product, int]], delivery: Delivery) -> None:
        amounts = [product.price_rials * quantity for product, quantity in lines]
        self.lines, self.delivery = lines, delivery
        self.goods = sum(amounts)
        self.fee = delivery.fee(self.goods)
        self.vat = sum(map(tax_in, amounts)) + tax_in(self.fee)
        self.total = self.goods + self.fee
