"""What people see: a blueprint for each area; module, endpoint and templates share its name."""

from __future__ import annotations

from flask import Flask

from storefront.views import health


def init_app(app: Flask) -> None:
    """Register every area."""
    for area in (health,):
        app.register_blueprint(area.blueprint)
