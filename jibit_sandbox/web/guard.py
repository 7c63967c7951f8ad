"""Keep pages of other sites away from the dashboard, the control API and the payer's buttons.

The sandbox has no passwords: whoever reaches it controls it, also a page of any site in a
developer's browser. Such a page sends its requests here and says so in ``Origin``; or its own name
leads to this machine (DNS rebinding), and then only ``Host`` shows it. ``Sec-Fetch-Site`` shows
neither, since browsers leave it out where there is no https.

The gateways' API is for programs, which call it by any name, such as a container's.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import request
from werkzeug.wrappers import Response

from jibit_sandbox.core.context import sandbox, wire_at
from jibit_sandbox.web.failures import failure

HARMLESS = ("GET", "HEAD")
OPEN = ("static", "openapi.document", "worlds.health")  # public; the payer's page needs styles


def refuse_strangers() -> Response | None:
    """Refuse what comes under a name that is not the sandbox's, or from a page of another site."""
    if is_for_programs():
        return None
    if not is_own_name(request.host):
        return failure(
            f"this sandbox is not known as {request.host!r}: open it as localhost or by its"
            " number, or name it in SANDBOX_HOSTS",
            403,
        )
    if request.method not in HARMLESS and is_from_another_site():
        return failure("the request comes from another site", 403)
    return None


def is_for_programs() -> bool:
    """Return whether any name is good: a gateway's API, or its page without a browser's Origin."""
    if request.endpoint in OPEN:
        return True
    if wire_at(request.path) is None:
        return False
    on_page = (request.blueprint or "").endswith("_pages")
    return not on_page or "Origin" not in request.headers


def is_own_name(host: str) -> bool:
    """Return whether a Host is this machine's: nobody else can make a number or localhost his."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return is_local(name) or is_number(name) or name in sandbox().settings.own_names


def is_local(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost")


def is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def is_from_another_site() -> bool:
    """Return whether a browser says that another page than ours sent this; programs say nothing."""
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return True
    origin = request.headers.get("Origin")
    return origin is not None and origin.partition("://")[2] != request.headers.get("Host")
