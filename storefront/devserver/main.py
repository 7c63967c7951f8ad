"""`python -m storefront`: the shop, its worker and the sandbox gateway in one terminal."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy.exc import DBAPIError

from storefront import create_app
from storefront.cli.first_start import link_for_first_owner, prepare
from storefront.core.availability import is_temporary
from storefront.core.clock import utc_now
from storefront.core.gateways import GATEWAYS
from storefront.core.settings import WrongSetting, default_of, is_test_mode
from storefront.devserver import killing, ports
from storefront.devserver.killing import Killing
from storefront.devserver.ports import LOCAL, SANDBOX_PORT, SHOP_PORT
from storefront.devserver.supervisor import Supervisor, say
from storefront.devserver.welcome import Address, Welcome, print_welcome

HERE = Path(__file__).resolve().parents[2]
# As many threads as connections: who sends a body slowly, or waits for a slow gateway, holds a
# thread, and it is never one that somebody else needs. They are started when they are needed.
SHOP_CONNECTIONS = 1024
KILL_PORTS = 20  # that are tried, from the one after the sandbox's
PATIENCE_SECONDS = 5.0  # to wait for a sandbox that will say itself what is wrong with it


class CannotStart(Exception):
    """Something outside must change first; the message says what."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop. Returns the exit code: 0 stopped on request, 1 could not run."""
    supervisor = Supervisor()
    supervisor.listen()
    try:
        return _run(supervisor, _parse(arguments))
    except (CannotStart, WrongSetting) as problem:
        say(f"storefront cannot start: {problem}.")
        return 1
    finally:
        supervisor.stop()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m storefront", description=__doc__)
    parser.add_argument("--host", default=LOCAL, help="where the shop listens (%(default)s)")
    for name, default in (("port", SHOP_PORT), ("sandbox-port", SANDBOX_PORT)):
        variable = name.upper().replace("-", "_")
        parser.add_argument(
            f"--{name}",
            type=ports.as_port,
            default=os.environ.get(variable) or str(default),
            help=f"{variable} in the environment, else {default}",
        )
    parser.add_argument(
        "--kill-port",
        type=ports.as_port,
        default=os.environ.get("KILL_PORT") or None,
        help="KILL_PORT in the environment, else the next free one after the sandbox's",
    )
    parser.add_argument("--no-sandbox", action="store_true", help="do not start the sandbox")
    parser.add_argument("--no-worker", action="store_true", help="do not start the worker")
    return parser.parse_args(arguments)


def _run(supervisor: Supervisor, options: argparse.Namespace) -> int:
    began = time.monotonic()
    os.chdir(HERE)
    app = create_app()
    shop = Address(_reached_at(options.host), options.port)
    bank = Address(LOCAL, options.sandbox_port)
    environment = _children_environment(app, shop, bank)
    sandbox = is_test_mode(app.config) and not options.no_sandbox
    _check_ports(options, sandbox)
    button = _kill_button(supervisor, app, options, bank if sandbox else None)
    environment |= button.for_everybody if button else {}
    if sandbox:  # first, since it needs nothing of the shop and can start meanwhile
        supervisor.add("sandbox", sandbox_command(*bank), environment)
    _prepare_data(app)
    link = link_for_first_owner(app, utc_now(), environment.get("STOREFRONT_PUBLIC_URL", ""))
    module = button.module if button else "storefront"
    host, port = button.behind if button else (options.host, options.port)
    command = shop_command(host, port, module)
    supervisor.add("shop", command, _told(environment, button, "shop"))
    if sandbox:  # the worker's first question should find somebody there
        bank.wait(PATIENCE_SECONDS)
    if not options.no_worker:
        command = flask_command("worker", module=module)
        supervisor.add("worker", command, _told(environment, button, "worker"))
    welcome = Welcome(shop, bank if sandbox else None, button.url if button else None, link)
    threading.Thread(target=print_welcome, args=(welcome, began), daemon=True).start()
    stopped_on_request = supervisor.watch()
    say("Stopping.")
    return 0 if stopped_on_request else 1


