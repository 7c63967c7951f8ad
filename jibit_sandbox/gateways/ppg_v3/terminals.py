"""The client's terminals, one for each PSP, and the choice of one for a purchase."""

from __future__ import annotations

from typing import NamedTuple

from jibit_sandbox.core.models import Purchase


class Terminal(NamedTuple):
    """A terminal: its id in ``switching.terminalIds``, its PSP, and the PSP's number for it."""

    natural_id: str
    psp_name: str
    psp_terminal_id: str


TERMINALS = (
    Terminal("1001", "saman-ipg", "12160001"),
    Terminal("1002", "sepehr-ipg", "98160002"),
    Terminal("1003", "behpardakht-ipg", "51160003"),
)


def terminal_for(purchase: Purchase) -> Terminal | None:
    """Return the first terminal that the merchant prefers; None if only unknown ones may be used.

    Without preference, and where the preferred ones are unknown, it is the client's first.
    """
    known = {terminal.natural_id: terminal for terminal in TERMINALS}
    preferred = [known[each] for each in purchase.terminal_ids if each in known]
    if preferred:
        return preferred[0]
    return TERMINALS[0] if purchase.auto_switching else None
