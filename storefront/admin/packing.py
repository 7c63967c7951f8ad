"""Print what a parcel needs: packing slips, address labels, and a list of what to fetch."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import segno
from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from storefront.admin.access import area
from storefront.catalogue.models import Product, any_products
from storefront.orders import finding
from storefront.orders import models as orders
from storefront.orders.models import LineKind, Order, OrderLine
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
    return render_template("admin/slips.html", orders=_orders(), goods_of=_goods)


@blueprint.get("/packing/labels")
def labels() -> ResponseReturnValue:
    """Return an address label for each of these orders."""
    size = request.args.get("size", SIZES[0])
    if size not in SIZES:
        abort(404)
    numbers = tuple(request.args.getlist("number")[:MOST_AT_ONCE])
    return render_template(
        "admin/labels.html", orders=_orders(), numbers=numbers, goods_of=_goods, size=size
    )


@blueprint.get("/packing/pick")
def pick() -> ResponseReturnValue:
    """Return what to fetch for these orders, by product."""
    found = _orders()
    return render_template("admin/pick.html", orders=found, picks=_picks(found))


def _orders() -> Sequence[Order]:
    """Return the orders that are named, in the order of the list; 404 if there is none."""
    found = finding.by_numbers(request.args.getlist("number")[:MOST_AT_ONCE])
    return found or abort(404)


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
