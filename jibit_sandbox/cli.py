"""Run the sandbox from the command line, for a shop in any language."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from jibit_sandbox import __version__
from jibit_sandbox.core.settings import (
    DEFAULT_PORT,
    DEFAULT_WORLD,
    Settings,
    positive_number,
    settings_from,
)


def read_arguments(settings: Settings, port: int) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="jibit-sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port, help=f"default {port} (SANDBOX_PORT)")
    where = f"default {settings.database} (SANDBOX_DATABASE); two sandboxes need one each"
    parser.add_argument("--database", type=Path, default=settings.database, help=where)
    parser.add_argument(
        "--chaos",
        type=int,
        metavar="SEED",
        help=f"mix failures in world {DEFAULT_WORLD!r}, the same ones for the same seed",
    )
    parser.add_argument(
        "--legacy",
        action="store_true",
        default=settings.legacy,
        help="understand older clients in every world (SANDBOX_LEGACY=1)",
    )
    parser.add_argument(
        "--https-port",
        type=int,
        metavar="PORT",
        default=settings.https_port,
        help="serve https there too, with a certificate made now (SANDBOX_HTTPS_PORT)",
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser.parse_args()


def main() -> None:
    """Read environment and arguments, then serve; a wrong setting ends with one sentence."""
    try:
        settings = settings_from(os.environ)
        port = positive_number(os.environ, "SANDBOX_PORT", DEFAULT_PORT)
        arguments = read_arguments(settings, port)
        settings = replace(
            settings,
            database=arguments.database,
            quiet=arguments.quiet,
            legacy=arguments.legacy,
            https_port=arguments.https_port,
        )
        from jibit_sandbox.process import serve  # only now: --help and --version need no server

        serve(settings, arguments.host, arguments.port, arguments.chaos)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
