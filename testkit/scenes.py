"""Where a story is played: at a gateway, on a database; chosen as parameters and never skipped.

A story is told for every gateway unless it says why not: `@card_only`, `@v2_only`, `@v3_only` and
`@wallet_only` stand beside the reason, a property of that gateway's wire. `make test` plays each
story at every gateway and on both databases; `make test-long` also plays the pairs that show
neither for the first time. A shop has one version of the card gateway, and the wallet beside it.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest
from _pytest.mark import ParameterSet

from payment_engine.states import PaymentState


class Scene(NamedTuple):
    """A gateway, by the shop's name for it, and a kind of database."""

    gateway: str
    database: str


V2 = (Scene("ppg", "sqlite"), Scene("ppg", "postgresql"))
V3 = (Scene("ppg_v3", "sqlite"), Scene("ppg_v3", "postgresql"))
WALLET = (Scene("wallet", "sqlite"), Scene("wallet", "postgresql"))
Played = tuple[Scene | ParameterSet, ...]


def _added_by_the_matrix(*scenes: Scene) -> Played:
    return tuple(pytest.param(scene, marks=pytest.mark.long) for scene in scenes)


USUAL: Played = (V2[1], WALLET[0], V3[0], *_added_by_the_matrix(V2[0], WALLET[1], V3[1]))


def _played(*scenes: Scene | ParameterSet) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("scene", scenes, indirect=True, ids="-".join)


# Both databases are played where money moves and two writers may meet, at one gateway each.
CARDS: Played = (V2[1], V3[0], *_added_by_the_matrix(V2[0], V3[1]))
card_only = _played(*CARDS)
v2_only = _played(*V2)
v3_only = _played(V3[0], *_added_by_the_matrix(V3[1]))
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
