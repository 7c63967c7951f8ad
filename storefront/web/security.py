"""Protect every page: headers, cookies, CSRF and a limit on the size of requests."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask
from flask import Response as FlaskResponse
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from storefront.core.seller import SEAL
from storefront.core.settings import LOCAL_HOSTS
from storefront.orders import carts
from storefront.web import cookies, hosts, request_class

MOST_BYTES = 64 * 1024  # far above the longest checkout form


class FormProtection(CSRFProtect):
    """Flask-WTF's protection, for any ``Referer``: under https it is compared as an address."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """Raise CSRFError for a form that this browser was not given by the shop."""
        try:
            super().protect(apply_exemptions)
        except ValueError as error:  # ``https://[`` is no address
            raise CSRFError("The referrer is no address.") from error


csrf = FormProtection()


def init_app(app: Flask) -> None:
    """Set cookies, limits and headers in the one place where they are decided."""
    encrypted = app.config["PUBLIC_URL"].startswith("https://")
    request_class.init_app(app)
    app.session_interface = cookies.Sessions()
    app.config.update(
        # Cookies ignore ports: the sandbox has a session of its own.
        SESSION_COOKIE_NAME=cookies.name_of("storefront_session", encrypted=encrypted),
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=encrypted,
        PERMANENT_SESSION_LIFETIME=carts.KEPT,
        # A slow answer must not put yesterday's cart back: only what changes it sets the cookie.
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_BYTES,
    )
    hosts.init_app(app)
    csrf.init_app(app)
    proxies = app.config["TRUSTED_PROXIES"]
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)  # type: ignore[method-assign]  # Flask's documented way
    pictures = ("'self'", SEAL) if app.config["ENAMAD"] else ("'self'",)
    guards = _headers(_content_policy(app.config["PSP_HOSTS"], pictures), encrypted=encrypted)

    @app.after_request
    def guard(response: FlaskResponse) -> FlaskResponse:
        response.headers.extend(
            {name: value for name, value in guards.items() if name not in response.headers}
        )
        return response


def _headers(content_policy: str, *, encrypted: bool) -> dict[str, str]:
    headers = {
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": content_policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    if encrypted:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _content_policy(psp_hosts: Iterable[str], pictures: Iterable[str]) -> str:
    """Everything from ourselves, nothing inline; pictures from these, too.

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
        f"img-src {' '.join(pictures)}",
        "manifest-src 'self'",
        "object-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
    )
    return "; ".join(rules)


def _origin(host: str) -> str:
    name = host.rpartition(":")[0] or host
    return f"{'http' if name.strip('[]') in LOCAL_HOSTS else 'https'}://{host}"


def keep_private(response: Response) -> Response:
    """Keep a page with somebody's order out of caches and search engines."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def keep_for_ever(response: Response) -> Response:
    """Let anybody keep an answer whose address changes with its content."""
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
