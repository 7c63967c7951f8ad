"""A merchant that speaks PPG's wire by hand: raw HTTP, no adapter, no retries, nothing added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, TypedDict, TypeVar

import requests

from jibit_sandbox.testing import SandboxWorld

TIMEOUT = 20


class Merchant:
    """One merchant in one world, with a token of its own."""

    paid_word = "SUCCESSFUL"  # what the callback says of a payment
    order_claim, state_claim = "refnum", "state"  # the names of the callback's claims
    reference, national_code = "referenceNumber", "nationalCode"  # fields of a create
    page = "/orders/{}/payments"
    calls: ClassVar = {  # method and path by operation
        "refresh": ("POST", "/tokens/refresh"),
        "create": ("POST", "/orders"),
        "verify": ("GET", "/orders/{}/verify"),
        "inquiry": ("GET", "/orders/{}"),
    }

    def __init__(self, world: SandboxWorld) -> None:
        self.world = world
        self.session = requests.Session()
        self.session.trust_env = False
        self.pair: dict[str, str] = {}

    @property
    def base_url(self) -> str:
        return self.world.ppg_base_url

    def call(self, method: str, path: str, **how: Any) -> requests.Response:
        """One request to the gateway, with the bearer token unless headers say otherwise."""
        headers = {"Authorization": f"Bearer {self.access_token}"} | how.pop("headers", {})
        kept = {name: value for name, value in headers.items() if value is not None}
        url = self.base_url + path
        return self.session.request(method, url, headers=kept, timeout=TIMEOUT, **how)

    @property
    def access_token(self) -> str:
        return self.pair.get("accessToken", "")

    def generate(self) -> requests.Response:
        keys = {"apiKey": self.world.api_key, "secretKey": self.world.secret_key}
        response = self.call("POST", "/tokens/generate", json=keys)
        self.keep(response)
        return response

    def refresh(self) -> requests.Response:
        response = self.call("POST", "/tokens/refresh", json=self.pair)
        self.keep(response)
        return response

    def keep(self, response: requests.Response) -> None:
        if response.ok:
            self.pair = response.json()

    def order(self, **fields: Any) -> dict[str, Any]:
        """The body of a create; a field set to ``...`` is left out."""
        order = {
            "amount": 250_000,
            "currency": "RIALS",
            "referenceNumber": "R-1001",
            "userIdentifier": "09121234567",
            "callbackUrl": "https://shop.example/callback",
        } | fields
        return {name: value for name, value in order.items() if value is not ...}

    def named(self, reference: str) -> dict[str, str]:
        """The field of a create that gives it this reference."""
        return {self.reference: reference}

    def create(self, **fields: Any) -> requests.Response:
        return self.call("POST", "/orders", json=self.order(**fields))

    def opened(self, **fields: Any) -> tuple[str, str]:
        """The identifier and the switching URL of a new order."""
        answer = self.create(**fields).json()
        return answer["orderIdentifier"], answer["pspSwitchingUrl"]

    def paid(self, **fields: Any) -> str:
        """The identifier of a new order that a shopper has paid."""
        identifier, switching_url = self.opened(**fields)
        self.world.pay(switching_url)
        return identifier

    def verify(self, identifier: str, **how: Any) -> requests.Response:
        return self.call("GET", f"/orders/{identifier}/verify", **how)

    def inquiry(self, identifier: str, **how: Any) -> requests.Response:
        return self.call("GET", f"/orders/{identifier}", **how)

    def is_captured(self, answer: requests.Response) -> bool:
        """Whether the answer to a verify says so."""
        return bool(answer.json() == {"status": "Successful"})

    def status(self, identifier: str) -> str:
        return str(self.inquiry(identifier).json()["status"])

    def list(self, **query: Any) -> requests.Response:
        return self.call("GET", "/orders", params=query)

    def listed(self, **query: Any) -> Sequence[str]:
        """The identifiers on one page."""
        return [element["id"] for element in self.list(**query).json()["elements"]]


class OtherClaim(TypedDict, total=False):
    """What a callback is to claim in place of the truth; what is not given, the sandbox chooses."""

    amount: int
    state: str


Joining = TypeVar("Joining", bound=Merchant)


@contextmanager
def joined(merchant: Joining) -> Iterator[Joining]:
    """Give the merchant a fresh token, and close its connections at the end."""
    merchant.generate()
    yield merchant
    merchant.session.close()


def codes(response: requests.Response) -> list[str]:
    """The codes of an error's envelope, whose form is checked on the way."""
    envelope = response.json()
    assert set(envelope) == {"fingerprint", "errors"}
    assert all(set(error) == {"code", "message"} for error in envelope["errors"])
    return [error["code"] for error in envelope["errors"]]


@contextmanager
def in_its_own_world(merchant: Joining, number: int) -> Iterator[Joining]:
    """Give such a merchant in a world whose switches may be changed without harm to others."""
    world = merchant.world.world(f"{merchant.world.name}-{number}")
    with joined(type(merchant)(world)) as other:
        yield other
