"""What the PSP says of a payment at PPG v3."""

from __future__ import annotations

from hashlib import sha256

from jibit_sandbox.bank import orders as bank
from jibit_sandbox.bank.cards import Card
from jibit_sandbox.bank.orders import State
from jibit_sandbox.core.chance import new_digits
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.models import Purchase, World
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.gateways.ppg_v3.purchases import capture
from jibit_sandbox.gateways.ppg_v3.terminals import has_auto_verify
from jibit_sandbox.i18n.translations import gettext_noop as _


def record_payment(work: Work, purchase: Purchase, card: Card, *, is_known: bool = True) -> None:
    """Store what the PSP says of the payment; capture it where the client has auto-verify."""
    record_psp(work.world, purchase, card)
    if not is_known:
        because = _("the PSP does not say whether this was paid")
        bank.apply_transition(work.session, purchase.order, State.UNKNOWN, work.now, because)
    elif has_auto_verify(purchase.psp_terminal_id, switches_of(work.world)):
        capture(work, purchase)


def record_psp(world: World, purchase: Purchase, card: Card) -> None:
    """Give the payment the PSP's numbers."""
    purchase.psp_rrn = new_digits(world, "psp_rrn", 12)
    purchase.psp_reference_number = new_digits(world, "psp_reference", 20)
    purchase.psp_trace_number = new_digits(world, "psp_trace", 6)
    purchase.psp_hashed_card = sha256(card.number.encode()).hexdigest()
