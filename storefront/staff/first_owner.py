"""Let the first owner of a shop that is tried out choose a password, without a command."""

from __future__ import annotations

from datetime import datetime

from storefront.staff import accounts
from storefront.staff.models import Role, StaffMember

NAME, BY = "owner", "first start"


def new_link(now: datetime) -> str | None:
    """Return the token of a new link for the first owner; the one before works no more.

    None once somebody has a password, or the shop has other staff.
    """
    people = accounts.everybody()
    if not all(_waits(member) for member in people):
        return None
    if people:
        return accounts.new_link(people[0].id, now, by=BY)
    try:
        return accounts.add(NAME, Role.OWNER, now, by=BY)[1]
    except accounts.NotPossible:  # another process is starting, too
        return None


def _waits(member: StaffMember) -> bool:
    """Return whether this is the first owner, who has not chosen a password yet."""
    is_owner = member.name == NAME and member.role is Role.OWNER and member.disabled_at is None
    return is_owner and member.password_hash is None
