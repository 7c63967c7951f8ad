"""Protect every page: headers, cookies, CSRF and a limit on the size of requests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from flask import Flask, abort, request
from flask import Response as FlaskResponse
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from storefront.core.settings import LOCAL_HOSTS

MOST_BYTES = 64 * 1024  # far above the longest checkout form

csrf = CSRFProtect()


def init_app(app: Flask) -> None:
    """Set cookies, limits and headers in the one place where they are decided."""
    encrypted = app.config["PUBLIC_URL"].startswith("https://")
    app.config.update(
        SESSION_COOKIE_NAME="storefront_session",  # cookies ignore ports: the sandbox has its own
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=encrypted,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        # A slow answer must not put yesterday's cart back: only what changes it sets the cookie.
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_BYTES,
    )
    csrf.init_app(app)
    proxies = app.config["TRUSTED_PROXIES"]
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)  # type: ignore[method-assign]  # Flask's documented way
    guards = _headers(app.config["PSP_HOSTS"], encrypted=encrypted)
    app.before_request(_refuse_null_bytes)

    @app.after_request
    def guard(response: FlaskResponse) -> FlaskResponse:
        for name, value in guards.items():
            response.headers.setdefault(name, value)
        return response


def _headers(psp_hosts: Iterable[str], *, encrypted: bool) -> dict[str, str]:
    headers = {
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": _content_policy(psp_hosts),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    if encrypted:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _content_policy(psp_hosts: Iterable[str]) -> str:
    """Everything from ourselves, nothing inline.

    A form's answer may redirect to the gateway, and browsers hold that against ``form-action``.
    """
    gateways = " ".join(_origin(host) for host in psp_hosts)
    rules = (
        "default-src 'none'",
        "base-uri 'none'",
        "connect-src 'self'",
        "font-src 'self'",
        f"form-action 'self' {gateways}".strip(),
        "frame-ancestors 'none'",
        "img-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
    )
    return "; ".join(rules)


def _origin(host: str) -> str:
    name = host.rpartition(":")[0] or host
    return f"{'http' if name.strip('[]') in LOCAL_HOSTS else 'https'}://{host}"


def _refuse_null_bytes() -> None:
    """No shopper types one, and PostgreSQL cannot hold one."""
    if "\0" in request.path:
        abort(404)
    values = (value for _, value in request.values.items(multi=True))
    if any("\0" in value for value in values):
        abort(400)


def keep_private(response: Response) -> Response:
    """Keep a page with somebody's order out of caches and search engines."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def keep_for_ever(response: Response) -> Response:
    """Let anybody keep an answer whose address changes with its content."""
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
