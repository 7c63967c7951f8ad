"""Add people, let them choose a password, log them in and out, and end their sessions."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from storefront.core.database import db, transaction
from storefront.core.typed import one_line
from storefront.staff import log, passwords
from storefront.staff.models import LONGEST_NAME, Role, StaffMember, StaffSession

LINK_LASTS = timedelta(hours=24)
IDLE = timedelta(hours=2)  # without a page, a session ends
LASTS = timedelta(hours=12)  # and at the latest: a working day
SEEN_EVERY = timedelta(minutes=5)  # how exactly ``seen_at`` is kept


class NotPossible(Exception):
    """What is asked of an account cannot be done; the word says why: see each function."""


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def everybody() -> Sequence[StaffMember]:
    """Return all people of the shop, by name."""
    return db.session.scalars(select(StaffMember).order_by(StaffMember.name)).all()


def named(name: str) -> StaffMember | None:
    """Return the person with this name."""
    return db.session.scalar(select(StaffMember).where(StaffMember.name == plain_name(name)))


def with_id(member_id: int) -> StaffMember | None:
    """Return who has this id, or None."""
    return db.session.get(StaffMember, member_id)


def plain_name(name: str) -> str:
    """Return a name as it is stored and looked up."""
    return one_line(name).casefold()


def add(name: str, role: Role, now: datetime, *, by: str) -> tuple[StaffMember, str]:
    """Add somebody; return them, and the token of the link with which they set a password.

    Raises NotPossible("name_wrong" or "name_taken").
    """
    plain = plain_name(name)
    if not 2 <= len(plain) <= LONGEST_NAME:
        raise NotPossible("name_wrong")
    with transaction():
        if named(plain) is not None:
            raise NotPossible("name_taken")
        member = StaffMember(name=plain, role=role, created_at=now)
        db.session.add(member)
        token = _new_link(member, now)
        log.note("staff_added", by, now, member=plain, role=role.value)
    return member, token


def new_link(member_id: int, now: datetime, *, by: str) -> str:
    """Return the token of a new link; the one before does not work any more."""
    with transaction():
        member = _locked(member_id)
        token = _new_link(member, now)
        log.note("staff_link", by, now, member=member.name)
    return token


def _new_link(member: StaffMember, now: datetime) -> str:
    token = secrets.token_urlsafe(24)
    member.link_hash, member.link_until = _digest(token), now + LINK_LASTS
    return token


def _locked(member_id: int) -> StaffMember:
    query = select(StaffMember).where(StaffMember.id == member_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def change_role(member_id: int, role: Role, now: datetime, *, by: str) -> None:
    """Give somebody another role. Raises NotPossible("last_owner")."""
    with transaction():
        member = _locked(member_id)
        if role is not Role.OWNER:
            _keep_an_owner(member)
        member.role = role
        log.note("staff_role", by, now, member=member.name, role=role.value)


def disable(member_id: int, now: datetime, *, by: str) -> None:
    """Let somebody in no more, from this moment on. Raises NotPossible("last_owner")."""
    with transaction():
        member = _locked(member_id)
        _keep_an_owner(member)
        member.disabled_at, member.link_hash = now, None
        _end_sessions(member_id)
        log.note("staff_disabled", by, now, member=member.name)


def enable(member_id: int, now: datetime, *, by: str) -> None:
    """Let somebody in again."""
    with transaction():
        member = _locked(member_id)
        member.disabled_at = None
        log.note("staff_enabled", by, now, member=member.name)


def _keep_an_owner(leaving: StaffMember) -> None:
    query = select(StaffMember.id).where(
        StaffMember.role == Role.OWNER, StaffMember.disabled_at.is_(None)
    )
    if set(db.session.scalars(query.with_for_update())) == {leaving.id}:
        raise NotPossible("last_owner")


def is_empty() -> bool:
    """Return whether the shop has no staff yet."""
    return not db.session.scalar(select(func.count()).select_from(StaffMember))


def by_link(token: str, now: datetime) -> StaffMember | None:
    """Return whom a link belongs to, while it works."""
    query = select(StaffMember).where(
        StaffMember.link_hash == _digest(token), StaffMember.disabled_at.is_(None)
    )
    member = db.session.scalar(query)
    return member if member and member.link_until and now <= member.link_until else None


def set_password(token: str, password: str, now: datetime, *, client: str) -> str | None:
    """Set the password of a link's owner and log them in; return the session's token.

    The link works once, and all other sessions end. None if the link does not work any more.
    """
    hashed = passwords.hashed(password)  # takes long: outside of the transaction
    with transaction():
        member = by_link(token, now)
        if member is None:
            return None
        member = _locked(member.id)
        if member.link_hash != _digest(token):
            return None
        member.password_hash, member.link_hash, member.link_until = hashed, None, None
        _end_sessions(member.id)
        log.note("password_set", member.name, now, client=client)
        return _begin_session(member, now)


def log_in(name: str, password: str, now: datetime, *, client: str) -> str | None:
    """Return the token of a new session, or None; either is logged."""
    member = named(name)
    hashed = member.password_hash if member and member.disabled_at is None else None
    right = passwords.fits(hashed, password)
    with transaction():
        if member is None or not right:
            log.note("login_failed", plain_name(name), now, client=client)
            return None
        member = _locked(member.id)
        if member.disabled_at is not None or member.password_hash != hashed:
            return None  # changed meanwhile
        log.note("login", member.name, now, client=client)
        return _begin_session(member, now)


def _begin_session(member: StaffMember, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    member.last_login_at = now
    db.session.execute(delete(StaffSession).where(StaffSession.began_at < now - LASTS))
    db.session.add(
        StaffSession(token_hash=_digest(token), member_id=member.id, began_at=now, seen_at=now)
    )
    return token


def _end_sessions(member_id: int) -> None:
    db.session.execute(delete(StaffSession).where(StaffSession.member_id == member_id))


def in_session(token: str, now: datetime) -> StaffMember | None:
    """Return who is logged in with this session, and note that they were here."""
    query = select(StaffSession).where(StaffSession.token_hash == _digest(token))
    session = db.session.scalar(query)
    if session is None or _is_over(session, now) or session.member.disabled_at is not None:
        return None
    if now - session.seen_at > SEEN_EVERY:
        seen = update(StaffSession).where(StaffSession.id == session.id).values(seen_at=now)
        with transaction():
            db.session.execute(seen)
    return session.member


def _is_over(session: StaffSession, now: datetime) -> bool:
    return now - session.seen_at > IDLE or now - session.began_at > LASTS


def log_out(token: str, name: str, now: datetime) -> None:
    """End a session."""
    with transaction():
        db.session.execute(delete(StaffSession).where(StaffSession.token_hash == _digest(token)))
        log.note("logout", name, now)
