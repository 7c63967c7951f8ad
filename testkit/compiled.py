"""What a test process compiles once, though every test has a shop of its own: templates, SQL, URLs.

A fifth of a story's time went into compiling the same statements for another database, a quarter
into compiling what builds a shop's URLs.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any, cast

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from werkzeug.routing import Rule

from storefront.core.database import db


class _InMemory(BytecodeCache):
    """Keep compiled templates in a dict, by name and checksum of the source."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = cast(CodeType, bucket.code)


class _Alike:
    """A dialect that equals every other of its kind, so that each finds what one has compiled."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


class Sqlite(_Alike, SQLiteDialect_pysqlite):
    """SQLite for tests."""

    supports_statement_cache = True


class Postgresql(_Alike, PGDialect_psycopg):
    """PostgreSQL for tests; all of a process's databases are on one server."""

    supports_statement_cache = True


class _Rule(Rule):
    """A URL's rule that shares the function that builds the URL with every rule of its text."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (tuple(self._trace), repr(self.defaults), append_unknown)
        if key not in _builders:
            _builders[key] = super()._compile_builder(append_unknown)
        return _builders[key]


Flask.url_rule_class = _Rule
registry.register("sqlite", __name__, "Sqlite")
registry.register("postgresql.psycopg", __name__, "Postgresql")
_templates = _InMemory()
_statements: dict[Any, Any] = {}
_builders: dict[object, Callable[..., tuple[str, str]]] = {}


def compile_once(app: Flask) -> None:
    """Let a shop use what another one in this process has compiled from the same source."""
    app.jinja_env.bytecode_cache = _templates
    with app.app_context():
        db.engine.update_execution_options(compiled_cache=_statements)
