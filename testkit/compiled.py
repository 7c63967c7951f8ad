"""What a test process compiles once, though every test has a shop of its own: templates, SQL, URLs.

A fifth of a story's time went into compiling the same statements for another database, a third into
the rules of a shop's URLs.
"""

from __future__ import annotations

from types import CodeType, MethodType
from typing import Any, cast

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from werkzeug.routing import Map, Rule

from storefront.core.database import db

_COMPILED = ("_parts", "_trace", "_converters", "arguments", "_build", "_build_unknown")


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
    """A URL's rule that shares what was compiled of the same text in another shop."""

    def compile(self) -> None:
        kinds = frozenset((self.map or Map()).converters.items())
        defaults = repr(self.defaults)
        key = (self.rule, self.host, self.subdomain, self.merge_slashes, defaults, kinds)
        if key not in _rules:
            super().compile()
            _rules[key] = {name: getattr(self, name) for name in _COMPILED}
        for name, value in _rules[key].items():
            bound = isinstance(value, MethodType)  # to the rule that was compiled
            setattr(self, name, value.__func__.__get__(self) if bound else value)


Flask.url_rule_class = _Rule
registry.register("sqlite", __name__, "Sqlite")
registry.register("postgresql.psycopg", __name__, "Postgresql")
_templates = _InMemory()
_statements: dict[Any, Any] = {}
_rules: dict[object, dict[str, Any]] = {}


def compile_once(app: Flask) -> None:
    """Let a shop use what another one in this process has compiled from the same source."""
    app.jinja_env.bytecode_cache = _templates
    with app.app_context():
        db.engine.update_execution_options(compiled_cache=_statements)
