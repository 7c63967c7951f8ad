"""Store the people of the shop, their sessions and the log of what they did."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from payment_engine.sqlalchemy_tables import one_of
from storefront.core.database import Model

LONGEST_NAME = 40
DIGEST_LENGTH = 64  # SHA-256 in hexadecimal digits


class Role(StrEnum):
    """What somebody may do: a clerk sees to orders and products, an owner to everything."""

    CLERK = "clerk"
    OWNER = "owner"

    def includes(self, needed: Role) -> bool:
        """Return whether who has this role may do what needs another one."""
        return self is Role.OWNER or needed is Role.CLERK


class StaffMember(Model):
    """One person. Without ``password_hash`` nobody can log in yet.

    ``link_hash`` is the digest of the one-time link that sets the password, until ``link_until``.
    """

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), unique=True)
    role: Mapped[Role] = mapped_column(one_of(Role, "role_known"))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    link_hash: Mapped[str | None] = mapped_column(String(DIGEST_LENGTH), unique=True)
    link_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]


class StaffSession(Model):
    """One browser that somebody has logged in with; its cookie has the token, we its digest."""

    __tablename__ = "staff_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(DIGEST_LENGTH), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]

    member: Mapped[StaffMember] = relationship(lazy="joined")


class StaffEvent(Model):
    """What somebody did or tried: ``what`` is a word of :mod:`storefront.staff.log`.

    ``name`` is as it was typed for a login that failed, so it may belong to nobody. ``client`` is
    the address prefix that it came from, None for a command.
    """

    __tablename__ = "staff_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    what: Mapped[str] = mapped_column(String(40))
    client: Mapped[str | None] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
