"""Show the kill button on a page of its own, on loopback only: a tiny application beside the shop.

It outlives what it kills. Nobody else can press it: it answers under the names of this machine
alone, a form needs the token of the page, and no other site may read an answer.
"""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel, gettext
from flask_babel import lazy_gettext as _
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from storefront.core import formats
from storefront.core.settings import LOCAL_HOSTS
from storefront.devserver.kill_button import KEPT, VICTIMS, KillButton, Kind, Moment

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = {"fa": "فارسی", "en": "English"}
MOST_BYTES = 4096
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
NAMES = {"shop": _("The shop"), "worker": _("The worker")}
MOMENTS = {
    Moment.NOW: _("now"),
    Moment.COMMIT: _("just before a commit"),
    Moment.CALL: _("just before a call to the gateway"),
    Moment.ANSWER: _("when an answer had come and was not stored"),
}
KINDS = {
    Kind.STARTED: _("started"),
    Kind.KILLED: _("was killed (SIGKILL)"),
    Kind.ENDED: _("ended by itself"),
}


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Say nothing of each request: the terminal is the shop's."""


def make_page(button: KillButton, links: dict[str, str]) -> Flask:
    """Return the application; ``links`` are the addresses of the shop and the sandbox."""
    folder, token = ROOT / "storefront", secrets.token_urlsafe(24)
    app = Flask("storefront", root_path=str(folder), static_folder=str(ROOT / "static"))
    app.template_folder = str(ROOT / "templates")
    app.config.update(MAX_CONTENT_LENGTH=MOST_BYTES, BABEL_DEFAULT_LOCALE="fa")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(_=gettext, language_of_page=language)
    app.jinja_env.filters["digits"] = lambda value: formats.digits(value, language())
    app.jinja_env.filters["moment_seconds"] = lambda at: formats.moment_seconds(at, language())
    Babel(app, locale_selector=language)
    app.before_request(refuse_strangers)
    app.after_request(protect)

    @app.get("/")
    def show() -> str:
        return render_template(
            "devserver/kill.html",
            victims=button.victims.values(),
            happenings=list(reversed(button.happenings)),
            token=token,
            kept=KEPT,
            links=links,
            names=NAMES,
            moments=MOMENTS,
            kinds=KINDS,
            others={code: name for code, name in LANGUAGES.items() if code != language()},
        )

    @app.get("/events.json")
    def events() -> Response:
        return jsonify(events=[each.as_json() for each in list(button.happenings)])

    @app.post("/kill")
    def kill() -> ResponseReturnValue:
        form = request.form
        if not hmac.compare_digest(form.get("token", "").encode(), token.encode()):
            abort(HTTPStatus.FORBIDDEN)
        name, moment = form.get("process", ""), form.get("moment", "")
        if name not in VICTIMS or moment not in {*Moment, "never"}:
            abort(HTTPStatus.BAD_REQUEST)
        if moment == "never":
            button.take_back(name)
        else:
            button.press(name, Moment(moment))
        return redirect(url_for("show", lang=language()), HTTPStatus.SEE_OTHER)

    return app


def language() -> str:
    """Return what the address says, else what was chosen in the shop; cookies ignore ports."""
    said = request.args.get("lang") or request.cookies.get("language", "fa")
    return said if said in LANGUAGES else "fa"


def refuse_strangers() -> None:
    """Refuse another name than this machine's (DNS rebinding), and forms of other sites."""
    try:
        asked = urlsplit(f"//{request.host}").hostname
    except ValueError:
        asked = None
    if asked not in LOCAL_HOSTS:
        abort(HTTPStatus.MISDIRECTED_REQUEST)
    origin = request.headers.get("Origin")
    if request.method == "POST" and origin not in (None, request.host_url.rstrip("/")):
        abort(HTTPStatus.FORBIDDEN)


def protect(response: Response) -> Response:
    """Add the headers of every answer; there is none of CORS among them."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Referrer-Policy"] = "same-origin"  # without it, Origin would be "null"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def serve(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """Serve on threads, for the rest of the supervisor's life. Raises OSError for a taken port."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(host, port, app, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
