"""Run the sandbox from the command line, for a shop in any language."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from jibit_sandbox import __version__
from jibit_sandbox.commands.arguments import COMMANDS, run
from jibit_sandbox.core.settings import (
    DEFAULT_DATABASE,
    DEFAULT_PORT,
    DEFAULT_WORLD,
    Settings,
    checked_port,
    checked_seed,
    settings_from,
)
from jibit_sandbox.core.settings import port as port_in


def read_arguments(settings: Settings, port: int) -> argparse.Namespace:
    listed = ", ".join(COMMANDS)
    about = f"Commands for a running sandbox, each with its own --help: {listed}."
    parser = argparse.ArgumentParser(prog="jibit-sandbox", description=__doc__, epilog=about)
    parser.add_argument("--host", default="127.0.0.1")
    about = f"default {port} (SANDBOX_PORT); 0 is any free one"
    parser.add_argument("--port", default=port, help=about)
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
        metavar="PORT",
        default=settings.https_port,
        help="serve https there too, with a certificate made now (SANDBOX_HTTPS_PORT)",
    )
    about = "draw the same order ids, tokens and times on every run; without --database, a new file"
    parser.add_argument("--seed", type=int, default=settings.seed, help=f"{about} (SANDBOX_SEED)")
    about = f"begin world {DEFAULT_WORLD!r} from a file that `export` wrote; its seed comes first"
    parser.add_argument("--world", type=Path, metavar="FILE", help=about)
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser.parse_args()


def main() -> None:
    """Read environment and arguments, then serve; a wrong setting ends with one sentence."""
    try:
        if sys.argv[1:2] and not sys.argv[1].startswith("-"):
            sys.exit(run(sys.argv[1:]))
        run_sandbox()
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{sentence_of(error)}\n")
        sys.exit(1)


def sentence_of(error: Exception) -> str:
    """Return what is wrong, in words also where the system has but a number and a file."""
    if not isinstance(error, OSError) or error.filename is None:
        return str(error)
    if isinstance(error, IsADirectoryError):
        return f"{error.filename} is a folder: name a file"
    if isinstance(error, FileNotFoundError):
        return f"{error.filename}: there is no such file or folder"
    return f"Cannot read or write {error.filename}: {error.strerror}"


def run_sandbox() -> None:
    settings = settings_from(os.environ)
    port = port_in(os.environ, "SANDBOX_PORT")
    arguments = read_arguments(settings, DEFAULT_PORT if port is None else port)
    port, https_port = checked_port("--port", arguments.port), arguments.https_port
    seed = None if arguments.seed is None else checked_seed("--seed", arguments.seed)
    settings = replace(
        settings,
        database=arguments.database,
        quiet=arguments.quiet,
        legacy=arguments.legacy,
        https_port=None if https_port is None else checked_port("--https-port", https_port),
        seed=seed,
    )
    gc.disable()  # what is imported is no garbage: looking for it costs a fifth of the start
    from jibit_sandbox.process import serve  # only now: --help and --version need no server

    with ExitStack() as stack:
        if seed is not None and settings.database is DEFAULT_DATABASE:  # nobody has named one
            folder = stack.enter_context(TemporaryDirectory())
            settings = replace(settings, database=Path(folder, "sandbox.sqlite3"))
        serve(settings, arguments.host, port, arguments.chaos, arguments.world)
