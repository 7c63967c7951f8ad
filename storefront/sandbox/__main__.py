"""``python -m storefront.sandbox``: the sandbox alone, for a shop in any language."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from storefront.sandbox.app import create_app
from storefront.sandbox.calls import Sandbox
from storefront.sandbox.server import CannotListen, SandboxServer
from storefront.sandbox.settings import (
    DEFAULT_PORT,
    Settings,
    positive_number,
    say,
    settings_from,
)


def read_arguments(settings: Settings, port: int) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m storefront.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port, help=f"default {port} (SANDBOX_PORT)")
    parser.add_argument("--database", type=Path, default=settings.database, help="SANDBOX_DATABASE")
    return parser.parse_args()


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    server = SandboxServer(host, port)  # first of all: a running sandbox's file is left alone
    app = create_app(settings)
    wired: Sandbox = app.extensions["sandbox"]
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server.start(app)
    say(f"Sandbox on {server.address} (PPG: {server.address}/ppg/v2)")
    if wired.store.set_aside:
        say(f"Another version's database was set aside as {wired.store.set_aside}")
    stop.wait()
    wired.holds.stop()
    server.stop()
    wired.store.close()


def give_up(reason: Exception) -> NoReturn:
    sys.stderr.write(f"{reason}\n")
    sys.exit(1)


def main() -> None:
    try:
        settings = settings_from(os.environ)
        arguments = read_arguments(
            settings, positive_number(os.environ, "SANDBOX_PORT", DEFAULT_PORT)
        )
        serve(replace(settings, database=arguments.database), arguments.host, arguments.port)
    except (CannotListen, ValueError) as error:
        give_up(error)


if __name__ == "__main__":
    main()
