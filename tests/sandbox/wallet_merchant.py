"""A merchant that speaks the wallet gateway's wire by hand, as merchant.py speaks PPG's."""

from __future__ import annotations

from typing import Any, ClassVar

import requests

from tests.sandbox.merchant import Merchant

MOBILE = "09121234567"


class WalletMerchant(Merchant):
    """The same merchant at the other gateway: the same calls by the same names."""

    paid_word = "PURCHASE_BY_USER"
    order_claim, state_claim = "orderId", "status"
    page = "/order/{}/payment"
    calls: ClassVar = {
        "refresh": ("POST", "/authenticate/refresh"),
        "create": ("POST", "/order/initiate"),
        "verify": ("POST", "/order/verify/{}"),
        "inquiry": ("GET", "/order/inquiry/{}"),
    }

    @property
    def base_url(self) -> str:
        return self.world.wallet_base_url

    @property
    def access_token(self) -> str:
        return self.pair.get("token", "")

    def generate(self) -> requests.Response:
        keys = {"username": self.world.username, "password": self.world.password}
        response = self.call("POST", "/authenticate", json=keys)
        self.keep(response)
        return response

    def refresh(self) -> requests.Response:
        response = self.call("POST", "/authenticate/refresh", json=self.pair)
        self.keep(response)
        return response

    def keep(self, response: requests.Response) -> None:
        if response.ok:
            self.pair = response.json()["result"]

    def order(self, **fields: Any) -> dict[str, Any]:
        order = {
            "amount": 250_000,
            "callBackUrl": "https://shop.example/callback",
            "userIdentity": MOBILE,
            "merchantOrderId": "R-1001",
        } | fields
        if "callbackUrl" in order:  # what tests of both gateways call it
            order["callBackUrl"] = order.pop("callbackUrl")
        return {name: value for name, value in order.items() if value is not ...}

    def create(self, **fields: Any) -> requests.Response:
        return self.call("POST", "/order/initiate", json=self.order(**fields))

    def opened(self, **fields: Any) -> tuple[str, str]:
        answer = self.create(**fields).json()["result"]
        return answer["orderId"], answer["redirectUrl"]

    def verify(self, identifier: str, **how: Any) -> requests.Response:
        return self.call("POST", f"/order/verify/{identifier}", **how)

    def inquiry(self, identifier: str, **how: Any) -> requests.Response:
        return self.call("GET", f"/order/inquiry/{identifier}", **how)

    def is_captured(self, answer: requests.Response) -> bool:
        return bool(answer.json()["errorCode"] == 0)

    def status(self, identifier: str) -> str:
        return str(self.inquiry(identifier).json()["statusV"])


def problem(response: requests.Response) -> int:
    """The errorCode of a failure, whose form and agreement with the status are checked."""
    envelope = response.json()
    assert set(envelope) == {"errorCode", "message"}
    assert envelope["message"]
    assert envelope["errorCode"] == response.status_code
    return int(envelope["errorCode"])
