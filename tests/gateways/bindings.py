"""The bindings side by side, each with the wire that it speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from payment_engine.gateway import InquiryStatus, PaymentRequest
from payment_engine.gateways.jibit_ppg import JibitPpg
from payment_engine.gateways.jibit_ppg_v3 import JibitPpgV3
from payment_engine.gateways.jibit_wallet import JibitWallet
from tests.client import wires
from tests.client.wires import Wire

AnyGateway = JibitPpg | JibitPpgV3 | JibitWallet

REQUEST = PaymentRequest("our-reference", 200_000, "https://merchant.ir/callback", "09121234567")


@dataclass(frozen=True)
class Binding:
    """A binding, its wire, and what its inquiry can tell in the engine's words.

    ``claims_paid`` is a browser's word for a payment that was made.
    """

    wire: Wire
    gateway: Callable[..., AnyGateway]
    unpaid: InquiryStatus
    paid: InquiryStatus
    captured: InquiryStatus
    claims_paid: str
    amount_rials: int = 200_000  #: of the order in the wire's documents

    @property
    def name(self) -> str:
        """The gateway's name."""
        return self.wire.name.replace(" ", "_")

    def calls(self) -> dict[str, Callable[[Any], object]]:
        """Return every call that all gateways have, by its route."""
        return {
            self.wire.create: lambda gateway: gateway.open(REQUEST),
            self.wire.verify: lambda gateway: gateway.verify(self.wire.identifier),
            self.wire.inquiry: lambda gateway: gateway.inquire(self.wire.identifier),
        }


PPG = Binding(
    wire=wires.PPG,
    gateway=JibitPpg,
    unpaid=InquiryStatus.IN_PROGRESS,
    paid=InquiryStatus.IN_PROGRESS,
    captured=InquiryStatus.SUCCESS,
    claims_paid="SUCCESSFUL",
)
WALLET = Binding(
    wire=wires.WALLET,
    gateway=JibitWallet,
    unpaid=InquiryStatus.UNPAID,
    paid=InquiryStatus.AWAITING_VERIFICATION,
    captured=InquiryStatus.CAPTURED,
    claims_paid="PURCHASE_BY_USER",
)
V3 = Binding(
    wire=wires.PPG_V3,
    gateway=JibitPpgV3,
    unpaid=InquiryStatus.UNPAID,
    paid=InquiryStatus.AWAITING_VERIFICATION,
    captured=InquiryStatus.CAPTURED,
    claims_paid="SUCCESSFUL",
    amount_rials=251_000,  # with the wage
)
everyone = pytest.mark.parametrize("binding", [PPG, V3, WALLET], ids=lambda each: each.name)
of_v3 = pytest.mark.parametrize("binding", [V3], ids=["ppg_v3"])
of_wallet = pytest.mark.parametrize("binding", [WALLET], ids=["wallet"])
