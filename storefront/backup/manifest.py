"""Describe a backup: what it was taken of, when, and what it must hold when it is brought back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

FORMAT = 1
COUNTED = {  # the same on every migration since the first
    "orders": "SELECT count(*) FROM orders",
    "payments": "SELECT count(*) FROM payments",
    "paid_rials": "SELECT coalesce(sum(amount_rials), 0) FROM payments WHERE state = 'paid'",
}
MIGRATION = "SELECT version_num FROM alembic_version"


class Refused(Exception):
    """A backup cannot be taken or brought back; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a database holds at one moment, to be found again in its backup."""

    migration: str
    orders: int
    payments: int
    paid_rials: int

    def __str__(self) -> str:
        return f"{self.orders} orders, {self.payments} payments, {self.paid_rials:,} Rials paid"


@dataclass(frozen=True, slots=True)
class Part:
    """One file inside a backup."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands in a backup's ``manifest.json``. ``parts`` are by name."""

    kind: str
    code: str
    taken_at: datetime
    facts: Facts
    parts: Mapping[str, Part]

    def as_text(self) -> str:
        """Return the manifest as JSON."""
        fields = {**asdict(self), "format": FORMAT, "taken_at": self.taken_at.isoformat()}
        return json.dumps(fields, indent=1, sort_keys=True)


def facts_of(connection: Connection) -> Facts:
    """Count what a database holds."""

    def one(query: str) -> Any:
        return connection.execute(text(query)).scalar_one()

    counts = {name: int(one(query)) for name, query in COUNTED.items()}
    return Facts(migration=str(one(MIGRATION)), **counts)


def read_manifest(document: bytes) -> Manifest:
    """Read a manifest. Raises :class:`Refused`."""
    try:
        found = json.loads(document)
        written = int(found["format"])
        return _manifest(found) if written == FORMAT else _of_another_format(written)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused("the file's manifest cannot be read: it is damaged, or no backup") from None


def _of_another_format(written: int) -> Manifest:
    raise Refused(f"the backup has format {written}; this code reads format {FORMAT}")


def _manifest(found: Mapping[str, Any]) -> Manifest:
    return Manifest(
        kind=str(found["kind"]),
        code=str(found["code"]),
        taken_at=_aware(datetime.fromisoformat(found["taken_at"])),
        facts=Facts(**found["facts"]),
        parts={str(name): Part(**part) for name, part in found["parts"].items()},
    )


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without its offset from UTC")
    return moment
