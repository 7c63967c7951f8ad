"""`backup` and `restore`: all that the shop must not lose, in one file and back."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from storefront.backup import archive, restoring, taking
from storefront.backup.kinds import backup_of_this_shop
from storefront.backup.manifest import Manifest, Refused
from storefront.backup.restoring import Restored
from storefront.core.services import current_services

SECRETS = "SECRET_KEY and the other settings are not in it: keep them apart, and safe."
RECONCILE = (
    "What was paid after the backup is at the gateway and not here. The worker reconciles at its"
    " next tick; without a worker: flask --app storefront reconciliation run --from {since}"
)
NO_SPAN = (
    "The backup has no complete reconciliation, so the worker's begins only three days ago. Run it"
    " yourself: flask --app storefront reconciliation run --from {since}"
)
NO_LIST = (
    "{names}: this gateway has no list of its payments, so no run finds those that were made there"
    " after the backup. Look for them by hand: docs/operations/backups.md"
)
BY_HAND = (
    "Which personal data was erased after the backup cannot be told: repeat privacy erase for each"
    " request on your list (docs/privacy.md)."
)

_programs = click.option(
    "--programs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where PostgreSQL's pg_dump and pg_restore are, if not on the PATH.",
)


@click.command("backup")
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder; the file's name has the time (UTC).",
)
@click.option("--keep", type=click.IntRange(1), help="Remove all but so many of the newest.")
@click.option(
    "--verify/--no-verify",
    default=None,
    help="Bring it back into a scratch database and count; by default on SQLite.",
)
@_programs
@with_appcontext
def backup(folder: Path, keep: int | None, verify: bool | None, programs: Path | None) -> None:
    """Back up database and uploaded pictures in one file; the shop may run meanwhile."""
    try:
        path, manifest = _taken(folder, verify, programs)
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from None
    size = path.stat().st_size
    click.echo(f"{path}: {size:,} bytes, {manifest.facts}, migration {manifest.facts.migration}")
    for removed in taking.keep_only(folder, keep) if keep else ():
        click.echo(f"removed: {removed.name}")
    click.echo(SECRETS)


def _taken(folder: Path, verify: bool | None, programs: Path | None) -> tuple[Path, Manifest]:
    kind = backup_of_this_shop(programs)
    fully = kind.verified_by_default if verify is None else verify
    now = current_services().clock()
    return taking.take(kind, folder, _uploads(), now, verify=fully)


def _uploads() -> Path:
    return Path(current_app.config["UPLOADS_FOLDER"])


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Replace a database that holds something.")
@_programs
@with_appcontext
def restore(file: Path, yes: bool, programs: Path | None) -> None:
    """Bring the backup FILE back, and migrate it to this code. Stop shop and worker first."""
    try:
        _restore(file, programs, yes=yes)
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from None
    except OSError as error:
        raise click.ClickException(f"not everything could be written: {error}") from None


def _restore(file: Path, programs: Path | None, *, yes: bool) -> None:
    services, kind = current_services(), backup_of_this_shop(programs)
    with archive.opened(file) as found:
        restoring.refuse_what_does_not_fit(kind, found.manifest)
        former = restoring.look_at_what_is_there(services)
        if not (former.empty or yes):
            raise Refused("the database is not empty: --yes replaces what is in it")
        kind.refuse_while_used()
        done = restoring.bring_back(kind, found, services, former, _uploads())
        _tell(found.manifest, done)


def _tell(manifest: Manifest, done: Restored) -> None:
    at = f"{manifest.taken_at:%Y-%m-%dT%H:%M}"
    click.echo(f"restored as of {at} UTC: {manifest.facts}, {done.pictures} pictures added")
    if done.kept:
        click.echo(done.kept)
    if done.erased_again is None:
        click.echo(BY_HAND)
    for word, numbers in (("again", done.erased_again), ("NOT", done.not_erased)):
        if numbers:
            click.echo(f"personal data {word} erased: {', '.join(numbers)}")
    click.echo((RECONCILE if restoring.span_is_known() else NO_SPAN).format(since=at))
    gateways = current_services().engine.gateways
    if unlisted := [name for name in gateways if not gateways[name].has_list]:
        click.echo(NO_LIST.format(names=", ".join(unlisted)))
