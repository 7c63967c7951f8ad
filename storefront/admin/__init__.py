"""The back office at `/admin`: an area is a module with its blueprint, and its role."""

from __future__ import annotations

from flask import Flask

from storefront.admin import (
    access,
    catalogue_files,
    categories,
    login,
    orders,
    packing,
    pictures,
    products,
    staff,
    stock,
    system,
    today,
)

AREAS = (
    *(login, today, orders, packing, products, pictures, stock, categories, catalogue_files),
    *(staff, system),
)


def init_app(app: Flask) -> None:
    """Let people log in, and register every area."""
    access.init_app(app)
    for area in AREAS:
        app.register_blueprint(area.blueprint)
