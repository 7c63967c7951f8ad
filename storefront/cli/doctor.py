"""`doctor`: check this installation, a line for each thing."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click
from flask.cli import with_appcontext

from storefront.doctor import upkeep
from storefront.doctor.checks import CHECKS, GATEWAY_FACTS
from storefront.doctor.findings import Check, Finding, Verdict
from storefront.doctor.running import examine

COLOURS = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.WRONG: "red"}
INDENT = " " * 32  # below the sentence


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--gateways", is_flag=True, help="Also run `gateway check`, which leaves unpaid orders there."
)
@click.option(
    "--backups", type=click.Path(path_type=Path), help="Also see how old the last backup here is."
)
@click.pass_context
@with_appcontext
def doctor(context: click.Context, *, as_json: bool, gateways: bool, backups: Path | None) -> None:
    """Check this installation: files, database, web server, clocks, gateways, mail, worker.

    Nothing is sent to anybody and nothing is paid. Run it on the shop's host, with the shop's
    settings, as the shop's user, while shop and worker run.

    Exit code 0: all is fine, or there are warnings; 1: something is wrong.
    """
    found = []
    asked_for = [GATEWAY_FACTS] if gateways else []
    if backups is not None:
        asked_for.append(Check("backups", partial(upkeep.backups, backups)))
    for each in examine((*CHECKS, *asked_for)):
        found.append(each)
        if not as_json:
            click.echo(_line(each))
    counts = Counter(each.verdict for each in found)
    click.echo(_as_json(found) if as_json else _summary(counts))
    context.exit(1 if counts[Verdict.WRONG] else 0)


def _line(found: Finding) -> str:
    """Return verdict, check and sentence; what to do stands behind, below it on a terminal."""
    verdict = click.style(f"{found.verdict:<11}", fg=COLOURS.get(found.verdict), bold=True)
    parts = [found.sentence, *([f"-> {found.todo}"] if found.todo else [])]
    if not sys.stdout.isatty():
        return f"{verdict} {found.check:<19} {' '.join(parts)}"
    width = max(shutil.get_terminal_size().columns, 60)
    text = "\n".join(click.wrap_text(part, width, INDENT, INDENT) for part in parts)
    return f"{verdict} {found.check:<19} {text.lstrip()}"


def _summary(counts: Counter[Verdict]) -> str:
    return "\n" + ", ".join(f"{counts[each]} {each}" for each in Verdict)


def _as_json(found: list[Finding]) -> str:
    return json.dumps({"findings": [asdict(each) for each in found]}, ensure_ascii=False)
