"""Name what the sales pages offer and what stands in the accountant's files."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from payment_engine import RefundMethod

VIEWS = {
    "day": _("By day"),
    "product": _("By product"),
    "category": _("By category"),
    "gateway": _("By payment method"),
}
PRESETS = {
    "today": _("Today"),
    "week": _("This week"),
    "month": _("This month"),
    "last_month": _("Last month"),
}
METHODS = {
    RefundMethod.REVERSE: _("Payment reversed"),
    RefundMethod.REFUND: _("Transfer by the gateway"),
    RefundMethod.BY_HAND: _("By hand"),
}
