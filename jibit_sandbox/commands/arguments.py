"""What the commands are called with, and which of them runs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from jibit_sandbox.core.settings import DEFAULT_PORT, DEFAULT_WORLD, port

COMMANDS = {
    "wait": "wait until a sandbox is ready; exit code 1 if it never is",
    "export": "write a world into a file",
    "import": "replace a world by a file",
    "tail": "print a world's traffic, a JSON object in each line",
    "replay": "send recorded requests again: a HAR file, or what tail printed",
    "har": "write a world's traffic as HAR 1.2",
}
WITH_FILE = {"import": None, "replay": None, "export": "?", "har": "?"}  # ?: standard output


def run(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code. Raises ValueError and OSError with a sentence."""
    if arguments[0] not in COMMANDS:
        known = ", ".join(COMMANDS)
        says = f"there is no command {arguments[0]!r}; there are {known}"
        raise ValueError(f"{says}. Without a command the sandbox starts")
    said = parser().parse_args(arguments)
    module = import_module(f"jibit_sandbox.commands.{said.command}_command")
    code: int = module.run(said)
    return code


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="jibit-sandbox", description=__doc__)
    commands = whole.add_subparsers(dest="command", required=True)
    for name, does in COMMANDS.items():
        command = commands.add_parser(name, help=does, description=f"{does}.")
        about = f"the sandbox; default SANDBOX_URL, else port {DEFAULT_PORT} (SANDBOX_PORT) here"
        command.add_argument("--url", help=about)
        if name in WITH_FILE:
            command.add_argument("file", type=Path, nargs=WITH_FILE[name], metavar="FILE")
        add_options(command, name)
    return whole


def add_options(command: argparse.ArgumentParser, name: str) -> None:
    if name == "wait":
        command.add_argument("--seconds", type=float, default=30, help="how long; default 30")
        about = "the process that was started: exit code 1 if another sandbox answers, or it ended"
        command.add_argument("--pid", type=int, metavar="N", help=about)
        return
    about = "default sandbox"
    command.add_argument("--world", default=DEFAULT_WORLD, metavar="NAME", help=about)
    if name == "tail":
        command.add_argument("--follow", action="store_true", help="go on with what comes")
    if name == "replay":
        about = "let --url name another machine than this one"
        command.add_argument("--anywhere", action="store_true", help=about)


def default_url() -> str:
    """Return the address in the environment; raise ValueError for a port that is none."""
    if os.environ.get("SANDBOX_URL"):
        return os.environ["SANDBOX_URL"]
    number = port(os.environ, "SANDBOX_PORT")
    if number == 0:
        raise ValueError("SANDBOX_PORT is 0, any free port: name the one that was printed by --url")
    return f"http://127.0.0.1:{number or DEFAULT_PORT}"
