"""Put the entries of the staff's log into sentences."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from storefront.staff.models import Role, StaffEvent

ROLES: Mapping[str, LazyString] = {Role.OWNER: _("Owner"), Role.CLERK: _("Clerk")}
# Who is no member of the staff: their names are stored in English.
NOBODY = {"command line": _("the command line"), "first start": _("the first start")}
WORDS: Mapping[str, LazyString] = {
    "login": _("logged in"),
    "login_failed": _("was refused: wrong name or password"),
    "logout": _("logged out"),
    "password_set": _("set a password with a one-time link"),
    "staff_added": _("added somebody"),
    "staff_link": _("made a one-time link for somebody"),
    "staff_role": _("changed somebody's role"),
    "staff_disabled": _("lets somebody in no more"),
    "staff_enabled": _("lets somebody in again"),
    "gateways_checked": _("checked the gateways"),
    "discrepancy_decided": _("decided about a difference between the books"),
    "reconciliation_wanted": _("had the books compared"),
    "sales_exported": _("exported sales"),
    "sent_again": _("had messages sent again"),
    "letter_changed": _("changed what an e-mail says"),
    "letter_reset": _("took back the own text of an e-mail"),
    "letter_tested": _("sent an e-mail as a test"),
}


def what(entry: StaffEvent) -> LazyString | str:
    """Return what was done; a word that nobody has put into a sentence is shown as it is."""
    return WORDS.get(entry.what) or entry.what.replace("_", " ")


def who(entry: StaffEvent) -> LazyString | str:
    """Return who did it."""
    return NOBODY.get(entry.name) or entry.name


def about(entry: StaffEvent) -> list[LazyString | str]:
    """Return whom or what it was about: the texts and numbers of its details."""
    found = {name: value for name, value in entry.details.items() if value not in (None, "")}
    role = ROLES.get(str(found.pop("role", "")))
    return [str(each) for each in found.values()] + ([role] if role else [])
