"""Check how shoppers reach the shop: its certificate, and the web server in front of it."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app
from urllib3.exceptions import HTTPError, SSLError
from urllib3.util import parse_url

from storefront.core.services import current_services
from storefront.core.settings import is_test_mode
from storefront.doctor import question
from storefront.doctor.fetching import Answer, fetch
from storefront.doctor.findings import Finding, Findings, not_checked, ok, warning, wrong
from storefront.doctor.proxies import CLAIMED, judged
from storefront.monitoring.own_files import PAGES_NEED

CONNECT_SECONDS = 5.0
RENEW_WITHIN = timedelta(days=14)
START = "start the shop and its web server; this machine must reach the shop's own name, too"
RENEW = "renew the certificate (certbot renew), then reload the web server"
REACH = "start the shop, and see the address behind proxy_pass in nginx"
SILENT = frozenset({502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def certificate() -> Findings:
    """Check that PUBLIC_URL is https where money is real, and how long its certificate lasts."""
    url = parse_url(current_app.config["PUBLIC_URL"])
    if url.scheme != "https":
        yield _without_https()
        return
    try:
        ends_at = _end_of_certificate(str(url.host).strip("[]"), url.port or 443)
    except ssl.SSLCertVerificationError as error:
        yield wrong(f"browsers refuse the certificate: {error.verify_message}", RENEW)
    except OSError as error:
        yield wrong(f"no TLS connection to {url.netloc}: {_reason(error)}", START)
    else:
        yield _judged_by_age(ends_at)


def _without_https() -> Finding:
    if is_test_mode(current_app.config):
        return not_checked("PUBLIC_URL is http: no money is real in test mode")
    return wrong("PUBLIC_URL is http", "get a certificate, and set STOREFRONT_PUBLIC_URL=https://…")


def _end_of_certificate(host: str, port: int) -> datetime:
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), CONNECT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as encrypted,
    ):
        shown = encrypted.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)


def _judged_by_age(ends_at: datetime) -> Finding:
    left = ends_at - current_services().clock()
    sentence = f"the certificate is valid for {left.days} more days, until {ends_at:%Y-%m-%d}"
    return ok(sentence) if left > RENEW_WITHIN else warning(sentence, RENEW)


def web_server() -> Findings:
    """Check that the shop sees who asks, over which scheme and under which name."""
    key = current_app.config["SECRET_KEY"]
    number, asked = question.new_question(key)
    try:
        answer = _fetched(f"/doctor?question={asked}", {"X-Forwarded-For": CLAIMED})
    except HTTPError as error:
        yield _nobody(error)
        return
    seen = question.read_answer(key, number, answer.body)
    if seen is None:
        yield _stranger(answer)
        return
    yield from judged(seen, current_app.config["PUBLIC_URL"])
    if seen.trusted != current_app.config["TRUSTED_PROXIES"]:
        sentence = f"the running shop has TRUSTED_PROXIES={seen.trusted}, this command another one"
        yield warning(sentence, "restart the shop after a change; run this with its settings")


def _fetched(path: str, headers: dict[str, str] | None = None) -> Answer:
    return fetch(current_app.config["PUBLIC_URL"] + path, headers)


def _nobody(error: Exception) -> Finding:
    if isinstance(error, SSLError):
        return not_checked("the certificate is not believed", "see the line about https")
    sentence = f"{current_app.config['PUBLIC_URL']} does not answer: {_reason(error)}"
    if is_test_mode(current_app.config):
        return not_checked(sentence, "start the shop first, and see the line about https")
    return wrong(sentence, START)


def _stranger(answer: Answer) -> Finding:
    if answer.status in SILENT:
        return wrong(f"a web server answers HTTP {answer.status}: it reaches no shop", REACH)
    to = f", which leads to {answer.location}" if answer.status in REDIRECTS else ""
    sentence = f"the answer (HTTP {answer.status}{to}) is not of a shop with this SECRET_KEY"
    todo = "let the web server pass every address on to this shop, in this version, with this key"
    return wrong(sentence, todo)


def static_files() -> Findings:
    """Check that style sheet and fonts arrive as they are here."""
    folder = Path(str(current_app.static_folder))
    try:
        changed = (_arrives_changed(folder, name) for name in PAGES_NEED)
        first = next(filter(None, changed), None)
    except HTTPError as error:
        yield _nobody(error)
        return
    yield first or ok("style sheet and fonts arrive as they are here")


def _arrives_changed(folder: Path, name: str) -> Finding | None:
    if not (folder / name).is_file():
        return None  # another check says so
    answer = _fetched(f"/static/{name}")
    if answer.status != 200:
        todo = f"let the web server read {folder} (root in nginx.conf), or pass /static/ on"
        return wrong(f"/static/{name}: HTTP {answer.status}", todo)
    if answer.body != (folder / name).read_bytes():
        todo = "let the web server serve the files of the version that runs"
        return wrong(f"/static/{name} is another one than here", todo)
    return None


def redirect() -> Findings:
    """Check that who types the name without https is led to it."""
    public = urlsplit(current_app.config["PUBLIC_URL"])
    if public.scheme != "https" or public.port is not None:
        yield not_checked("PUBLIC_URL is not https on its usual port")
        return
    yield redirect_from(f"http://{public.netloc}/cart", public.geturl())


def redirect_from(url: str, public_url: str) -> Finding:
    """Judge what a plain address answers: it should lead to the same page under PUBLIC_URL."""
    todo = f"return 308 {public_url}$request_uri; in a server of nginx that listens on port 80"
    try:
        answer = fetch(url)
    except HTTPError as error:
        return warning(f"{url} does not answer: {_reason(error)}", todo)
    if answer.status in REDIRECTS and answer.location.startswith(f"{public_url}/"):
        return ok(f"{url} leads to {answer.location}")
    return wrong(f"{url}: HTTP {answer.status} {answer.location}".rstrip(), todo)


def _reason(error: BaseException) -> str:
    """Return the innermost reason of a failed connection, in few words."""
    inner = getattr(error, "reason", None)
    if isinstance(inner, BaseException):
        return _reason(inner)
    if error.__cause__ is not None:
        return _reason(error.__cause__)
    words = getattr(error, "verify_message", None) or getattr(error, "strerror", None)
    return str(words or type(error).__name__)
