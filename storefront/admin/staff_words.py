"""Ask before somebody's rights change: the question, what happens, and the button."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

ASKED = {
    "owner": (
        _("Make %(name)s an owner?"),
        _("An owner returns money, and can change or end the access of everybody, yours too."),
        _("Make an owner"),
    ),
    "clerk": (
        _("Make %(name)s a clerk?"),
        _("A clerk no longer gets to money, refunds, staff and system."),
        _("Make a clerk"),
    ),
    "disable": (
        _("Remove the access of %(name)s?"),
        _("They are logged out at once, and stay out until an owner lets them in again."),
        _("Remove access"),
    ),
}
