"""Read the form that the browser posts to our ``callbackUrl``: a hint, and no evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..bounds import LONGEST_CARD, LONGEST_REFERENCE, LONGEST_TRACKING_NUMBER, printable
from ..fields import claimed_amount, claimed_identifier, claimed_word, recognised
from ..redaction import mask_card
from .vocabulary import CallbackStatus


@dataclass(frozen=True, slots=True)
class CallbackParameters:
    """Hold the form's fields: an untrusted claim of the browser.

    It is posted from another site, without our cookies. ``status`` is the PSP's word: SUCCESSFUL
    and FAILED both may be wrong, so inquire. Find the payment by a key of your own in the address
    of the callback, not by ``purchase_id``. ``amount_rials`` is without the wage. The RRN is
    ``pspRRN`` here and ``pspRrn`` in a list, the card ``payerMaskedCardNumber`` here and
    ``pspMaskedCardNumber`` there.
    """

    purchase_id: str | None
    client_reference_number: str | None
    status: CallbackStatus
    said: str | None
    fail_reason: str | None
    amount_rials: int | None
    wage_rials: int | None
    currency: str | None
    payer_ip: str | None
    psp_name: str | None
    psp_terminal_id: str | None
    psp_reference_number: str | None
    psp_rrn: str | None
    payer_masked_card_number: str | None
    psp_hashed_card_number: str | None = field(repr=False)
    fee_rials: int | None
    shaparak_fee_rials: int | None
    net_amount_rials: int | None

    @classmethod
    def read(cls, form: Mapping[str, str]) -> CallbackParameters:
        """Read what there is; a field that is missing or nonsense is None."""
        card, said = _text(form, "payerMaskedCardNumber", LONGEST_CARD), form.get("status")
        return cls(
            purchase_id=claimed_identifier(form.get("purchaseId")),
            client_reference_number=_text(form, "clientReferenceNumber", LONGEST_REFERENCE),
            status=recognised(CallbackStatus, said),
            said=claimed_word(said),
            fail_reason=claimed_word(form.get("failReason")),
            amount_rials=claimed_amount(form.get("amount")),
            wage_rials=claimed_amount(form.get("wage")),
            currency=claimed_word(form.get("currency")),
            payer_ip=_text(form, "payerIp"),
            psp_name=claimed_word(form.get("pspName")),
            psp_terminal_id=_text(form, "pspTerminalId"),
            psp_reference_number=_text(form, "pspReferenceNumber"),
            psp_rrn=_text(form, "pspRRN"),
            payer_masked_card_number=mask_card(card) if card else None,
            psp_hashed_card_number=_text(form, "pspHashedCardNumber", LONGEST_REFERENCE),
            fee_rials=claimed_amount(form.get("fee")),
            shaparak_fee_rials=claimed_amount(form.get("shaparakFee")),
            net_amount_rials=claimed_amount(form.get("netAmount")),
        )


def _text(form: Mapping[str, str], name: str, most: int = LONGEST_TRACKING_NUMBER) -> str | None:
    text = form.get(name)
    return text if text and len(text) <= most and printable(text) == text else None
