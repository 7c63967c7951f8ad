"""Answers copied out by hand from the wallet's document (v2.1), its sections and its spellings."""

from __future__ import annotations

from typing import Any

GENERATE = "POST /pg/authenticate"
REFRESH = "POST /pg/authenticate/refresh"
CREATE = "POST /pg/order/initiate"
INQUIRY = "GET /pg/order/inquiry/7wvkgrn0"
VERIFY = "POST /pg/order/verify/7wvkgrn0"

SAMPLE_TOKENS = {  # as printed: the scan took some letters for others
    "errorCode": 0,
    "result": {
        "token": (
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJpci5qaWJpdC5xcnBnliwic3ViljoiNzc1"
            "NylsImlzcyI6ImlyLmppYml0LnRzZXJ2ZXIiLCJleHAiOjE1MzUyNjg3NjcsImlhdCI6MTUzNTE4Mj"
            "M2NywianRpIjoiNSJ9.gLfKvw7wUJgipNpxhVAHHSBj4g9caq-NOqhZbEP5GUs"
        ),
        "refreshToken": (
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJyZWYuaXluamliaXQucXJwZyIsInN1Yi"
            "I6Ijc3NTciLCJpc3MiOiJpci5qaWJpdC50c2VydmVyIiwiZXhwIjoxNTQyOTU4MzY3LCJpYXQiOj"
            "E1MzUxODIzNjcsImp0aSI6IjUifQ.iBEiXnYMh7Q5RufYheA25vmNNXUANtKDkKwgf3zibS0"
        ),
    },
}
SAMPLE_INITIATED = {
    "errorCode": 0,
    "result": {
        "orderId": "7wvkgrn0",
        "merchantOrderId": "merchant-1234-123",
        "redirectUrl": "https://qrpg-test.jibit.ir/order/7wvkgrn0",
        "additionalData": '{"key1":value1,"key2":"value2"}',
    },
}
SAMPLE_VERIFIED = {
    "errorCode": 0,
    "result": {
        "merchantOrderId": "merchant-1234-123",
        "amount": 100,
        "refId": "775743540",
        "additionalData": '{"key1":value1,"key2":"value2"}',
        "userIdentity": "09121234567",
        "clientIP": "37.32.127.129",
    },
}
SAMPLE_INQUIRY = {
    "statusV": "PURCHASE_CONFIRM_BY_MERCHANT",
    "merchantOrderId": " merchant-1234-123",  # as printed
    "amount": 100,
    "refId": "775743540",
    "additionalData": '{"additionaldata1":1234,"additionaldata2":"test2"}',
    "userIdentity": "09121234567",
    "clientIp": "37.32.127.129",
}

INITIATED = {
    "orderId": "7wvkgrn0",
    "merchantOrderId": "our-reference",
    "redirectUrl": "https://pg.jibit.mobi/order/7wvkgrn0",
    "additionalData": None,
}
VERIFIED: dict[str, Any] = {
    "merchantOrderId": "our-reference",
    "amount": 200000,
    "refId": "775743540",
    "additionalData": None,
    "userIdentity": "09121234567",
    "clientIP": "37.32.127.129",
}
ORDER: dict[str, Any] = {
    "statusV": "PURCHASE_BY_USER",
    "merchantOrderId": "our-reference",
    "amount": 200000,
    "refId": "775743540",
    "additionalData": None,
    "userIdentity": "09121234567",
    "clientIp": "37.32.127.129",
}


def result(fields: object) -> dict[str, Any]:
    """The envelope of a success."""
    return {"errorCode": 0, "result": fields}


def order(**changed: Any) -> dict[str, Any]:
    """The inquiry's flat body with some fields changed; ``...`` leaves a field out."""
    return {name: value for name, value in (ORDER | changed).items() if value is not ...}
