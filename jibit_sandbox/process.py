"""Serve the sandbox in a process of its own, until a signal ends it."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from jibit_sandbox.app import create_app
from jibit_sandbox.behaviours.chaos import (
    DEFAULT_RATES,
    chaos_statistics,
    start_chaos,
    statistics_lines,
)
from jibit_sandbox.core.context import Sandbox
from jibit_sandbox.core.database_file import usable
from jibit_sandbox.core.models import World
from jibit_sandbox.core.settings import DEFAULT_WORLD, Settings
from jibit_sandbox.core.worlds import world_named
from jibit_sandbox.files.worlds import load_file
from jibit_sandbox.web.server import SandboxServer


def serve(
    settings: Settings,
    host: str,
    port: int,
    chaos_seed: int | None = None,
    world_file: Path | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then print the statistics of chaos."""
    server = SandboxServer(host, port)  # first of all: a running sandbox's file is left alone
    settings = replace(settings, listens_on=host)
    servers = [server, *https_servers(settings)]
    app = create_app(settings)
    wired: Sandbox = app.extensions["sandbox"]
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    prepare(app, chaos_seed, world_file)
    gc.freeze()  # all of it stays: no later search looks through it again
    gc.enable()
    for each in servers:
        each.start(app)
    warn_if_exposed(wired.settings)
    print_welcome(wired, server.address)
    print_https(settings, servers[1:])
    stop.wait()
    wired.held_calls.stop()
    for each in servers:
        each.stop()
    print_chaos_statistics(wired)
    wired.store.close()


def prepare(app: Flask, chaos_seed: int | None, world_file: Path | None) -> None:
    """Bring the default world to where it is to begin; raise ValueError if it cannot."""
    wired: Sandbox = app.extensions["sandbox"]
    with app.app_context(), wired.store.writing() as session:
        world = world_named(session, DEFAULT_WORLD)
        if world_file is not None:
            world = load_file(session, DEFAULT_WORLD, world_file)
            if wired.settings.seed not in (None, world.seed):
                seeds = f"seed {world.seed} of {world_file}, not {wired.settings.seed}"
                wired.settings.print(f"World {DEFAULT_WORLD!r} has the {seeds}")
        elif wired.settings.seed not in (None, world.seed):
            raise ValueError(
                f"{wired.settings.database} has a world {DEFAULT_WORLD!r} of another seed:"
                f" {world.seed}. Name another --database, or a new one"
            )
        if chaos_seed is not None:
            start_chaos(world, chaos_seed, DEFAULT_RATES)


def https_servers(settings: Settings) -> list[SandboxServer]:
    """Return the server of the https port, if there is one; it listens already."""
    if settings.https_port is None:
        return []
    from jibit_sandbox.web.certificates import context_for  # cryptography is for https only

    authority = authority_file(settings)
    with usable(settings.database):
        authority.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        context = context_for(settings.own_names, authority)
    return [SandboxServer(settings.listens_on, settings.https_port, context)]


def authority_file(settings: Settings) -> Path:
    """Return where the certificate is that clients have to trust: beside the database."""
    return settings.database.with_name(f"{settings.database.name}.ca.pem")


def print_https(settings: Settings, servers: list[SandboxServer]) -> None:
    for each in servers:
        settings.print(f"https on {each.address}; clients have to trust {authority_file(settings)}")


def print_welcome(wired: Sandbox, address: str) -> None:
    gateways = (("PPG", "/ppg/v2"), ("PPG v3", "/ppg/v3"), ("wallet", "/pg"))
    listed = ", ".join(f"{name}: {address}{prefix}" for name, prefix in gateways)
    wired.settings.print(f"Sandbox on {address} ({listed})")
    if wired.store.set_aside:
        wired.settings.print(
            f"An older version's database was set aside as {wired.store.set_aside}"
        )


def warn_if_exposed(settings: Settings) -> None:
    """Say on standard error, also when quiet, that others may reach a sandbox without passwords."""
    if settings.exposed:
        sys.stderr.write(
            f"WARNING: this sandbox listens on {settings.listens_on}: whoever reaches this machine"
            " reads its log and controls it, without a password. Keep it behind a firewall."
            " Callbacks that it sends itself go to public addresses and to SANDBOX_CALLBACK_HOSTS"
            " only.\n"
        )
        sys.stderr.flush()


def print_chaos_statistics(wired: Sandbox) -> None:
    """Print the statistics of every world in which chaos still runs."""
    with wired.store.reading() as session:
        for world in session.scalars(select(World).order_by(World.name)):
            if world.chaos:
                statistics = chaos_statistics(session, world)
                wired.settings.print(*statistics_lines(world.name, statistics))
