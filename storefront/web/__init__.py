"""Register the pages: a blueprint for each area; module, endpoint and templates share its name."""

from __future__ import annotations

from flask import Flask

from storefront.web import (
    cart,
    catalogue,
    checkout,
    compression,
    doctor,
    errors,
    filters,
    health,
    invoices,
    language,
    metrics,
    orders,
    own_texts,
    pages,
    payments,
    pictures,
    privacy,
    receipts,
    request_ids,
    robots,
    security,
    sharing,
    theme,
    theme_templates,
    tracking,
    watching,
)

AREAS = (
    *(catalogue, pictures, cart, checkout, payments, orders, tracking, receipts),
    *(invoices, health, doctor, language, metrics, privacy, robots, sharing, pages, theme),
)
PARTS = (
    *(request_ids, security, language, theme, own_texts, filters),
    *(pictures, sharing, compression, health, watching),
)


def init_app(app: Flask) -> None:
    """Guard every page, teach the templates, and register every area."""
    for part in PARTS:
        part.init_app(app)
    for area in AREAS:
        app.register_blueprint(area.blueprint)
    theme_templates.check(app)
    errors.init_app(app)  # last: it renders a page
