"""`catalogue ...`: import products."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from storefront.catalogue import files
from storefront.cli.running import tally

catalogue_commands = AppGroup("catalogue", help="What is sold.")


@catalogue_commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_products(file: Path) -> None:
    """Add or update products from a CSV or JSON FILE; on any mistake nothing is changed."""
    try:
        counts = files.store(files.read(file))
    except files.WrongFile as error:
        lines = "\n".join(f"  {problem}" for problem in error.problems)
        raise click.ClickException(f"nothing was imported from {file.name}:\n{lines}") from None
    click.echo(f"imported: {tally(counts)}")
