"""Run the sandbox from the command line, for a shop in any language."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from sqlalchemy import select

from jibit_sandbox.app import create_app
from jibit_sandbox.behaviours.chaos import (
    DEFAULT_RATES,
    chaos_statistics,
    start_chaos,
    statistics_lines,
)
from jibit_sandbox.core.context import Sandbox
from jibit_sandbox.core.models import World
from jibit_sandbox.core.settings import (
    DEFAULT_PORT,
    Settings,
    positive_number,
    print_lines,
    settings_from,
)
from jibit_sandbox.core.worlds import DEFAULT_WORLD, world_named
from jibit_sandbox.web.server import CannotListen, SandboxServer


def read_arguments(settings: Settings, port: int) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m jibit_sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port, help=f"default {port} (SANDBOX_PORT)")
    parser.add_argument("--database", type=Path, default=settings.database, help="SANDBOX_DATABASE")
    parser.add_argument(
        "--chaos",
        type=int,
        metavar="SEED",
        help=f"mix failures in world {DEFAULT_WORLD!r}, the same ones for the same seed",
    )
    return parser.parse_args()


def serve(settings: Settings, host: str, port: int, chaos_seed: int | None) -> None:
    """Serve until SIGINT or SIGTERM, then print the statistics of chaos."""
    server = SandboxServer(host, port)  # first of all: a running sandbox's file is left alone
    app = create_app(settings)
    wired: Sandbox = app.extensions["sandbox"]
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server.start(app)
    if chaos_seed is not None:
        with wired.store.writing() as session:
            start_chaos(world_named(session, DEFAULT_WORLD), chaos_seed, DEFAULT_RATES)
    print_lines(
        f"Sandbox on {server.address} (PPG: {server.address}/ppg/v2, wallet: {server.address}/pg)"
    )
    if wired.store.set_aside:
        print_lines(f"Another version's database was set aside as {wired.store.set_aside}")
    stop.wait()
    wired.held_calls.stop()
    server.stop()
    print_chaos_statistics(wired)
    wired.store.close()


def print_chaos_statistics(wired: Sandbox) -> None:
    """Print the statistics of every world in which chaos still runs."""
    with wired.store.reading() as session:
        for world in session.scalars(select(World).order_by(World.name)):
            if world.chaos:
                print_lines(*statistics_lines(world.name, chaos_statistics(session, world)))


def exit_with_error(reason: Exception) -> NoReturn:
    sys.stderr.write(f"{reason}\n")
    sys.exit(1)


def main() -> None:
    try:
        settings = settings_from(os.environ)
        arguments = read_arguments(
            settings, positive_number(os.environ, "SANDBOX_PORT", DEFAULT_PORT)
        )
        settings = replace(settings, database=arguments.database)
        serve(settings, arguments.host, arguments.port, arguments.chaos)
    except (CannotListen, ValueError) as error:
        exit_with_error(error)


if __name__ == "__main__":
    main()
