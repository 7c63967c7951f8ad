"""Ask PPG v2.4 what harmless calls can ask.

Every create but two has an amount that is certain to be refused. The two are one small order that
nobody pays, and the same once more, to see whether its reference may be used again.
"""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import urlencode

from ..fields import is_order_identifier
from .asking import Asker

AMOUNT: Final = 10_000  # Rials
TOO_SMALL: Final = 1
UNKNOWN_ID: Final = "conform-unknown"
ABOUT_ORDER: Final = ("inquiry", "same_reference", "verify", "inquiry_after_verify")
#: A list of a day before this API was there; it has no order, so nobody's data are read.
EMPTY_DAY: Final = {"from": "2000-01-01T00:00:00Z", "to": "2000-01-02T00:00:00Z"}
EMPTY_LIST: Final = f"/orders?{urlencode(EMPTY_DAY)}"


def ask_ppg(asker: Asker) -> None:
    """Ask every question; the answers stay with the asker."""
    asker.ask_about_tokens(EMPTY_LIST)
    keys = list(asker.target.credentials.values())
    asker.ask_for_tokens("older_keys", dict(zip(("merchantCode", "password"), keys, strict=True)))
    _ask_for_lists(asker)
    _ask_the_wrong_way(asker)
    _ask_hopeless_creates(asker)
    _ask_about_an_order(asker)


def _ask_for_lists(asker: Asker) -> None:
    asker.ask("list", "GET", EMPTY_LIST)
    asker.ask("large_list", "GET", f"{EMPTY_LIST}&size=251")
    asker.ask("unreadable_query", "GET", f"{EMPTY_LIST}&page=first")
    asker.ask("get_with_body", "GET", EMPTY_LIST, text="[]")
    any_type = {"Accept": "text/html, application/json;q=0.9, */*;q=0.1"}
    asker.ask("accept_list", "GET", EMPTY_LIST, headers=any_type)


def _ask_the_wrong_way(asker: Asker) -> None:
    asker.ask("unknown_id", "GET", f"/orders/{UNKNOWN_ID}")
    asker.ask("unknown_path", "GET", "/conform-unknown")
    asker.ask("wrong_method", "DELETE", "/orders")
    asker.ask("wrong_accept", "GET", EMPTY_LIST, headers={"Accept": "application/xml"})
    as_text = {"Content-Type": "text/plain"}
    asker.ask("wrong_content_type", "POST", "/orders", text="{}", headers=as_text)
    asker.ask("not_json", "POST", "/orders", text="{")


def _ask_hopeless_creates(asker: Asker) -> None:
    """Ask for orders with an amount that is too small, or with no field but the amount."""
    small = _order(asker) | {"amount": TOO_SMALL}
    unknown = small | {"conform": "nobody knows this field"}
    as_boolean = small | {"forcePayerCardNumber": True}
    asker.create("small_in_english", "/orders", small, language="en")
    asker.create("small_in_persian", "/orders", small, language="fa")
    asker.create("unknown_field", "/orders", unknown)
    asker.create("force_as_boolean", "/orders", as_boolean)
    with_nulls = small | {"description": None, "payerCardNumber": None, "nationalCode": None}
    escaped = json.dumps(with_nulls).replace("/", r"\/") + "\n"
    charset = {"Content-Type": "application/json; charset=utf-8"}
    asker.ask("body_of_other_clients", "POST", "/orders", text=escaped, headers=charset)
    for name, amount in {"little": TOO_SMALL, "text": "200000.00"}.items():
        asker.create(f"{name}_alone", "/orders", {"amount": amount})


def _order(asker: Asker) -> dict[str, object]:
    return {
        "amount": AMOUNT,
        "referenceNumber": asker.target.new_reference(),
        "userIdentifier": "conform",
        "callbackUrl": asker.target.callback_url,
    }


def _ask_about_an_order(asker: Asker) -> None:
    if not asker.target.may_order:
        asker.miss("it needs an order", "create", *ABOUT_ORDER)
        return
    body = _order(asker)
    created = asker.create("create", "/orders", body)
    fields = created.body if created and created.ok else {}
    identifier = fields.get("orderIdentifier")
    if not isinstance(identifier, str) or not is_order_identifier(identifier):
        asker.miss("no order could be created", *ABOUT_ORDER)
        return
    asker.redirect_url = fields.get("pspSwitchingUrl")
    asker.ask("inquiry", "GET", f"/orders/{identifier}")
    asker.create("same_reference", "/orders", body)
    asker.ask("verify", "GET", f"/orders/{identifier}/verify")
    asker.ask("inquiry_after_verify", "GET", f"/orders/{identifier}")
