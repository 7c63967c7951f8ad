"""Create + verify through each client, and as briefly as requests lets one write it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from uuid import uuid4

import requests

from jibit_client import CreatePurchaseRequest, PpgV3Client
from jibit_client.authenticated_client import BaseClient
from jibit_client.ppg import PpgClient
from jibit_client.ppg.messages import CreateOrderRequest
from jibit_client.ppg.vocabulary import Currency

TIMEOUT = (3.0, 10.0)
CALLBACK = "https://merchant.ir/callback"
API_KEY, SECRET_KEY = "sandbox-api-key", "sandbox-secret-key"


def bare_session(base_url: str, tokens: str = "/tokens/generate") -> requests.Session:
    """Return a session that sends what the client sends."""
    session = requests.Session()
    session.trust_env = False
    keys = {"apiKey": API_KEY, "secretKey": SECRET_KEY}
    pair = session.post(base_url + tokens, json=keys, timeout=TIMEOUT).json()
    session.headers["Authorization"] = f"Bearer {pair['accessToken']}"
    session.headers["Accept-Language"] = "fa"
    return session


class Pairs(ABC):
    """Make pairs of calls to one gateway, by its client or by a bare session."""

    name: str
    path: str
    tokens: str
    client: BaseClient

    def __init__(self, server: str) -> None:
        self.base_url = server + self.path

    def bare_session(self) -> requests.Session:
        """Return a session for the second way."""
        return bare_session(self.base_url, self.tokens)

    @abstractmethod
    def through_the_client(self) -> None:
        """Make a pair of calls."""

    @abstractmethod
    def through(self, session: requests.Session) -> None:
        """Make the same pair."""

    def close(self) -> None:
        """Close the client's connections."""
        self.client.close()


class PpgV2Pairs(Pairs):
    """PPG v2.4."""

    name, path, tokens = "PPG v2.4", "/ppg/v2", "/tokens/generate"
    client: PpgClient

    def __init__(self, server: str) -> None:
        super().__init__(server)
        self.client = PpgClient.connect(
            base_url=self.base_url, api_key=API_KEY, secret_key=SECRET_KEY
        )

    def through_the_client(self) -> None:
        """Create an order and verify it."""
        order = CreateOrderRequest(
            amount=200_000,
            currency=Currency.RIALS,
            reference_number=uuid4().hex,
            user_identifier="09121234567",
            callback_url=CALLBACK,
        )
        self.client.verify(self.client.create(order).order_identifier)

    def through(self, session: requests.Session) -> None:
        """Do so with the same fields."""
        order = {
            "amount": 200_000,
            "currency": "RIALS",
            "referenceNumber": uuid4().hex,
            "userIdentifier": "09121234567",
            "callbackUrl": CALLBACK,
            "forcePayerCardNumber": "false",
        }
        created = session.post(f"{self.base_url}/orders", json=order, timeout=TIMEOUT)
        created.raise_for_status()
        path = f"{self.base_url}/orders/{created.json()['orderIdentifier']}/verify"
        verified = session.get(path, timeout=TIMEOUT)
        verified.raise_for_status()
        verified.json()


class PpgV3Pairs(Pairs):
    """PPG v3."""

    name, path, tokens = "PPG v3", "/ppg/v3", "/tokens"
    client: PpgV3Client

    def __init__(self, server: str) -> None:
        super().__init__(server)
        self.client = PpgV3Client.connect(
            base_url=self.base_url, api_key=API_KEY, secret_key=SECRET_KEY
        )

    def through_the_client(self) -> None:
        """Create a purchase and verify it."""
        purchase = CreatePurchaseRequest(
            amount_rials=200_000,
            client_reference_number=uuid4().hex,
            callback_url=CALLBACK,
            payer_mobile_number="09121234567",
        )
        self.client.verify(self.client.create(purchase).purchase_id)

    def through(self, session: requests.Session) -> None:
        """Do so with the same fields."""
        purchase = {
            "amount": 200_000,
            "currency": "IRR",
            "clientReferenceNumber": uuid4().hex,
            "callbackUrl": CALLBACK,
            "payerMobileNumber": "09121234567",
        }
        created = session.post(f"{self.base_url}/purchases", json=purchase, timeout=TIMEOUT)
        created.raise_for_status()
        path = f"{self.base_url}/purchases/{created.json()['purchaseIdStr']}/verify"
        verified = session.post(path, timeout=TIMEOUT)
        verified.raise_for_status()
        verified.json()
