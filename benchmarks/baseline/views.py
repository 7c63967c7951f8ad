"""Every page that a purchase passes, doing the least that it must."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import requests
from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from benchmarks.baseline import careful, careful_cart
from benchmarks.baseline.details import Details
from benchmarks.baseline.prices import BY_KEY, DELIVERIES, Sums
from benchmarks.baseline.structured_data import of_product
from benchmarks.baseline.tables import PlainLine, PlainOrder
from benchmarks.rig.pairs import TIMEOUT
from storefront.catalogue.models import Product
from storefront.core.database import db, transaction
from storefront.core.provinces import province_name

blueprint = Blueprint("pages", __name__)
PAGE, NEIGHBOURS = 12, 5
# The five categories; a product has the number of its own.
CATEGORIES = {
    1: ("ceramics", "سفال و سرامیک"),
    2: ("tea-and-sweets", "چای و شیرینی"),
    3: ("textiles", "بافته و پارچه"),
    4: ("paper-and-writing", "کاغذ و قلم"),
    5: ("home-and-light", "خانه و روشنایی"),
}


@blueprint.get("/products")
def catalogue() -> ResponseReturnValue:
    """Twelve goods."""
    query = select(Product).order_by(Product.position, Product.id).limit(PAGE)
    return render_template("catalogue.html", goods=db.session.scalars(query).all())


@blueprint.get("/products/<slug>")
def product(slug: str) -> ResponseReturnValue:
    """One good, and four more of its shelf."""
    found = _product(slug)
    query = select(Product).where(Product.category_id == found.category_id)
    others = db.session.scalars(query.order_by(Product.position, Product.id).limit(NEIGHBOURS))
    category = CATEGORIES[found.category_id]
    files = [found.image, *found.more_images.splitlines()]
    return render_template(
        "product.html",
        product=found,
        category=category,
        pictures=list(zip(files, found.image_texts_fa.splitlines(), strict=False)),
        data=of_product(found, *category),
        others=[good for good in others if good is not found],
    )


@blueprint.post("/cart/add/<slug>")
def add(slug: str) -> ResponseReturnValue:
    """Put pieces of a good into the cart."""
    found = _product(slug)
    pieces = max(1, request.form.get("quantity", 1, type=int))
    if current_app.config.get("CAREFUL"):
        careful_cart.add(found, pieces)
    else:
        together = session.get("cart", {}).get(str(found.id), 0) + pieces
        session["cart"] = session.get("cart", {}) | {str(found.id): min(together, found.stock_free)}
    flash(f"«{found.name_fa}» در سبد شماست.")
    return redirect(url_for("pages.cart"), 303)


@blueprint.get("/cart")
def cart() -> ResponseReturnValue:
    """What is in the cart and what it costs."""
    return render_template("cart.html", sums=Sums(_lines(), DELIVERIES[0]))


@blueprint.route("/checkout", methods=["GET", "POST"])
def checkout() -> ResponseReturnValue:
    """Ask who buys; then keep the order and send the shopper to the gateway."""
    form = Details()
    if not form.validate_on_submit():
        lines, chosen = _lines(), BY_KEY.get(form.delivery.data, DELIVERIES[0])
        sums = [Sums(lines, each) for each in DELIVERIES]
        return render_template("checkout.html", form=form, all_sums=sums, chosen=chosen)
    if current_app.config.get("CAREFUL"):
        token, page = careful.check_out(lambda: _order_of_cart(form), _gateway, _asked)
    else:
        token, page = _check_out(lambda: _order(form), _gateway, _asked)
    session.pop("cart", None)
    session["orders"] = [*session.get("orders", []), token]
    return redirect(page, 303)


def _check_out(order: Callable[[], PlainOrder], ask: careful.Ask, asked: Any) -> tuple[str, str]:
    with transaction():
        placed = order()
    answer = ask("POST", "/orders", json=asked(placed))
    with transaction():
        placed.order_identifier = answer["orderIdentifier"]
    return placed.token, answer["pspSwitchingUrl"]


@blueprint.get("/payments/<reference_number>/callback")
def callback(reference_number: str) -> ResponseReturnValue:
    """Capture the payment, and show the order."""
    come_back = careful.come_back if current_app.config.get("CAREFUL") else _come_back
    order = come_back(reference_number, _gateway)
    return redirect(url_for("pages.order", token=order.token), 303)


def _come_back(reference_number: str, ask: careful.Ask) -> PlainOrder:
    query = select(PlainOrder).where(PlainOrder.reference_number == reference_number)
    order: PlainOrder = db.first_or_404(query)
    if ask("GET", f"/orders/{order.order_identifier}/verify")["status"] == "Successful":
        with transaction():
            order.paid_at = datetime.now(UTC)
    return order


@blueprint.get("/orders/<token>")
def order(token: str) -> ResponseReturnValue:
    """The receipt."""
    found = db.first_or_404(select(PlainOrder).where(PlainOrder.token == token))
    own = token in session.get("orders", [])
    delivery, province = BY_KEY[found.delivery], province_name(found.province, "fa")
    return render_template("order.html", order=found, own=own, delivery=delivery, province=province)


def _product(slug: str) -> Product:
    return db.session.scalar(select(Product).where(Product.slug == slug)) or abort(404)


def _lines() -> list[tuple[Product, int]]:
    kept_here = current_app.config.get("CAREFUL")
    cart = careful_cart.contents() if kept_here else session.get("cart", {})
    query = select(Product).where(Product.id.in_(map(int, cart))).order_by(Product.id)
    return [(product, cart[str(product.id)]) for product in db.session.scalars(query)]


def _order_of_cart(form: Details) -> PlainOrder:
    placed = _order(form)
    careful_cart.empty()
    return placed


def _order(form: Details) -> PlainOrder:
    sums = Sums(_lines(), BY_KEY[form.delivery.data])
    order = PlainOrder(
        token=secrets.token_urlsafe(24),
        reference_number=secrets.token_hex(16),
        amount_rials=sums.total,
        created_at=datetime.now(UTC),
        full_name=form.full_name.data,
        mobile=form.mobile.data,
        delivery=sums.delivery.key,
        delivery_rials=sums.fee,
        vat_rials=sums.vat,
        province=form.province.data or "",
        city=form.city.data or "",
        address=form.address.data or "",
        postal_code=form.postal_code.data or "",
        lines=[
            PlainLine(
                product_id=product.id,
                name=product.name_fa,
                price_rials=product.price_rials,
                quantity=quantity,
            )
            for product, quantity in sums.lines
        ],
    )
    db.session.add(order)
    return order


def _asked(order: PlainOrder) -> dict[str, Any]:
    back = url_for("pages.callback", reference_number=order.reference_number)
    return {
        "amount": order.amount_rials,
        "currency": "RIALS",
        "referenceNumber": order.reference_number,
        "userIdentifier": order.mobile,
        "callbackUrl": current_app.config["PUBLIC_URL"] + back,
    }


def _gateway(method: str, path: str, **more: Any) -> dict[str, Any]:
    gateway: requests.Session = current_app.extensions["gateway"]
    base_url = current_app.config["PPG_BASE_URL"]
    response = gateway.request(method, base_url + path, timeout=TIMEOUT, **more)
    response.raise_for_status()
    return cast(dict[str, Any], response.json())
