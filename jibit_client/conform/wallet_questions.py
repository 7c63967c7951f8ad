"""Ask the wallet gateway v2.1 what harmless calls can ask.

Every initiate but two has an amount that is certain to be refused. The two are one small order that
nobody pays, and the same once more, to see whether its reference may be used again.
"""

from __future__ import annotations

from typing import Final

from ..fields import is_order_identifier
from .asking import Asker
from .wire import Answer

AMOUNT: Final = 10_000  # Rials
MOBILE: Final = "09120000000"  # whose wallet would pay
UNKNOWN_INQUIRY: Final = "/order/inquiry/conform-unknown"
CREATE: Final = "/order/initiate"
ABOUT_ORDER: Final = ("inquiry", "same_reference", "verify", "inquiry_after_verify")


def ask_wallet(asker: Asker) -> None:
    """Ask every question; the answers stay with the asker."""
    asker.ask_about_tokens(UNKNOWN_INQUIRY)
    asker.ask("unknown_id", "GET", UNKNOWN_INQUIRY)
    asker.ask("unknown_path", "GET", "/conform-unknown")
    no_amount = _order(asker) | {"amount": 0}
    asker.create("no_amount_in_english", CREATE, no_amount, language="en")
    asker.create("no_amount_in_persian", CREATE, no_amount, language="fa")
    _ask_about_an_order(asker)


def _order(asker: Asker) -> dict[str, object]:
    return {
        "amount": AMOUNT,
        "callBackUrl": asker.target.callback_url,
        "userIdentity": MOBILE,
        "merchantOrderId": asker.target.new_reference(),
    }


def _ask_about_an_order(asker: Asker) -> None:
    if not asker.target.may_order:
        asker.miss("it needs an order", "create", *ABOUT_ORDER)
        return
    body = _order(asker)
    created = asker.create("create", CREATE, body)
    result = _result(created)
    identifier = result.get("orderId")
    if not isinstance(identifier, str) or not is_order_identifier(identifier):
        asker.miss("no order could be created", *ABOUT_ORDER)
        return
    asker.redirect_url = result.get("redirectUrl")
    asker.ask("inquiry", "GET", f"/order/inquiry/{identifier}")
    asker.create("same_reference", CREATE, body)
    asker.ask("verify", "POST", f"/order/verify/{identifier}", text="")
    asker.ask("inquiry_after_verify", "GET", f"/order/inquiry/{identifier}")


def _result(answer: Answer | None) -> dict[str, object]:
    result = answer.body.get("result") if answer and answer.ok else None
    return result if isinstance(result, dict) else {}
