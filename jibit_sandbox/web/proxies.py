"""Believe the ``X-Forwarded-`` headers of proxies that the settings name, and of nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def believe_proxies(app: Flask, proxies: tuple[str, ...]) -> None:
    """Read the payer's address, scheme, host and port from what such a proxy says."""
    if not proxies:
        return
    from werkzeug.middleware.proxy_fix import ProxyFix

    networks, direct = [ip_network(each) for each in proxies], app.wsgi_app
    forwarded = ProxyFix(direct, x_for=1, x_proto=1, x_host=1, x_port=1)

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        sender = ip_address(environ["REMOTE_ADDR"].partition("%")[0])
        chosen = forwarded if any(sender in network for network in networks) else direct
        return chosen(environ, start_response)

    app.wsgi_app = application  # type: ignore[method-assign] # as Flask's documentation has it
