"""The client's terminals, one for each PSP, and the choice of one for a purchase."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from jibit_sandbox.core.models import Purchase
from jibit_sandbox.core.worlds import Switches


class Terminal(NamedTuple):
    """A terminal: its id in ``switching.terminalIds``, its PSP, and the PSP's number for it."""

    natural_id: str
    psp_name: str
    psp_terminal_id: str


SINCE = datetime(2026, 1, 1, tzinfo=UTC)
TERMINALS = (
    Terminal("1001", "saman-ipg", "12160001"),
    Terminal("1002", "sepehr-ipg", "98160002"),
    Terminal("1003", "behpardakht-ipg", "51160003"),
)


def has_auto_verify(terminal_id: str | None, switches: Switches) -> bool:
    """Return whether the payments at this terminal of a PSP are captured without the merchant."""
    if switches.v3_auto_verify == "first_terminal":
        return terminal_id == TERMINALS[0].psp_terminal_id
    return switches.v3_auto_verify


def terminal_for(purchase: Purchase) -> Terminal | None:
    """Return the first terminal that the merchant prefers; None if only unknown ones may be used.

    Without preference, and where the preferred ones are unknown, it is the client's first.
    """
    known = {terminal.natural_id: terminal for terminal in TERMINALS}
    preferred = [known[each] for each in purchase.terminal_ids if each in known]
    if preferred:
        return preferred[0]
    return TERMINALS[0] if purchase.auto_switching else None
