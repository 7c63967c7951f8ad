"""Keep pages of other sites away from the buttons, and give each page its security policy.

The pages have no password. They listen on this machine only; a page of any site in the learner's
browser could still send a form here (``Origin`` shows it), or let a name of its own lead to this
machine (``Host`` shows it).
"""

from __future__ import annotations

from flask import Flask, Response, abort, current_app, redirect, request
from werkzeug.wrappers import Response as AnyResponse

HARMLESS = ("GET", "HEAD")


def install_guard(app: Flask, url: str, framed: list[str]) -> None:
    """Let the app answer under its own address only; pages may show ``framed`` addresses."""
    app.config["OWN_URL"], app.config["FRAMED"] = url, framed
    app.before_request(refuse_other_origins)
    app.after_request(set_policy)


def refuse_other_origins() -> AnyResponse | None:
    """Refuse other names, and forms of other sites; ``localhost`` leads to the number."""
    own = str(current_app.config["OWN_URL"])
    host = own.partition("://")[2]
    if request.host == host.replace("127.0.0.1", "localhost") and request.method in HARMLESS:
        return redirect(own + request.full_path.rstrip("?"))
    if request.host != host:
        abort(403, "This page is not known under that name.")
    if request.method not in HARMLESS and request.headers.get("Origin") != own:
        abort(403, "The form comes from another site.")
    return None


def set_policy(response: Response) -> Response:
    """Allow each page what it needs: neither scripts nor styles of its own."""
    course = (request.endpoint or "") == "course"
    framed = " ".join(current_app.config["FRAMED"])
    policy = {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self' data:" if course else "'self'",
        "font-src": "'self'",
        "script-src": "'self'" if course else "'none'",
        "connect-src": "'self'" if course else "'none'",
        "frame-src": f"'self' {framed}",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'self'",
    }
    response.headers["Content-Security-Policy"] = "; ".join(
        f"{name} {value}" for name, value in policy.items()
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"  # without it, Origin would be "null"
    if not course:
        response.headers["Cache-Control"] = "no-store"
    return response
