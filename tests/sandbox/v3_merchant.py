"""A merchant that speaks PPG v3's wire by hand, as merchant.py speaks PPG's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import requests

from jibit_sandbox.core.callback import Callback
from tests.sandbox.merchant import Merchant

references = count(1001)


class V3Merchant(Merchant):
    """The same merchant at PPG v3. Every purchase has a reference of its own, as v3 wants it."""

    reference, national_code = "clientReferenceNumber", "payerNationalCode"

    @property
    def base_url(self) -> str:
        return self.world.ppg_v3_base_url

    def generate(self) -> requests.Response:
        keys = {"apiKey": self.world.api_key, "secretKey": self.world.secret_key}
        response = self.call("POST", "/tokens", json=keys)
        self.keep(response)
        return response

    def refresh(self) -> requests.Response:
        body = {"refreshToken": self.pair["refreshToken"]}
        response = self.call("POST", "/tokens/refresh", json=body)
        self.keep(response)
        return response

    def order(self, **fields: Any) -> dict[str, Any]:
        order = {
            "amount": 250_000,
            "currency": "IRR",
            "clientReferenceNumber": f"R-{next(references)}",
            "callbackUrl": "https://shop.example/callback",
        } | fields
        return {name: value for name, value in order.items() if value is not ...}

    def create(self, **fields: Any) -> requests.Response:
        return self.call("POST", "/purchases", json=self.order(**fields))

    def opened(self, **fields: Any) -> tuple[str, str]:
        answer = self.create(**fields).json()
        return answer["purchaseIdStr"], answer["pspSwitchingUrl"]

    def returned(self, action: str = "pay", **fields: Any) -> Callback:
        """What the browser posts after this button of a new purchase's page."""
        return self.world.callback(self.opened(**fields)[1], action)

    def verify(self, identifier: str, **how: Any) -> requests.Response:
        return self.call("POST", f"/purchases/{identifier}/verify", **how)

    def verified(self, **fields: Any) -> str:
        """The identifier of a new purchase that was paid and captured."""
        identifier = self.paid(**fields)
        assert self.verify(identifier).json() == {"status": "SUCCESSFUL"}
        return identifier

    def inquiry(self, identifier: str, **how: Any) -> requests.Response:
        return self.call("GET", "/purchases", params={"purchaseId": identifier}, **how)

    def purchase(self, identifier: str) -> dict[str, Any]:
        """The one element of an inquiry."""
        (element,) = self.inquiry(identifier).json()["elements"]
        return dict(element)

    def status(self, identifier: str) -> str:
        return str(self.purchase(identifier)["state"])

    def list(self, **query: Any) -> requests.Response:
        return self.call("GET", "/purchases", params=query)

    def listed(self, **query: Any) -> Sequence[str]:
        return [each["purchaseIdStr"] for each in self.list(**query).json()["elements"]]

    def reverse(self, identifier: str) -> requests.Response:
        return self.call("POST", "/purchases/reverse", json={"purchaseId": int(identifier)})

    def refund(self, identifier: str, **fields: Any) -> requests.Response:
        body = {"purchaseId": int(identifier)} | fields
        return self.call("POST", "/purchases/refund", json=body)
