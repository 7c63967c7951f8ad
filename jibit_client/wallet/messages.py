"""Define the wallet's messages field for field, in its document's spellings; all amounts are Rials.

All answers but the inquiry's stand in an envelope, ``{"errorCode": 0, "result": {...}}``. Readers
are strict where a decision needs a field: they raise Unintelligible. Any other odd field is None
and named in ``odd_fields``. The whole answer stays in ``raw``, which has no bounds but the body's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..answers import Failure
from ..bounds import LONGEST_REFERENCE, LONGEST_TRACKING_NUMBER
from ..fields import Fields, claimed_identifier, claimed_word, given, recognised, whole
from .vocabulary import OrderStatus

Raw = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class InitiateRequest:
    """Hold the request body of section "Order Initiate".

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
        """Return the body without fields that are None. Raises ValueError for a wrong amount."""
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
    """Hold the response body of section "Order Initiate"."""

    order_id: str
    merchant_order_id: str
    redirect_url: str
    additional_data: str | None
    raw: Raw = field(repr=False)
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, answer: object, asked: InitiateRequest) -> InitiateResponse:
        """Read the answer to ``asked``; the echo of another merchantOrderId is Unintelligible."""
        result = read_result("create", answer)
        if _reference(result) != asked.merchant_order_id:
            result.complain("merchantOrderId is not the one that was sent")
        return cls(
            order_id=result.identifier("orderId"),
            merchant_order_id=asked.merchant_order_id,
            redirect_url=result.web_address("redirectUrl"),
            additional_data=result.optional_text("additionalData"),
            raw=_raw(answer),
            odd_fields=tuple(result.odd),  # last, when all others have been read
        )


@dataclass(frozen=True, slots=True)
class VerifyResponse:
    """Hold the response body of section "Verify". It has no status: that it came is the success.

    ``ref_id`` is the tracking number. ``additional_data`` is given as it came: JSON or not.
    """

    merchant_order_id: str
    amount: int
    ref_id: str | None
    additional_data: str | None
    user_identity: str | None = field(repr=False)
    client_ip: str | None
    raw: Raw = field(repr=False)
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, answer: object) -> VerifyResponse:
        """Read the answer: reference and amount strictly, the rest leniently."""
        result = read_result("verify", answer)
        return cls(
            merchant_order_id=_reference(result),
            amount=result.rials("amount"),
            ref_id=_ref_id(result),
            additional_data=result.optional_text("additionalData"),
            user_identity=result.optional_text("userIdentity"),
            client_ip=_client_ip(result),
            raw=_raw(answer),
            odd_fields=tuple(result.odd),  # last, when all others have been read
        )


@dataclass(frozen=True, slots=True)
class InquiryResponse:
    """Hold the response body of section "Inquiry"; ``said`` is the status word for word.

    Before the payer has paid there is no ``ref_id``.
    """

    status: OrderStatus
    said: str
    merchant_order_id: str
    amount: int
    ref_id: str | None
    additional_data: str | None
    user_identity: str | None = field(repr=False)
    client_ip: str | None
    raw: Raw = field(repr=False)
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, answer: object) -> InquiryResponse:
        """Read the order, which the document shows bare and other clients find in an envelope.

        An answer that has both is Unintelligible unless both say the same of status, reference
        and amount. Of anything else in which they differ, nothing is taken.
        """
        body = Fields("inquiry", answer)
        shapes = _shapes(body)
        said, reference, amount = _decisive(body, shapes)
        return cls(
            status=recognised(OrderStatus, said),
            said=said,
            merchant_order_id=reference,
            amount=amount,
            ref_id=_agreed(shapes, "refId", _ref_id),
            additional_data=_agreed(shapes, "additionalData"),
            user_identity=_agreed(shapes, "userIdentity"),
            client_ip=_agreed(shapes, "clientIp", _client_ip),
            raw=body.raw,
            odd_fields=tuple(body.odd),  # last, when all others have been read
        )


def _shapes(body: Fields) -> list[Fields]:
    """Return the one or two places of an inquiry's answer that hold the order."""
    shapes = [body] if "statusV" in body.raw else []
    if not shapes or "errorCode" in body.raw:
        _expect_success(body)
    if not shapes or body.raw.get("result") is not None:
        shapes.append(body.nested("result"))
    return shapes


def _decisive(body: Fields, shapes: Sequence[Fields]) -> tuple[str, str, int]:
    """Return status, reference and amount, in which all shapes must agree."""
    first, *others = [
        (shape.word("statusV"), _reference(shape), shape.rials("amount")) for shape in shapes
    ]
    if any(other != first for other in others):
        body.complain("the answer contradicts itself")
    return first


def _agreed(
    shapes: Sequence[Fields],
    name: str,
    read: Callable[[Fields, str], str | None] = Fields.optional_text,
) -> str | None:
    """Return the field's value in the shapes that have it; None, and odd, if they differ."""
    said = {value for shape in shapes if (value := read(shape, name))}
    if len(said) > 1:
        shapes[0].note_odd(name)
    return said.pop() if len(said) == 1 else None


def _reference(fields: Fields) -> str:
    """Return our reference, which comes as an integer where it was sent as one."""
    return fields.text_or_long("merchantOrderId", LONGEST_REFERENCE)


def _ref_id(fields: Fields, name: str = "refId") -> str | None:
    return fields.optional_text_or_long(name, LONGEST_TRACKING_NUMBER)


def _client_ip(fields: Fields, name: str = "clientIp") -> str | None:
    """Return the payer's address: ``clientIP`` in section "Verify", ``clientIp`` in "Inquiry"."""
    return fields.optional_text("clientIP") or fields.optional_text(name)


@dataclass(frozen=True, slots=True)
class CallbackParameters:
    """Hold the parameters of a callback: an untrusted claim of the browser.

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
    """Return the fields of ``result`` in an envelope whose ``errorCode`` is 0."""
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
    """Return the number, also if it comes as digits in a string; None for anything else."""
    code = envelope.get("errorCode")
    said = str(code) if type(code) in (int, str) else ""
    return int(said) if re.fullmatch("[0-9]{1,9}", said) else None


def _raw(answer: object) -> Raw:
    return answer if isinstance(answer, dict) else {}
