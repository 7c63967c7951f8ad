"""What people see: a blueprint for each area; module, endpoint and templates share its name."""

from __future__ import annotations

from flask import Flask

from storefront import security
from storefront.views import (
    cart,
    catalogue,
    checkout,
    errors,
    filters,
    health,
    language,
    orders,
    payments,
    pictures,
)


def init_app(app: Flask) -> None:
    """Guard every page, teach the templates, and register every area."""
    for part in (security, language, filters, pictures, errors):
        part.init_app(app)
    for area in (catalogue, pictures, cart, checkout, payments, orders, health, language):
        app.register_blueprint(area.blueprint)
