"""Keep old command names for one release, for people's cron jobs."""

from __future__ import annotations

import click


def note_new_name(old: str, new: str) -> None:
    """Name the new command in one line on stderr, so that stdout stays as it was."""
    line = f"note: `flask {old}` is now `flask {new}`; the old name will go with the next release"
    click.echo(line, err=True)
