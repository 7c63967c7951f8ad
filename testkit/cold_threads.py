"""A process whose threads all want a token at once: `testkit.cold_threads URL DATABASE`.

It says "ready", waits for a line on its standard input, and then prints the tokens it was given.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from storefront import create_app
from storefront.core.services import current_services
from testkit.settings import quiet_settings

THREADS = 8


def main(base_url: str, database_url: str) -> None:
    """Ask the gateway for one order from every thread at the same moment."""
    app = create_app(quiet_settings(PPG_BASE_URL=base_url, DATABASE_URL=database_url))
    with app.app_context():
        gateway = current_services().engine.gateways["ppg"]
    together = Barrier(THREADS)

    def ask(_: int) -> str:
        together.wait()
        return gateway.inquire("1ObK7QrL").said

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    with ThreadPoolExecutor(THREADS) as pool:
        sys.stdout.write(" ".join(pool.map(ask, range(THREADS))) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
