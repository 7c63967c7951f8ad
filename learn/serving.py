"""`python -m learn serve`: the sandbox, the learner's shop and the pages, until Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.http import parse_cookie

from jibit_sandbox.app import create_app as create_sandbox
from jibit_sandbox.core.settings import Settings
from jibit_sandbox.web.server import CannotListen, SandboxServer
from learn.controls import (
    Addresses,
    Controls,
    forget_addresses,
    listens,
    remember_addresses,
    running_addresses,
)
from learn.errors import CannotDo
from learn.shop_process import ShopProcess
from learn.speaking import Speaker
from learn.web.app import LANGUAGE, Desk, create_app
from learn.workshop import Workshop

HERE = Path(__file__).parent
ROOT = HERE.parent
HOST = "127.0.0.1"
SOURCES = (HERE / "course", HERE / "chapters", HERE / "diagrams", ROOT / "docs" / "site")
BUILDERS = ("listings.py", "sphinx_listing.py", "sphinx_diagrams.py")
POLICY = "Content-Security-Policy"


class PortTaken(CannotDo):
    """Something else listens on this port."""

    def __init__(self, port: int) -> None:
        super().__init__("port", port=port)


@dataclass(frozen=True)
class Ports:
    """Where the three are found."""

    course: int = 8080
    shop: int = 5000
    sandbox: int = 8001


def serve(workshop: Workshop, say: Speaker, ports: Ports, *, opens_browser: bool) -> int:
    """Serve until SIGINT or SIGTERM; return 2 if there are no pages. Raises CannotDo."""
    if len({ports.course, ports.shop, ports.sandbox}) < len(astuple(ports)):
        raise CannotDo("same ports")
    running = running_addresses(workshop)
    if running and listens(running.sandbox):
        raise CannotDo("runs already", shop=running.shop, sandbox=running.sandbox)
    forget_addresses(workshop)  # of a course that was killed: this one may get other ports
    site = workshop.folder / "site"
    if is_older(site):
        say("building")
        if not build(site) and not (site / say.language / "index.html").is_file():
            say("not built")
            return 2
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with running_course(workshop, ports, site) as url:
        # Without a choice in the command line it is the browser's.
        page = f"{url}/" if say.language == "en" else f"{url}/{say.language}/"
        say("serving", url=page)
        if ports != Ports(course=ports.course):
            say("other ports", lines=exports(Controls(workshop).addresses))
        sys.stdout.flush()
        if opens_browser:
            webbrowser.open(page)
        stop.wait()
    return 0


@contextmanager
def running_course(workshop: Workshop, ports: Ports, site: Path) -> Iterator[str]:
    """Run the sandbox, the shop and the pages; yield the address of the pages."""
    if ports.shop and listens(f"http://{HOST}:{ports.shop}"):
        raise PortTaken(ports.shop)
    workshop.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        server = listen(ports.course)
        sandbox = stack.enter_context(sandbox_beside(workshop, ports.sandbox, server.address))
        addresses = Addresses(sandbox=sandbox, shop=f"http://{HOST}:{ports.shop}")
        remember_addresses(workshop, addresses)
        stack.callback(forget_addresses, workshop)
        controls = Controls(workshop)
        shop = ShopProcess(
            workshop, ports.shop, settings_of(addresses), before_start=controls.set_shop_clock
        )
        shop.start()
        stack.callback(shop.stop)
        shop.wait_until_settled()
        server.start(create_app(Desk(workshop, controls, shop, site.resolve()), server.address))
        stack.callback(server.stop)
        yield server.address


def exports(addresses: Addresses) -> str:
    """Return the lines that tell a shop in another terminal where it is and whom it asks."""
    settings = settings_of(addresses)
    return "\n".join(f"export {name}={settings[name]}" for name in settings if name != "NO_PROXY")


def settings_of(addresses: Addresses) -> dict[str, str]:
    """Return the shop's settings; with the usual ports they are its defaults."""
    return {
        "GATEWAY_URL": f"{addresses.sandbox}/ppg/v2",
        "PPG_V3_URL": f"{addresses.sandbox}/ppg/v3",
        "WALLET_URL": f"{addresses.sandbox}/pg",
        "PUBLIC_URL": addresses.shop,
        "NO_PROXY": "*",
    }


@contextmanager
def sandbox_beside(workshop: Workshop, port: int, course: str) -> Iterator[str]:
    """Run a sandbox whose pages the course may show in a frame; its orders are kept."""
    server = listen(port)
    app = create_sandbox(Settings(database=workshop.folder / "sandbox.sqlite3", quiet=True))
    app.wsgi_app = _Framed(app.wsgi_app, course)  # type: ignore[method-assign] # Flask's own way
    wired = app.extensions["sandbox"]
    server.start(app)
    try:
        yield server.address
    finally:
        wired.held_calls.stop()
        server.stop()
        wired.store.close()


def listen(port: int) -> SandboxServer:
    """Listen on this machine. Raises PortTaken."""
    try:
        return SandboxServer(HOST, port)
    except CannotListen as error:
        raise PortTaken(port) from error


class _Framed:
    """Let the pages of one address show this application in a frame, in their language."""

    def __init__(self, app: WSGIApplication, by: str) -> None:
        self._app, self._by = app, by

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        # The browser sends the course's cookies to every port of this machine.
        language = parse_cookie(environ).get(LANGUAGE)
        if language:
            environ["HTTP_ACCEPT_LANGUAGE"] = language

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            allowed = f"frame-ancestors {self._by}"
            changed = [
                (
                    name,
                    value.replace("frame-ancestors 'none'", allowed) if name == POLICY else value,
                )
                for name, value in headers
            ]
            return start_response(status, changed, *more)

        return self._app(environ, start)


def is_older(site: Path) -> bool:
    """Return whether the course was changed after it was built."""
    built = site / "index.html"
    if not built.is_file():
        return True
    files = [path for source in SOURCES for path in source.rglob("*") if path.is_file()]
    files += [HERE / name for name in BUILDERS]
    return max(path.stat().st_mtime for path in files) > built.stat().st_mtime


def build(site: Path) -> bool:
    """Build the pages of the course."""
    command = [sys.executable, "scripts/build_site.py", "--course", str(site.resolve())]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0
