"""Let whoever asks for a page make this process look, once a minute, whether a worker runs."""

from __future__ import annotations

from flask import Flask

from storefront.monitoring.alarms import WorkerWatch


def init_app(app: Flask) -> None:
    """Look when a request is over; a load balancer's checks do as well as a shopper's pages."""
    watch = WorkerWatch(app, app.extensions["services"])

    @app.teardown_request
    def look(_error: BaseException | None) -> None:
        watch.look()
