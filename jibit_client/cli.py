"""Check a live gateway from the command line: ``jibit-client conform``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from typing import Final

from . import __version__

GATEWAYS: Final = ("ppg", "ppg_v3", "wallet")
CONFORM: Final = """Compare a live gateway with what this library assumes about it, by harmless
calls only: no refund, no reversal, nothing about orders of others. One or two small orders are made
that nobody pays. The keys come from the environment: JIBIT_API_KEY and JIBIT_SECRET_KEY, for the
wallet JIBIT_USERNAME and JIBIT_PASSWORD. Exit code 0: all that was seen agrees; 1: something
differs; 2: the gateway could not be asked."""


def read_arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """Return the arguments; wrong ones end the process with exit code 2."""
    parser = argparse.ArgumentParser(prog="jibit-client", description=__doc__)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    conform = commands.add_parser("conform", help="check a live gateway", description=CONFORM)
    conform.add_argument("--gateway", required=True, choices=GATEWAYS)
    conform.add_argument("--base-url", required=True, help="e.g. https://napi.jibit.ir/ppg/v3")
    conform.add_argument("--callback-url", help="of the order that nobody pays")
    conform.add_argument("--json", action="store_true", help="print one JSON object")
    conform.add_argument(
        "--language", choices=("en", "fa"), default="en", help="of the gateway's messages"
    )
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> None:
    """Run the command, and exit with its code."""
    if isinstance(sys.stdout, TextIOWrapper):  # a terminal may lack a letter of the gateway's
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(run_conform(read_arguments(words), os.environ))


def run_conform(arguments: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Check the gateway, print the report and return the exit code."""
    from . import conform  # only now: --help and --version need no requests
    from .conform.report import NOT_ASKED
    from .conform.target import CALLBACK_URL

    try:
        report = conform.check(
            conform.Target(
                arguments.gateway,
                arguments.base_url,
                credentials_from(environment, arguments.gateway),
                arguments.callback_url or CALLBACK_URL,
                arguments.language,
            )
        )
    except (conform.CannotBeAsked, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return NOT_ASKED
    as_text = json.dumps(report.as_object()) if arguments.json else report.as_text()
    sys.stdout.write(f"{as_text}\n")
    return report.exit_code


def credentials_from(environment: Mapping[str, str], gateway: str) -> dict[str, str]:
    """Return the body of the token call. Raises ValueError naming the variables to set."""
    from .conform import GATEWAYS

    names = GATEWAYS[gateway].credentials
    variables = [f"JIBIT_{name.upper()}" for name in names]
    if not all(environment.get(variable) for variable in variables):
        raise ValueError(f"Set {' and '.join(variables)} in the environment.")
    values = (environment[variable] for variable in variables)
    return dict(zip(names.values(), values, strict=True))
