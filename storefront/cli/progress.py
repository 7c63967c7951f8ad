"""Show how far long work is, once it takes longer than one likes to wait."""

from __future__ import annotations

import sys
from types import TracebackType

import click
from flask_babel import gettext

from storefront.core.clock import Steady

SHOWN_AFTER_SECONDS = 2
SHOWN_EVERY_SECONDS = 0.5
WIDTH = 30


class ProgressLine:
    """A line on stderr that is written again and again, from two seconds on."""

    def __init__(self, steady: Steady) -> None:
        self._steady = steady
        self._next = steady() + SHOWN_AFTER_SECONDS
        self._shown = False

    def __enter__(self) -> ProgressLine:
        return self

    def __call__(self, what: str, done: int, total: int) -> None:
        """Note that so much of some work is done."""
        if self._steady() >= self._next:
            self._next = self._steady() + SHOWN_EVERY_SECONDS
            self._shown = True
            full = WIDTH * done // total
            bar = "#" * full + "-" * (WIDTH - full)
            end = "\r" if sys.stderr.isatty() else "\n"
            click.echo(f"[{bar}] {gettext(what)} {done:,} / {total:,}{end}", err=True, nl=False)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown and sys.stderr.isatty():
            click.echo(err=True)
