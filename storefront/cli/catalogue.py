"""`catalogue ...`: import and export products."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from flask_babel import force_locale, gettext

from payment_engine.bounds import printable
from storefront.catalogue import files
from storefront.catalogue.files import exporting
from storefront.cli.catalogue_report import changes, counted, not_taken
from storefront.cli.progress import ProgressLine
from storefront.core.services import current_services

catalogue_commands = AppGroup("catalogue", help="What is sold.")


def terminal_language() -> str:
    """Return the language of messages: Persian where the terminal speaks it (LANG=fa_IR.UTF-8)."""
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "fa" if next(filter(None, named), "").startswith("fa") else "en"


_language = click.option(
    "--lang",
    "language",
    type=click.Choice(["fa", "en"]),
    default=terminal_language,
    help="Language of the messages; that of the terminal if it is not said.",
)

_overwrite = click.option(
    "--overwrite", is_flag=True, help="Replace the file if it is there already."
)


@catalogue_commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option(
    "--prices-in",
    type=click.Choice(["toman", "rials"]),
    help="What prices are in, where their heading does not say it.",
)
@click.option("--retire-missing", is_flag=True, help="Stop selling what the file does not have.")
@_language
def import_products(
    file: Path, *, dry_run: bool, prices_in: str | None, retire_missing: bool, language: str
) -> None:
    """Add or change products from a CSV, XLSX or JSON FILE; on any mistake nothing is changed.

    docs/catalogue.md describes the file. WooCommerce's and Shopify's own exports are taken, too.
    """
    services = current_services()
    with force_locale(language), ProgressLine(services.steady) as progress:
        try:
            content = files.read(
                file, prices=services.prices, prices_in=prices_in or "", progress=progress
            )
            if dry_run:
                planned = files.preview(content, retire_missing=retire_missing)
                lines = [*changes(planned, language), counted(planned.counts(), language, dry_run)]
            else:
                counts = files.store(
                    content, now=services.clock(), retire_missing=retire_missing, progress=progress
                )
                lines = [counted(counts, language)]
        except files.WrongFile as error:
            raise _refusal(error, file, language) from None
        lines += not_taken(content, language)
    click.echo("\n".join(map(printable, lines)))


def _refusal(error: files.WrongFile, file: Path, language: str) -> click.ClickException:
    lines = [gettext("nothing was imported from %(name)s:", name=file.name)]
    lines += [f"  {problem.sentence(gettext, language)}" for problem in error.problems]
    if error.more:
        lines.append("  " + gettext("and %(count)s more", count=error.more))
    return click.ClickException("\n".join(map(printable, lines)))


@catalogue_commands.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option(
    "--without-stock", is_flag=True, help="Leave the stock out, to edit prices and texts."
)
@_overwrite
def export_products(file: Path | None, *, without_stock: bool, overwrite: bool) -> None:
    """Write all products that are sold into a .csv, .xlsx or .json FILE, else print them as CSV."""
    rows = list(exporting.sold_products(stock=not without_stock))
    _write(file, rows, overwrite=overwrite)


@catalogue_commands.command("template")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_overwrite
@_language
def write_template(file: Path, *, overwrite: bool, language: str) -> None:
    """Write a .csv, .xlsx or .json FILE with two example rows, to be replaced by your products.

    Persian messages mean Persian headings.
    """
    _write(file, exporting.EXAMPLES, persian=language == "fa", overwrite=overwrite)


def _write(file: Path | None, rows: Any, *, persian: bool = False, overwrite: bool) -> None:
    suffix = file.suffix.lower() if file else ".csv"
    if suffix not in exporting.SUFFIXES:
        raise click.ClickException(f"FILE should end in {', '.join(exporting.SUFFIXES)}")
    content = exporting.written(rows, suffix, persian=persian)
    if file is None:
        click.echo(content.decode("utf-8-sig"), nl=False)
        return
    try:
        with file.open("wb" if overwrite else "xb") as written:
            written.write(content)
    except FileExistsError:
        raise click.ClickException(
            f"{file} is there already: name another file, or add --overwrite to lose what is in it"
        ) from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from None
    click.echo(f"{len(rows)} products are in {file}")
