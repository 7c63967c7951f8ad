"""Hold a gateway against the rows of the documents, and write a report.

Harmless calls only: every create is certain to be refused, no reversal or refund is ever sent, and
nothing is asked about orders of others. --allow-orders also makes orders that nobody pays. The keys
are in no argument: --keys names a file, or how the names of the environment's variables begin.
Exit code 0: nothing differs from the documents; 1: something does; 2: the target was not asked.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from jibit_client.conform import CannotBeAsked, Target
from tests.conformance import report
from tests.conformance.judging import Verdict
from tests.conformance.keys import keys_from
from tests.conformance.run import run
from tests.conformance.sending import why_not
from tests.conformance.sheets import SHEETS

AGREES, DIFFERS, NOT_ASKED = range(3)  # exit codes
PATIENCE_SECONDS = 60.0  # the longest Retry-After that is waited for


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """The arguments; wrong ones end the process with exit code 2."""
    parser = argparse.ArgumentParser(prog="make conformance", description=__doc__)
    parser.add_argument("--target", required=True, help="base URL: https://napi.jibit.ir/ppg/v3")
    parser.add_argument("--gateway", choices=[*SHEETS], default="ppg")
    parser.add_argument("--keys", default="", help="a file, or a prefix; without it JIBIT")
    parser.add_argument("--allow-orders", action="store_true", help="make unpaid orders, too")
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between two calls")
    parser.add_argument("--deadline", type=float, default=900.0, help="seconds for all calls")
    parser.add_argument("--report", type=Path, help="the files' name, without .md and .json")
    return parser.parse_args(words)


def main(words: Sequence[str], environment: Mapping[str, str] = os.environ) -> int:
    """Run the command; return its exit code."""
    arguments = read_arguments(words)
    try:
        target = target_of(arguments, environment)
        say(what_is_sent(target))
        outcome = run(target, tell=lambda section: say(f"  {section}"))
    except (CannotBeAsked, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return NOT_ASKED
    stem = arguments.report or Path("instance") / f"conformance-{target.gateway}"
    say(report.summary(outcome))
    try:
        files = report.write(outcome, stem, datetime.now(UTC))
    except OSError as error:
        sys.stderr.write(f"The report could not be written: {error}\n")
        return NOT_ASKED
    say(f"The report: {files[0]} and {files[1].name}")
    if outcome.stopped:
        return NOT_ASKED
    return DIFFERS if report.counts(outcome)[Verdict.DIFFERENT] else AGREES


def say(text: str) -> None:
    """Print at once, whatever letters the terminal has."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(f"{text.encode(encoding, 'backslashreplace').decode(encoding)}\n")
    sys.stdout.flush()


def target_of(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Target:
    """What is asked, and how. Raises ValueError."""
    if not arguments.target:
        raise ValueError("Name the base URL of a gateway's API: TARGET=https://...")
    if not is_private(arguments.target):
        raise ValueError("Keys travel by https only: begin TARGET with https://.")
    return Target(
        arguments.gateway,
        arguments.target,
        keys_from(arguments.keys, arguments.gateway, environment),
        total_seconds=arguments.deadline,
        pause_seconds=arguments.pause,
        patience_seconds=PATIENCE_SECONDS,
        may_order=arguments.allow_orders,
    )


def is_private(target: str) -> bool:
    """Whether nobody on the way reads what is sent: https, or a machine that is near."""
    parts = urlsplit(target)
    if parts.scheme != "http":
        return True  # the client refuses other schemes
    host = parts.hostname or ""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host


def what_is_sent(target: Target) -> str:
    """How many rows are sent, and how many orders they may make."""
    sheet = SHEETS[target.gateway]
    sent = [each for each in sheet.questions if not why_not(each, sheet, target)]
    creates = sum(each.call == "create" for each in sent)
    orders = f"at most {creates + 2} unpaid orders" if target.may_order else "no order"
    return f"{target.gateway}: {len(sent)} rows and the open points; {orders} will be made."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
