"""Name what the staff sees of products: whether they are on sale, and why the stock changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from storefront.catalogue.finding import State
from storefront.catalogue.stock_changes import StockChangeKind

STATES: Mapping[State, Any] = {
    State.ON_SALE: _("On sale"),
    State.LOW: _("Almost sold out"),
    State.OFF_SALE: _("Off sale"),
}
KINDS: Mapping[StockChangeKind, Any] = {
    StockChangeKind.COUNTED: _("Counted"),
    StockChangeKind.RECEIVED: _("Came in"),
    StockChangeKind.CORRECTION: _("Corrected"),
    StockChangeKind.IMPORTED: _("From a file"),
}
