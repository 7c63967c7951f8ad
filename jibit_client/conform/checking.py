"""Check one gateway: ask every question, then judge every fact."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..answers import FailureReader, read_errors
from ..ppg.client import TOKENS as PPG_TOKENS
from ..ppg_v3.client import TOKENS as PPG_V3_TOKENS
from ..ppg_v3.failures import read_failure as read_v3_failure
from ..token_endpoint import TokenEndpointSpec
from ..wallet.client import TOKENS as WALLET_TOKENS
from ..wallet.messages import read_failure as read_wallet_failure
from . import ppg_facts, ppg_v3_facts, wallet_facts
from .asking import Asker
from .facts import Fact, found
from .ppg_questions import ask_ppg
from .ppg_v3_questions import ask_ppg_v3
from .report import Report
from .target import Target
from .wallet_questions import ask_wallet
from .wire import Wire


@dataclass(frozen=True, slots=True)
class Checked:
    """Say how a gateway is asked.

    ``credentials`` are the names of its keys: those that ``connect`` of its client has, and those
    of the token call. ``reference_name`` is the field of a create that has our reference.
    """

    credentials: Mapping[str, str]
    reference_name: str
    tokens: TokenEndpointSpec
    read_failure: FailureReader
    ask: Callable[[Asker], None]
    facts: tuple[Fact, ...]
    blocking: frozenset[str]


GATEWAYS: Final[Mapping[str, Checked]] = {
    "ppg": Checked(
        {"api_key": "apiKey", "secret_key": "secretKey"},
        "referenceNumber",
        PPG_TOKENS,
        read_errors,
        ask_ppg,
        ppg_facts.FACTS,
        ppg_facts.BLOCKING,
    ),
    "ppg_v3": Checked(
        {"api_key": "apiKey", "secret_key": "secretKey"},
        "clientReferenceNumber",
        PPG_V3_TOKENS,
        read_v3_failure,
        ask_ppg_v3,
        ppg_v3_facts.FACTS,
        ppg_v3_facts.BLOCKING,
    ),
    "wallet": Checked(
        {"username": "username", "password": "password"},
        "merchantOrderId",
        WALLET_TOKENS,
        read_wallet_failure,
        ask_wallet,
        wallet_facts.FACTS,
        wallet_facts.BLOCKING,
    ),
}


def check(target: Target) -> Report:
    """Ask the gateway by harmless calls, and compare what it says with what is assumed.

    Raises CannotBeAsked if it issues no token, ValueError for an impossible base URL.
    """
    with signed_in(target) as asker:
        return check_with(asker)


def gateways_date(target: Target) -> datetime | None:
    """Ask the gateway for tokens and no more; return the moment that its answer is dated, aware.

    None if the answer has no ``Date``. Raises as ``check`` does.
    """
    with signed_in(target) as asker:
        return asker.wire.date


@contextmanager
def signed_in(target: Target) -> Iterator[Asker]:
    """Give somebody who asks and has a token. Raises as ``check`` does."""
    gateway = GATEWAYS[target.gateway]
    with closing(Wire(target, gateway.read_failure)) as wire:
        asker = Asker(target, wire, gateway.tokens, gateway.reference_name)
        asker.sign_in()
        yield asker


def check_with(asker: Asker) -> Report:
    """Ask every question and judge every fact."""
    gateway = GATEWAYS[asker.target.gateway]
    gateway.ask(asker)
    redirect = asker.redirect_url
    seen = asker.observations(gateway.blocking)
    return Report(
        asker.target.gateway,
        asker.wire.base_url,
        tuple(found(fact, seen) for fact in gateway.facts),
        tuple(asker.left_behind),
        redirect if isinstance(redirect, str) else None,
    )
