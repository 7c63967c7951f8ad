"""Column types that several nouns share."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Enum


def one_of(states: type[StrEnum], name: str) -> Enum:
    """A text column that the database itself holds to the values of an enum."""
    return Enum(
        states,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=24,
        values_callable=lambda members: [member.value for member in members],
    )
