"""The back office at `/admin`: an area is a module with its blueprint, and its role."""

from __future__ import annotations

from flask import Flask

from storefront.admin import access, login, orders, sales, staff, system, today

AREAS = (login, today, orders, sales, staff, system)


def init_app(app: Flask) -> None:
    """Let people log in, and register every area."""
    access.init_app(app)
    for area in AREAS:
        app.register_blueprint(area.blueprint)
