"""Where a story is played: at a gateway, on a database; chosen as parameters and never skipped.

A story is told for every gateway unless it says why not: `@card_only`, `@v2_only`, `@v3_only` and
`@wallet_only` stand beside the reason, a property of that gateway's wire. `make test` deals the
stories over gateways and databases (`testkit/places.py`); `make test-long` plays each at all of
them. A shop has one version of the card gateway, and the wallet beside it.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from payment_engine.states import PaymentState


class Scene(NamedTuple):
    """A gateway, by the shop's name for it, and a kind of database."""

    gateway: str
    database: str


V2 = (Scene("ppg", "sqlite"), Scene("ppg", "postgresql"))
V3 = (Scene("ppg_v3", "sqlite"), Scene("ppg_v3", "postgresql"))
WALLET = (Scene("wallet", "sqlite"), Scene("wallet", "postgresql"))
USUAL = (*V2, *V3, *WALLET)


def _played(*scenes: Scene) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("scene", scenes, indirect=True, ids="-".join)


card_only = _played(*V2, *V3)
v2_only = _played(*V2)
v3_only = _played(*V3)
wallet_only = _played(*WALLET)


def other(gateway: str) -> str:
    """The second gateway of a shop whose first choice is this one."""
    return "ppg" if gateway == "wallet" else "wallet"


class Callback(NamedTuple):
    """What a gateway's callback says: the names of its parameters, its words, and how it comes."""

    identifier: str
    state: str
    success: str
    failure: str
    is_posted: bool = False


CALLBACKS = {
    "ppg": Callback("refnum", "state", "SUCCESSFUL", "FAILED"),
    "ppg_v3": Callback("purchaseId", "status", "SUCCESSFUL", "FAILED", is_posted=True),
    "wallet": Callback("orderId", "status", "PURCHASE_BY_USER", "CANCEL_BY_USER"),
}
CREATES = {"ppg": 1, "ppg_v3": 2, "wallet": 1}  # how often one that is not answered is sent
LOOK_UP = {"ppg": "list", "ppg_v3": "inquiry"}  # what a lost create is looked for with
DECLINED = {
    "ppg": PaymentState.FAILED,
    "ppg_v3": PaymentState.FAILED,
    "wallet": PaymentState.EXPIRED,  # CANCEL_BY_SYSTEM is all the wallet says: no word for "why"
}