def _kill_button(
    supervisor: Supervisor, app: Flask, options: argparse.Namespace, bank: Address | None
) -> Killing | None:
    """Return the kill button, which there is while no real money moves, if it has a port."""
    if not is_test_mode(app.config):
        return None
    first = options.sandbox_port + 1
    wanted = [options.kill_port] if options.kill_port else range(first, first + KILL_PORTS)
    ours = {options.port, options.sandbox_port}
    shop = Address(_reached_at(options.host), options.port)
    public = _unless_set(app, "PUBLIC_URL", at=shop).get("STOREFRONT_PUBLIC_URL")
    links = {"shop": public or app.config["PUBLIC_URL"], "sandbox": str(bank) if bank else ""}
    tried = [port for port in wanted if port not in ours and port < 65536]
    return killing.start(supervisor, (options.host, options.port), tried, links)


def _told(environment: Mapping[str, str], button: Killing | None, name: str) -> Mapping[str, str]:
    return {**environment, **(button.for_one(name) if button else {})}


def _children_environment(app: Flask, shop: Address, bank: Address) -> dict[str, str]:
    """Our own environment, and what the ports asked for change in it."""
    return {
        "SANDBOX_DATABASE": app.config["SANDBOX_DATABASE"],
        **os.environ,
        **_unless_set(app, "PUBLIC_URL", at=shop),
        **_unless_set(app, *(gateway.address for gateway in GATEWAYS), at=bank),
    }


def _unless_set(app: Flask, *names: str, at: Address) -> dict[str, str]:
    """Those settings that are at their default, with its path kept and its host and port moved."""
    moved = {name: f"{at}{urlsplit(default_of(name)).path}" for name in names}
    return {
        f"STOREFRONT_{name}": address
        for name, address in moved.items()
        if app.config[name] == default_of(name)
    }


def _reached_at(host: str) -> str:
    """Return a name for addresses: that of this machine for "everywhere", IPv6 in brackets."""
    reached = {"0.0.0.0": LOCAL, "::": "::1"}.get(host, host)  # noqa: S104 - looked up, not bound
    return f"[{reached}]" if ":" in reached else reached


def _check_ports(options: argparse.Namespace, sandbox: bool) -> None:
    wanted = {"PORT": (options.host, options.port)}
    if sandbox:
        wanted["SANDBOX_PORT"] = (LOCAL, options.sandbox_port)
    if options.kill_port:
        wanted["KILL_PORT"] = (LOCAL, options.kill_port)
    if problem := ports.problem_with(wanted):
        raise CannotStart(problem)


def _prepare_data(app: Flask) -> None:
    """Prepare the shop's data. Raises CannotStart if the database cannot be used."""
    try:
        prepare(app)
    except DBAPIError as error:
        if not is_temporary(error):
            raise
        reason = str(error.orig).partition("\n")[0]
        raise CannotStart(
            f"STOREFRONT_DATABASE_URL leads to no database that can be read and written: {reason}"
        ) from None


def shop_command(host: str, port: int, module: str = "storefront") -> list[str]:
    """Return the command that serves the shop, on every system, Windows included."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--no-ws"),
        *("--host", host, "--port", str(port), "--backpressure", str(SHOP_CONNECTIONS)),
        *("--blocking-threads", str(SHOP_CONNECTIONS)),
        *("--log-level", "error", "--respawn-failed-workers", "--workers-kill-timeout", "5"),
        f"{module}:create_app",
    ]


def sandbox_command(host: str, port: int) -> list[str]:
    """Start the sandbox; it needs nothing of the shop."""
    return [sys.executable, "-m", "jibit_sandbox", "--host", host, "--port", str(port)]


def flask_command(*words: str, module: str = "storefront") -> list[str]:
    """Return a command of the shop's, such as ``worker``."""
    return [sys.executable, "-m", "flask", "--app", module, *words]


if __name__ == "__main__":
    sys.exit(main())
