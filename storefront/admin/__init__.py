"""The back office at `/admin`: an area is a module with its blueprint, and its role."""

from __future__ import annotations

from flask import Flask

from storefront.admin import (
    access,
    catalogue_files,
    categories,
    discrepancies,
    letters,
    login,
    messages,
    money,
    order,
    orders,
    packing,
    pictures,
    products,
    refunding,
    refunds,
    sales,
    staff,
    stock,
    system,
    today,
)

OF_PRODUCTS = (products, pictures, stock, categories, catalogue_files)
OF_MONEY = (money, refunding, refunds, discrepancies)
AREAS = (
    *(login, today, orders, order, packing, *OF_PRODUCTS, *OF_MONEY, sales),
    *(messages, letters, staff, system),
)


def init_app(app: Flask) -> None:
    """Let people log in, and register every area."""
    access.init_app(app)
    for blueprint in dict.fromkeys(area.blueprint for area in AREAS):  # two modules may share one
        app.register_blueprint(blueprint)
