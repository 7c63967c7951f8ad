"""Ask PPG v3 what harmless calls can ask.

Every create but one has a field that is certain to be refused. That one makes a small purchase that
nobody pays. It has a wage of exactly 15 %, and the reference of a create that was refused before;
if one of them is not accepted it is sent once more without both.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from ..fields import is_order_identifier
from .asking import Asker

AMOUNT: Final = 10_000  # Rials; the least is 5,000
WAGE: Final = 1_500
TOO_SMALL: Final = 1
TOO_LARGE: Final = 10**15
UNKNOWN_ID: Final = "999999999999999999"
DUPLICATED: Final = "clientReferenceNumber.duplicated"
ABOUT_PURCHASE: Final = (
    *("inquiry", "same_reference", "verify", "inquiry_after_verify"),
    "inquiry_by_reference",
)


def ask_ppg_v3(asker: Asker) -> None:
    """Ask every question; the answers stay with the asker."""
    asker.ask_about_tokens("/app/health")
    keys = list(asker.target.credentials.values())
    asker.ask_for_tokens("older_keys", dict(zip(("username", "password"), keys, strict=True)))
    _ask_for_reports(asker)
    _ask_the_wrong_way(asker)
    _ask_hopeless_creates(asker)
    _ask_about_a_purchase(asker)


def _ask_for_reports(asker: Asker) -> None:
    asker.ask("health", "GET", "/app/health")
    asker.ask("terminals", "GET", "/terminals/list")
    asker.ask("balances", "GET", "/balances")
    span = urlencode({"from": "2020-01-01T00:00:00Z", "to": "2020-01-01T01:00:00Z", "size": 1})
    asker.ask("wide_histories", "GET", f"/purchases/histories?{span}")


def _ask_the_wrong_way(asker: Asker) -> None:
    asker.ask("unreadable_query", "GET", "/purchases?page=first")
    asker.ask("large_page", "GET", f"/purchases?purchaseId={UNKNOWN_ID}&size=251")
    asker.ask("unknown_path", "GET", "/conform-unknown")
    asker.ask("wrong_method", "DELETE", "/app/health")
    asker.ask("any_accept", "GET", "/app/health", headers={"Accept": "application/xml"})
    asker.ask("not_json", "POST", "/purchases", text="{")
    as_text = {"Content-Type": "text/plain"}
    asker.ask("wrong_content_type", "POST", "/purchases", text="{}", headers=as_text)
    asker.ask("unknown_id", "GET", f"/purchases?purchaseId={UNKNOWN_ID}")
    asker.ask("verify_unknown", "POST", f"/purchases/{UNKNOWN_ID}/verify")


def _ask_hopeless_creates(asker: Asker) -> None:
    """Ask for purchases with an amount that is too small, or with no field but the amount."""

    def hopeless(name: str, language: str | None = None, **changed: object) -> None:
        body = _purchase(asker, asker.target.new_reference()) | {"amount": TOO_SMALL} | changed
        asker.create(name, "/purchases", body, language=language)

    hopeless("small_in_english", "en")
    hopeless("small_in_persian", "fa")
    hopeless("unknown_field", conform="nobody knows this field")
    hopeless("other_currency", currency="USD")
    hopeless("no_callback_address", callbackUrl="no address")
    hopeless("long_reference", clientReferenceNumber="x" * 51)
    hopeless("number_as_reference", clientReferenceNumber=1234567890)
    hopeless("foreign_mobile", payerMobileNumber="+989120000000")
    hopeless("text_as_data", additionalData="a text")
    for name, amount in {"little": TOO_SMALL, "text": "250000", "fraction": 250_000.5}.items():
        asker.create(f"{name}_alone", "/purchases", {"amount": amount})


def _purchase(asker: Asker, reference: str) -> dict[str, object]:
    return {
        "amount": AMOUNT,
        "currency": "IRR",
        "callbackUrl": asker.target.callback_url,
        "clientReferenceNumber": reference,
    }


def _ask_about_a_purchase(asker: Asker) -> None:
    if not asker.target.may_order:
        creates = ("large_amount", "first_create", "create")
        asker.miss("it needs a purchase", *creates, *ABOUT_PURCHASE)
        return
    body = _purchase(asker, asker.target.new_reference())
    asker.create("large_amount", "/purchases", body | {"amount": TOO_LARGE})
    created = asker.create("first_create", "/purchases", body | {"wage": WAGE})
    if created and any("wage" in code or code == DUPLICATED for code in created.codes):
        body["clientReferenceNumber"] = asker.target.new_reference()
        created = asker.create("create", "/purchases", body)
    else:
        asker.call_it("first_create", "create")
    fields = created.body if created and created.ok else {}
    identifier = str(fields.get("purchaseIdStr") or fields.get("purchaseId") or "")
    if not is_order_identifier(identifier):
        asker.miss("no purchase could be created", *ABOUT_PURCHASE)
        return
    asker.redirect_url = fields.get("pspSwitchingUrl")
    _ask_about(asker, identifier, body)


def _ask_about(asker: Asker, identifier: str, body: dict[str, Any]) -> None:
    inquiry = f"/purchases?{urlencode({'purchaseId': identifier})}"
    asker.ask("inquiry", "GET", inquiry)
    by_reference = urlencode({"clientReferenceNumber": body["clientReferenceNumber"]})
    asker.ask("inquiry_by_reference", "GET", f"/purchases?{by_reference}")
    asker.create("same_reference", "/purchases", body)
    asker.ask("verify", "POST", f"/purchases/{identifier}/verify")
    asker.ask("inquiry_after_verify", "GET", inquiry)
