"""Many hosts: the storm on nine hosts of their own, of which one is lost and another flaps.

``make hosts``. Exit code 0: every promise was kept; 1: one was broken; 2: it could not be run.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import flask_migrate

from drills import pg_programs
from drills.chaos import Outcome, run
from drills.host_network import Network, network
from drills.host_report import as_table, broken
from drills.host_system import DATABASE, HOSTS, PEOPLE, HostSystem
from drills.namespaces import possible
from drills.pg_programs import NoPrograms, give_to_owner
from drills.pg_server import USER, Server
from drills.plan import Plan, WrongPlan, plans_from
from drills.report import as_tables
from storefront.catalogue import files
from storefront.devserver.supervisor import say
from testkit.databases import in_a_shop_on
from testkit.nginx import NO_NGINX, nginx_program
from testkit.processes import ROOT

INSIDE = "inside"
NO_NAMESPACES = "The drill makes network namespaces: run it as root where `ip netns` works."


def lacking() -> str | None:
    """Say what this machine lacks for the drill."""
    try:
        pg_programs.folder()
    except NoPrograms as why:
        return str(why)
    if nginx_program() is None:
        return NO_NGINX
    return None if possible() else NO_NAMESPACES


def main(environment: Mapping[str, str]) -> int:
    """Make the hosts, and run the drill on that of the people. Returns the exit code."""
    try:
        plan_from(environment)
    except WrongPlan as problem:
        say(str(problem))
        return 2
    if lack := lacking():
        say(lack)
        return 2
    with network(HOSTS) as (lines, delays):
        if not delays:
            say("The cables do not delay: this kernel has no netem.")
        again = [sys.executable, "-m", "drills.hosts", INSIDE, str(lines.number)]
        return subprocess.run([*lines.within(PEOPLE), *again], check=False, cwd=ROOT).returncode  # noqa: S603


def plan_from(environment: Mapping[str, str]) -> Plan:
    """Return the plan that the variables of docs/chaos.md give, on PostgreSQL."""
    (plan,) = plans_from({**environment, "CHAOS_DATABASE": "postgresql"}).values()
    return plan


def inside(number: int, environment: Mapping[str, str]) -> int:
    """Run the drill on hosts that were made. Returns the exit code."""
    plan, lines = plan_from(environment), Network(number, HOSTS)
    folder = Path(tempfile.mkdtemp(prefix="storefront-hosts-"))
    systems: list[HostSystem] = []
    say(f"CHAOS_SEED={plan.seed}: {plan.storm:.0f} s on {len(HOSTS)} hosts")

    def build(*given: object) -> HostSystem:
        systems.append(HostSystem(lines, *given))  # type: ignore[arg-type]
        return systems[-1]

    with _database(lines) as url:
        outcome = run(plan, url, folder, build=build, here=lines.address(PEOPLE))
    say(as_tables({"many hosts": outcome}))
    say(as_table(systems[0]))
    return _end(outcome, systems[0], folder)


def _end(outcome: Outcome, system: HostSystem, folder: Path) -> int:
    wrong = {name: rows for name, rows in outcome.verdict.wrong.items() if rows}
    if not wrong and not broken(system):
        shutil.rmtree(folder)
        return 0
    (folder / "wrong.json").write_text(json.dumps(wrong, indent=1))
    say(f"The logs and what is wrong are in {folder}")
    return 1


@contextmanager
def _database(lines: Network) -> Iterator[str]:
    """Lend a stocked shop's database on the host of the database."""
    folder = Path(tempfile.mkdtemp(prefix="storefront-hosts-pg-"))
    give_to_owner(folder)
    server = Server("shop", lines.place(DATABASE), folder)
    try:
        server.initialise()
        server.start(server)
        server.ask("CREATE DATABASE shop")
        url = f"postgresql+psycopg://{USER}@{server.place.host}:{server.place.port}/shop"
        in_a_shop_on(url, flask_migrate.upgrade)
        in_a_shop_on(url, files.seed)
        yield url
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(inside(int(sys.argv[2]), os.environ) if INSIDE in sys.argv else main(os.environ))
    except KeyboardInterrupt:
        sys.exit(130)
