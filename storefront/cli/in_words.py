"""Let every command say in a sentence what it cannot do, on any terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from io import TextIOWrapper
from typing import Any

import click
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storefront.core.availability import UNREACHED, DatabaseBusy, reason
from storefront.core.database import db

NOT_THERE = (OperationalError, ProgrammingError, PoolTimeout, DatabaseBusy)
NO_TABLES = "the database has no tables yet: run flask --app storefront db upgrade"
WHY = "; flask --app storefront doctor says why"
PERSIAN = "ی"


def in_words(command: click.Command) -> click.Command:
    """Return the command, which ends with a sentence where the database does not serve it."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            in_words(each)
    elif command.callback is not None:
        command.callback = _careful(command.callback)
    return command


def _careful(callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def careful(*given: Any, **named: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):
            _carry_persian(stream)
        with _database_in_words():
            return callback(*given, **named)

    return careful


@contextmanager
def _database_in_words() -> Iterator[None]:
    try:
        yield
    except NOT_THERE as error:
        raise click.ClickException(_advice(error)) from None


def _advice(error: BaseException) -> str:
    try:
        has_tables = inspect(db.engine).has_table("alembic_version")
    except SQLAlchemyError:
        has_tables = True  # nobody can tell: it does not answer
    if not has_tables:
        return NO_TABLES
    said = reason(error)
    return said + WHY if said == UNREACHED else said


def _carry_persian(stream: object) -> None:
    """Make a stream UTF-8 if its encoding has no Persian letters, as on Windows."""
    if isinstance(stream, TextIOWrapper):
        try:
            PERSIAN.encode(stream.encoding)
        except UnicodeEncodeError:
            stream.reconfigure(encoding="utf-8")
