"""The wallet's messages field for field, in the document's spellings; every amount is in Rials.

All answers but the inquiry's stand in an envelope, ``{"errorCode": 0, "result": {...}}``. Readers
raise Unintelligible for a wrong type, and keep the whole answer in ``raw``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..answers import Failure
from ..fields import Fields, claimed_identifier, claimed_word, given, recognised, whole
from .vocabulary import OrderStatus

Raw = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class InitiateRequest:
    """Section "Order Initiate", request body.

    ``user_identity`` is the payer's mobile, ``09xxxxxxxxx``. ``additional_data`` travels as a
    string that holds JSON.
    """

    amount: int
    merchant_order_id: str
    user_identity: str = field(repr=False)
    callback_url: str
    description: str | None = None
    additional_data: Mapping[str, object] | None = None

    def wire(self) -> dict[str, object]:
        """The body; optional fields that are None are left out. ValueError for a wrong amount."""
        data = self.additional_data
        body = {
            "amount": whole(self.amount),
            "callBackUrl": self.callback_url,
            "userIdentity": self.user_identity,
            "merchantOrderId": self.merchant_order_id,
            "additionalData": None if data is None else json.dumps(data, ensure_ascii=False),
            "description": self.description,
        }
        return given(body)


@dataclass(frozen=True, slots=True)
class InitiateResponse:
    """Section "Order Initiate", response body."""

    order_id: str
    merchant_order_id: str
    redirect_url: str
    additional_data: str | None
    raw: Raw = field(repr=False)

    @classmethod
    def read(cls, answer: object, asked: InitiateRequest) -> InitiateResponse:
        """Read the answer to ``asked``; the echo of another merchantOrderId is Unintelligible."""
        result = read_result("create", answer)
        if result.text_or_long("merchantOrderId") != asked.merchant_order_id:
            result.complain("merchantOrderId is not the one that was sent")
        return cls(
            order_id=result.identifier("orderId"),
            merchant_order_id=asked.merchant_order_id,
            redirect_url=result.text("redirectUrl"),
            additional_data=result.optional_text("additionalData"),
            raw=_raw(answer),
        )


@dataclass(frozen=True, slots=True)
class VerifyResponse:
    """Section "Verify", response body. That it came is the success: there is no status in it.

    ``ref_id`` is the tracking number. ``additional_data`` is given as it came: JSON or not.
    """

    merchant_order_id: str
    amount: int
    ref_id: str | None
    additional_data: str | None
    user_identity: str | None = field(repr=False)
    client_ip: str | None
    raw: Raw = field(repr=False)

    @classmethod
    def read(cls, answer: object) -> VerifyResponse:
        """Read the answer."""
        result = read_result("verify", answer)
        return cls(
            merchant_order_id=result.text_or_long("merchantOrderId"),
            amount=result.rials("amount"),
            ref_id=result.optional_text_or_long("refId") or None,
            additional_data=result.optional_text("additionalData"),
            user_identity=result.optional_text("userIdentity"),
            client_ip=_client_ip(result),
            raw=_raw(answer),
        )


@dataclass(frozen=True, slots=True)
class InquiryResponse:
    """Section "Inquiry", response body; ``said`` is the status word for word.

    Before the shopper has paid there is no ``ref_id``.
    """

    status: OrderStatus
    said: str
    merchant_order_id: str
    amount: int
    ref_id: str | None
    additional_data: str | None
    user_identity: str | None = field(repr=False)
    client_ip: str | None
    raw: Raw = field(repr=False, compare=False)

    @classmethod
    def read(cls, answer: object) -> InquiryResponse:
        """Read the order, which the document shows bare and other clients find in an envelope.

        An answer that has both is Unintelligible unless both say the same.
        """
        body = Fields("inquiry", answer)
        shapes = [body] if "statusV" in body.raw else []
        if not shapes or "errorCode" in body.raw:
            _expect_success(body)
        if not shapes or body.raw.get("result") is not None:
            shapes.append(body.nested("result"))
        first, *others = (cls._order(shape, body.raw) for shape in shapes)
        if others and others != [first]:
            body.complain("the answer contradicts itself")
        return first

    @classmethod
    def _order(cls, fields: Fields, raw: Raw) -> InquiryResponse:
        said = fields.text("statusV")
        return cls(
            status=recognised(OrderStatus, said),
            said=said,
            merchant_order_id=fields.text_or_long("merchantOrderId"),
            amount=fields.rials("amount"),
            ref_id=fields.optional_text_or_long("refId") or None,
            additional_data=fields.optional_text("additionalData"),
            user_identity=fields.optional_text("userIdentity"),
            client_ip=_client_ip(fields),
            raw=raw,
        )


def _client_ip(fields: Fields) -> str | None:
    """``clientIP`` in the document's "Verify", ``clientIp`` in its "Inquiry"."""
    return fields.optional_text("clientIP") or fields.optional_text("clientIp")


@dataclass(frozen=True, slots=True)
class CallbackParameters:
    """What the browser brings to the callBackUrl: its claim, and only that.

    The document does not describe it; other clients find ``orderId`` and ``status`` there.
    """

    order_id: str | None
    status: OrderStatus
    said: str | None

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> CallbackParameters:
        """Read what there is; a parameter that is missing or nonsense is None."""
        said = parameters.get("status")
        return cls(
            order_id=claimed_identifier(parameters.get("orderId")),
            status=recognised(OrderStatus, said),
            said=claimed_word(said),
        )


def read_result(operation: str, answer: object) -> Fields:
    """The fields of ``result`` in an envelope that says ``errorCode`` 0."""
    envelope = Fields(operation, answer)
    _expect_success(envelope)
    return envelope.nested("result")


def _expect_success(envelope: Fields) -> None:
    if _error_code(envelope.raw) != 0:
        envelope.complain("errorCode is not 0")


def read_failure(answer: object) -> Failure | None:
    """Read an envelope whose ``errorCode`` is above 0; None if it is not one.

    Which numbers there are is not documented.
    """
    if not isinstance(answer, dict):
        return None
    number, message = _error_code(answer), answer.get("message")
    if not number:
        return None
    messages = (message,) if isinstance(message, str) and message else ()
    return Failure(codes=(str(number),), messages=messages, number=number)


def _error_code(envelope: Raw) -> int | None:
    """The number, also where it comes as digits in a string; None for anything else."""
    code = envelope.get("errorCode")
    said = str(code) if type(code) in (int, str) else ""
    return int(said) if re.fullmatch("[0-9]{1,9}", said) else None


def _raw(answer: object) -> Raw:
    return answer if isinstance(answer, dict) else {}
