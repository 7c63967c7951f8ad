"""Name the checks of the installation, and how they end, in the page's language."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from storefront.doctor.findings import Verdict

# Of those that need no network; database, tables and jobs have rows of their own on the page.
CHECK_TITLES = {
    "translations": _("Translations"),
    "styles and fonts": _("Style sheet and fonts"),
    "templates": _("Templates of the pages"),
    "folders": _("Folders that the shop writes into"),
    "private files": _("Rights of keys and databases"),
    "disk space": _("Room on the disk"),
    "secret key": _("Key that signs sessions (SECRET_KEY)"),
    "other hosts": _("Other hosts with the same key"),
    "owner": _("Owners who can log in"),
    "alarms": _("Who is told of trouble"),
    "metrics": _("Metrics for monitoring"),
}
VERDICTS = {
    Verdict.OK: _("in order"),
    Verdict.WARNING: _("to be looked at"),
    Verdict.WRONG: _("wrong"),
    Verdict.NOT_CHECKED: _("not checked"),
}
