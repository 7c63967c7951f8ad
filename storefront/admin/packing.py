"""Print what a parcel needs: packing slips, address labels, and a list of what to fetch."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import segno
from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString

from storefront.admin.access import area
from storefront.admin.words import COLLECTED, LEFT_OUT, named
from storefront.catalogue.models import Product, any_products
from storefront.orders import finding
from storefront.orders import models as orders
from storefront.orders.models import LineKind, Order, OrderLine
from storefront.orders.sendable import holds_of
from storefront.staff.models import Role

blueprint = area("packing", needs=Role.CLERK)

MOST_AT_ONCE = 100  # orders on one print-out
SIZES = ("small", "a4")  # 100 x 150 mm, and two on a page of A4


@dataclass(frozen=True, slots=True)
class Pick:
    """What to fetch of a product, and for which orders (their numbers, with the pieces)."""

    product: Product
    pieces: int
    orders: Sequence[tuple[str, int]]


@blueprint.get("/packing/slips")
def slips() -> ResponseReturnValue:
    """Return a packing slip for each of these orders, one on a page."""
    return _sheets("admin/slips.html", goods_of=_goods)


@blueprint.get("/packing/labels")
def labels() -> ResponseReturnValue:
    """Return an address label for each of these orders."""
    size = request.args.get("size", SIZES[0])
    if size not in SIZES:
        abort(404)
    numbers = tuple(request.args.getlist("number")[:MOST_AT_ONCE])
    return _sheets("admin/labels.html", sent_only=True, numbers=numbers, goods_of=_goods, size=size)


@blueprint.get("/packing/pick")
def pick() -> ResponseReturnValue:
    """Return what to fetch for these orders, by product."""
    return _sheets("admin/pick.html", picks_of=_picks)


def _sheets(template: str, *, sent_only: bool = False, **also: Any) -> str:
    """Print the orders that are named; what must not be sent is left out, and said on screen.

    With ``sent_only`` also what its buyer collects.

    404 if there is none of them.
    """
    found = finding.by_numbers(request.args.getlist("number")[:MOST_AT_ONCE]) or abort(404)
    holds, left = holds_of(found), defaultdict[LazyString, list[str]](list)
    for number, why in holds.items():
        left[LEFT_OUT[why]].append(number)
    to_go = [order for order in found if order.number not in holds]
    if collected := [order.number for order in to_go if sent_only and order.pickup]:
        left[COLLECTED] = collected
        to_go = [order for order in to_go if not order.pickup]
    said = [f"{why} {named(numbers)}" for why, numbers in left.items()]
    return render_template(template, orders=to_go, left_out=said, **also)


def _goods(order: Order) -> list[OrderLine]:
    return [line for line in order.lines if line.kind is LineKind.PRODUCT]


def _picks(found: Sequence[Order]) -> list[Pick]:
    wanted: dict[int, list[tuple[str, int]]] = {}
    for order in found:
        for line in _goods(order):
            if left := line.quantity - line.taken_back:
                wanted.setdefault(line.product_id or 0, []).append((order.number, left))
    products = any_products(wanted)
    picks = [Pick(products[key], sum(n for _, n in each), each) for key, each in wanted.items()]
    return sorted(picks, key=lambda each: each.product.slug)


@blueprint.get("/packing/<number>/code.svg")
def code(number: str) -> ResponseReturnValue:
    """Return an order's number as a QR code; a scanner types it into the list's search."""
    if orders.by_number(number) is None:
        abort(404)
    drawing = io.BytesIO()
    segno.make(number, error="m").save(drawing, kind="svg", light="#fff", scale=4, border=2)
    return Response(drawing.getvalue(), mimetype="image/svg+xml")
