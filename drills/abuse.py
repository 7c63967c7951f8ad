"""`make abuse`: strangers send three times what the shop bears, and an honest shopper buys.

ABUSE_SECONDS (60), ABUSE_DATABASE (postgresql; or sqlite). Exit code 0: every line of the table
holds; 1: one does not; 2: it could not be run.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from drills.abuse_bounds import FEWEST_PURCHASES, TIMES, Count, Line, Outcome, lines
from drills.abuse_site import AbuseSite
from drills.capacity import capacity
from drills.honest import Seen, honest_shoppers
from drills.plan import DATABASES
from drills.stranger_load import strangers_at_work
from storefront.devserver.supervisor import say
from testkit.databases import PostgresServer, SqliteFiles
from testkit.nginx import NO_NGINX, nginx_program

WARM_UP = 2.0  # seconds; the first pages compile templates
CAPACITY_SECONDS = 5.0
SPARE_PURCHASES = 1.1  # some may have no time left in the end
ROW = "{:46} {:>16} {:>18} {}"


def run(database_url: str, folder: Path, seconds: float, purchases: int) -> Outcome:
    """Measure the quiet shop for a quarter of the time before and after the strangers' visit."""
    site = AbuseSite(database_url, folder)
    pace = purchases * SPARE_PURCHASES / seconds
    with site.running(), ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
        elsewhere.submit(capacity, site.site, WARM_UP).result()
        _quiet(site, WARM_UP, 1.0)
        began = _count(site)
        quiet = _quiet(site, seconds / 4, pace)
        quietly = _since(began, site)
        borne = elsewhere.submit(capacity, site.site, min(CAPACITY_SECONDS, seconds / 4)).result()
        began = _count(site)
        with honest_shoppers(site, pace) as seen:
            sent = elsewhere.submit(strangers_at_work, site.site, TIMES * borne, seconds).result()
        counted = _since(began, site)
        quiet.looks += _quiet(site, seconds / 4, pace).looks  # the machine may do other things now
        return Outcome(borne, quiet, quietly, seen, counted, sent, seconds, site.tracebacks())


def _quiet(site: AbuseSite, seconds: float, pace: float) -> Seen:
    with honest_shoppers(site, pace) as seen:
        threading.Event().wait(seconds)
    return seen


def _count(site: AbuseSite) -> Count:
    return Count(site.orders(), site.gateway_calls(), site.rows())


def _since(began: Count, site: AbuseSite) -> Count:
    now = _count(site)
    return Count(now.orders - began.orders, now.calls - began.calls, now.rows - began.rows)


def table(found: list[Line]) -> str:
    """Lay the lines out, a broken bound marked."""
    marks = {None: "", True: "", False: "<<<"}
    return "\n".join(ROW.format(*line[:3], marks[line.good]).rstrip() for line in found)


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    server = SqliteFiles(folder) if kind == "sqlite" else PostgresServer()
    try:
        with server.fresh(folder / "shop", stocked=True) as url:
            yield url
    finally:
        if isinstance(server, PostgresServer):
            server.stop()


def main(environment: Mapping[str, str]) -> int:
    """Run it as the environment says. Returns the exit code."""
    seconds = environment.get("ABUSE_SECONDS") or "60"
    database = environment.get("ABUSE_DATABASE") or "postgresql"
    if not (seconds.isdecimal() and int(seconds) >= 5) or database not in DATABASES:
        say(f"ABUSE_SECONDS is 5 or more, ABUSE_DATABASE one of {', '.join(DATABASES)}")
        return 2
    if nginx_program() is None:
        say(NO_NGINX)
        return 2
    return _report(database, int(seconds))


def _report(database: str, seconds: int) -> int:
    purchases = max(1, FEWEST_PURCHASES * seconds // 60)
    folder = Path(tempfile.mkdtemp(prefix="storefront-abuse-"))
    with _database(database, folder) as url:
        outcome = run(url, folder, seconds, purchases)
    found = list(lines(outcome, purchases))
    say(f"{database}, {seconds} s\n{table(found)}")
    if all(line.good is not False for line in found):
        shutil.rmtree(folder)
        return 0
    for failure in outcome.seen.failures[:10]:
        say(f"failed: {failure}")
    say(f"The logs are in {folder}")
    return 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main(os.environ))
    except KeyboardInterrupt:
        sys.exit(130)
