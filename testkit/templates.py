"""Templates that are compiled once in a process, though every test has a shop of its own."""

from __future__ import annotations

from types import CodeType
from typing import cast

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class _InMemory(BytecodeCache):
    """Keep compiled templates in a dict, by name and checksum of the source."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = cast(CodeType, bucket.code)


_compiled = _InMemory()


def compile_once(app: Flask) -> None:
    """Let a shop use what another one in this process has compiled from the same source."""
    app.jinja_env.bytecode_cache = _compiled
