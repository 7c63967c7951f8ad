"""Read what a merchant wants to return: all that is left, an amount, or pieces by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from payment_engine.bounds import LONGEST_REASON
from storefront.admin.money_words import WHY_KEPT
from storefront.admin.returnable import Returnable
from storefront.admin.words import shown_number
from storefront.catalogue.models import any_products
from storefront.core.typed import ascii_digits, several_lines
from storefront.orders.models import LineKind, Order, OrderLine

Wrong = dict[str, str]
MOST_DIGITS = 15
STEP = 10  # Rials: a share of the tax is rounded down to a whole Toman, as the tax itself is


@dataclass(frozen=True, slots=True)
class Goods:
    """A line of the order, with the slug that names it in forms."""

    slug: str
    line: OrderLine

    @property
    def left(self) -> int:
        """Return how many pieces are not on sale again."""
        return self.line.quantity - self.line.taken_back


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to go back. ``pieces`` are those that are paid back, by slug; ``restock`` those that
    go on sale again. ``delivery`` is whether its fee goes back, too."""

    how: str
    amount_rials: int
    pieces: Mapping[str, int]
    delivery: bool
    restock: Mapping[str, int]
    reason: str
    by_hand: bool
    cancellable: bool

    @property
    def restocking(self) -> list[str]:
        """Return what ``take_back`` takes, such as ``"cup=2"``."""
        return [f"{slug}={count}" for slug, count in self.restock.items()]


def goods_of(order: Order) -> list[Goods]:
    """Return the lines with products."""
    lines = [line for line in order.lines if line.kind is LineKind.PRODUCT]
    products = any_products(line.product_id for line in lines)
    return [Goods(products[line.product_id].slug, line) for line in lines if line.product_id]


def read(form: Mapping[str, str], order: Order, side: Returnable) -> tuple[Wish, Wrong]:
    """Return what a form wants and, by the name of a field, what is wrong with it."""
    wrong: Wrong = {}
    goods = goods_of(order) if side.is_orders else []
    pieces = _pieces(form, "pieces-", {each.slug: each.line.quantity for each in goods}, wrong)
    restock = _pieces(form, "restock-", {each.slug: each.left for each in goods}, wrong)
    how, delivery = form.get("how", ""), "delivery" in form
    amount = side.rest_rials
    if how == "amount":
        amount = _typed_amount(form.get("amount", ""), side, wrong)
    elif how == "lines":
        amount = _amount_of_lines(order, goods, pieces, side, wrong, delivery=delivery)
    elif how != "whole":
        wrong["how"] = _("Choose what goes back.")
    elif pieces or form.get("amount", "").strip():
        wrong["how"] = _("You also wrote an amount or pieces. Choose what goes back.")
    wish = Wish(
        how=how,
        amount_rials=amount,
        pieces=pieces if how == "lines" else {},
        delivery=delivery and how == "lines",
        restock=restock,
        reason=_reason(form, wrong),
        by_hand=form.get("way") == "hand" or not side.can_send,
        cancellable="cancellable" in form and side.can_hold_back and form.get("way") != "hand",
    )
    return wish, wrong


def _reason(form: Mapping[str, str], wrong: Wrong) -> str:
    reason = several_lines(form.get("reason", ""))
    if not reason or len(reason) > LONGEST_REASON:
        wrong["reason"] = str(WHY_KEPT)
    return reason


def _typed_amount(text: str, side: Returnable, wrong: Wrong) -> int:
    digits = ascii_digits(text).replace(",", "").replace("٬", "").replace(" ", "")
    if not digits.isdecimal() or len(digits) > MOST_DIGITS or not int(digits):
        wrong["amount"] = _("Write the amount in Toman, in digits.")
        return 0
    amount = int(digits) * 10
    if amount > side.rest_rials:
        wrong["amount"] = _("That is more than is left of this payment.")
    return amount


def _pieces(
    form: Mapping[str, str], prefix: str, most: Mapping[str, int], wrong: Wrong
) -> dict[str, int]:
    found = {}
    for slug, limit in most.items():
        typed = ascii_digits(form.get(f"{prefix}{slug}", "")).strip()
        if not typed or typed == "0":
            continue
        if not typed.isdecimal() or len(typed) > 6 or int(typed) > limit:
            wrong[f"{prefix}{slug}"] = _("Write a number up to %(most)s.", most=shown_number(limit))
        else:
            found[slug] = int(typed)
    return found


def _amount_of_lines(
    order: Order,
    goods: Sequence[Goods],
    pieces: Mapping[str, int],
    side: Returnable,
    wrong: Wrong,
    *,
    delivery: bool,
) -> int:
    """Return the price of pieces, and of the delivery, with their share of the tax."""
    chosen = sum(each.line.unit_price_rials * pieces.get(each.slug, 0) for each in goods)
    by_kind = {line.kind: line.amount_rials for line in order.lines if line.product_id is None}
    chosen += by_kind.get(LineKind.DELIVERY, 0) if delivery else 0
    amount = chosen + share_of_tax(order, chosen)
    if not amount:
        wrong["lines"] = _("Write how many pieces are paid back.")
    elif amount > side.rest_rials:
        wrong["lines"] = _("That is more than is left of this payment.")
    return amount


def share_of_tax(order: Order, chosen_rials: int) -> int:
    """Return the tax that was added on a part of an order, in whole Toman; all of it on the whole.

    Prices that contain the tax need no share of it.
    """
    tax = sum(line.amount_rials for line in order.lines if line.kind is LineKind.VAT)
    taxed = order.amount_rials - tax
    if chosen_rials >= taxed:
        return tax
    return tax * chosen_rials // taxed // STEP * STEP
