"""Where a story is played: at a gateway, on a database; chosen as parameters and never skipped.

A story is told for every gateway unless it says why not: `@card_only` and `@wallet_only` stand
beside the reason, a property of that gateway's wire. `make test` plays each story at every gateway
and on both databases; `make test-long` also plays the pair that shows neither for the first time.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from payment_engine.states import PaymentState


class Scene(NamedTuple):
    """A gateway, by the shop's name for it, and a kind of database."""

    gateway: str
    database: str


CARD = (Scene("ppg", "sqlite"), Scene("ppg", "postgresql"))
WALLET = (Scene("wallet", "sqlite"), Scene("wallet", "postgresql"))
ADDED_BY_THE_MATRIX = pytest.param(CARD[0], marks=pytest.mark.long)
USUAL = (ADDED_BY_THE_MATRIX, CARD[1], WALLET[0])


def _played(*scenes: Scene) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("scene", scenes, indirect=True, ids="-".join)


everywhere = _played(*CARD, *WALLET)  # where money moves and two writers may meet
card_only = _played(*CARD)
wallet_only = _played(*WALLET)


class Callback(NamedTuple):
    """What a gateway's callback says: the names of its parameters, and its words."""

    identifier: str
    state: str
    success: str
    failure: str


CALLBACKS = {
    "ppg": Callback("refnum", "state", "SUCCESSFUL", "FAILED"),
    "wallet": Callback("orderId", "status", "PURCHASE_BY_USER", "CANCEL_BY_USER"),
}
DECLINED = {
    "ppg": PaymentState.FAILED,
    "wallet": PaymentState.EXPIRED,  # CANCEL_BY_SYSTEM is all the wallet says: no word for "why"
}
