"""What clients that others have published need of PPG v3: each fact has a test."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
import requests

from testkit.cases import naming
from tests.sandbox import raw
from tests.sandbox.merchant import Merchant, codes
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.v3_rows import FEATURES

DATE = re.compile(r"\d{4}-\d\d-\d\dT")
READS = (
    *("/purchases", "/purchases/histories?purchaseId={}", "/purchases/refunds/{}", "/balances"),
    *("/terminals/list", "/settlements", "/app/health"),
)


@pytest.mark.parametrize("empty", ["absent", "null"])
def test_the_list_of_fail_reasons_is_absent_and_never_null(v3: V3Merchant, empty: str) -> None:
    v3.world.switch(v3_empty_fields=empty)
    identifier = v3.verified()
    assert "pspFailReasons" not in v3.purchase(identifier)
    form = v3.returned("cancel").form
    assert form
    (reason,) = v3.purchase(form["purchaseId"])["pspFailReasons"]
    assert (reason["code"], reason["description"]) == (1, "CANCELLED_BY_USER")
    v3.world.behave("set_field", operation="inquiry", field="pspFailReasons", value=None)
    assert v3.purchase(form["purchaseId"])["pspFailReasons"] is None


def test_a_decline_has_the_banks_reason_and_no_word_of_the_document(v3: V3Merchant) -> None:
    cards = {each["key"]: each["number"] for each in v3.world.control("GET", "cards")["cards"]}
    told = {"insufficient_funds": 51, "expired_card": 54, "wrong_pin": 55, "": 5}
    for key, code in told.items():
        with naming(key):
            identifier, page = v3.opened()
            v3.world.submit(page, "pay" if key else "decline", card=cards.get(key, ""))
            found = v3.purchase(identifier)
            (reason,) = found["pspFailReasons"]
            assert (reason["code"], reason["pspError"], found["pspFailReason"]) == (
                *(code, "UNKNOWN", "UNKNOWN"),
            )
            assert not reason["description"].isascii()


def test_absent_and_dead_tokens_are_told_apart_by_their_codes(v3: V3Merchant) -> None:
    absent = v3.call("GET", "/purchases", headers={"Authorization": None})
    v3.world.behave("token_expired")
    dead = v3.list()
    assert (absent.status_code, dead.status_code) == (401, 401)
    assert codes(absent) == ["security.auth_required"]
    assert codes(dead) == ["token.verification_failed"]
    v3.world.switch(v3_dead_token="security.auth_required")  # some have seen it so
    v3.world.behave("token_expired")
    assert codes(v3.list()) == ["security.auth_required"]


def test_a_filter_in_a_generators_spelling_is_no_filter(v3: V3Merchant) -> None:
    first, second = v3.opened()[0], v3.opened()[0]
    assert v3.listed(**{"criteria[purchaseId]": first}) == [second, first]
    assert v3.listed(**{"purchaseIds[]": first}) == [second, first]
    assert v3.listed(purchaseId=first) == [first]


def test_no_double_holds_an_identifier(v3: V3Merchant) -> None:
    for _ in range(20):
        created = v3.create().json()
        assert created["purchaseId"] > 2**53
        assert int(float(created["purchaseId"])) != created["purchaseId"]
        assert created["purchaseIdStr"] == str(created["purchaseId"])


@pytest.mark.parametrize("how", [{}, {"json": {}}, {"json": []}, {"data": "amount=1"}])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_verify_takes_both_methods_and_ignores_any_body(
    v3: V3Merchant, method: str, how: dict[str, Any]
) -> None:
    answer = v3.call(method, f"/purchases/{v3.paid()}/verify", **how)
    assert answer.json() == {"status": "SUCCESSFUL"}


@pytest.mark.parametrize(("method", "body"), [("POST", b""), ("GET", b"[]"), ("POST", b"{}")])
def test_verify_needs_no_content_type(v3: V3Merchant, method: str, body: bytes) -> None:
    path = f"/purchases/{v3.paid()}/verify"
    answer = raw.ask(v3.base_url, method, path, token=v3.access_token, body=body, content_type="")
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "SUCCESSFUL"})


def test_what_the_gateway_does_not_know_is_ignored(v3: V3Merchant) -> None:
    old_habit = {"accessToken": "x", "refreshToken": v3.pair["refreshToken"]}
    answer = v3.call("POST", "/tokens/refresh", json=old_habit)
    v3.keep(answer)
    headers = {"X-JIBIT-AGENT": "plugin", "X-Correlation-ID": "7"}
    body = v3.order(nobodysField=1, terminalId=None)
    assert v3.call("POST", "/purchases", json=body, headers=headers).ok


@pytest.fixture
def texts(v3: V3Merchant) -> dict[str, str]:
    """The bodies of all calls that read, of a purchase that went through everything."""
    v3.world.switch(**FEATURES, v3_early_fees=True)
    identifier = v3.verified(wage=10_000)
    created = v3.create().text
    v3.refund(identifier, amount=50_000)
    v3.world.contradict(v3.opened()[0], "UNKNOWN")
    v3.world.clock.advance(24 * 3600)
    v3.generate()
    return {"create": created} | {
        path: v3.call("GET", path.format(identifier)).text for path in READS
    }


def test_no_number_has_a_point(texts: dict[str, str]) -> None:
    for path, text in texts.items():
        with naming(path):
            points: list[str] = []
            json.loads(text, parse_float=points.append)
            assert points == []


def test_no_date_is_without_its_zone(texts: dict[str, str]) -> None:
    dates = [each for text in texts.values() for each in re.findall(r'"([^"]+)"', text)]
    found = [each for each in dates if DATE.match(each)]
    assert len(found) > 10
    assert all(each.endswith("Z") and datetime.fromisoformat(each).tzinfo for each in found)


@pytest.mark.parametrize("second", ["/purchases", "/settlements", "/purchases/histories"])
@pytest.mark.parametrize(("switch", "is_refused"), [("refused", True), ("served", False)])
def test_a_client_has_one_list_call_at_a_time(
    v3: V3Merchant, second: str, switch: str, *, is_refused: bool
) -> None:
    v3.world.switch(v3_parallel_lists=switch)
    v3.world.behave("hold_after_commit", operation="list")
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(V3Merchant.list, v3)
        v3.world.wait_until_held()
        headers = {"Authorization": f"Bearer {v3.access_token}"}
        answer = requests.get(v3.base_url + second, headers=headers, timeout=10)
        v3.world.release()
        assert waiting.result().status_code == 200
    assert (answer.status_code == 429) is is_refused
    assert v3.list().status_code == 200


def test_a_list_call_whose_answer_never_comes_keeps_no_other_waiting(v3: V3Merchant) -> None:
    v3.world.behave("hang_after_commit", operation="list")
    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(V3Merchant.list, v3)
        v3.world.wait_until_held()
        headers = {"Authorization": f"Bearer {v3.access_token}"}
        second = requests.get(f"{v3.base_url}/purchases", headers=headers, timeout=10)
        v3.world.release()
        with pytest.raises(requests.ConnectionError):
            hanging.result()
    assert second.status_code == 200


@pytest.mark.long
def test_every_magic_amount_can_be_asked_for_and_brings_its_behaviour(v3: V3Merchant) -> None:
    for each in v3.world.control("GET", "cards")["v3_amounts"]:
        with naming(each):
            assert each["amount_rials"] > 5_000
            identifier, _ = v3.opened(amount=each["amount_rials"])
            rules = v3.world.control("GET", "behaviours")["active"]
            (armed,) = [rule["name"] for rule in rules if rule["order"] == identifier]
            assert armed == each["behaviour"]


CARDS = {  # by the key of the test card: the state after it was typed, and what verify says then
    "paid": ("READY_TO_VERIFY", "SUCCESSFUL"),
    "insufficient_funds": ("FAILED", "NOT_VERIFIABLE"),
    "bank_down": ("IN_PROGRESS", "NOT_VERIFIABLE"),
    "blocked": ("IN_PROGRESS", "NOT_VERIFIABLE"),
    "other_owner": ("READY_TO_VERIFY", "SUCCESSFUL"),
    "callback_lost": ("READY_TO_VERIFY", "SUCCESSFUL"),
    "unknown_twice": ("READY_TO_VERIFY", "UNKNOWN"),
    "unknown_after_capture": ("UNKNOWN", "UNKNOWN"),
    "verify_failed": ("READY_TO_VERIFY", "FAILED"),
    "other_amount": ("READY_TO_VERIFY", "SUCCESSFUL"),
    "stuck": ("IN_PROGRESS", "SUCCESSFUL"),
    "expired_card": ("FAILED", "NOT_VERIFIABLE"),
    "wrong_pin": ("FAILED", "NOT_VERIFIABLE"),
}
IN_OTHER_TESTS = {  # they wait, call the shop, or break the connection
    *("slow_bank", "callback_twice", "callback_late", "verify_lost"),
}


@pytest.mark.long
def test_every_test_card_does_what_its_line_says(v3: V3Merchant) -> None:
    cards = v3.world.control("GET", "cards")["cards"]
    numbers = {each["key"]: each["number"] for each in cards}
    assert numbers.keys() == CARDS.keys() | IN_OTHER_TESTS
    for key, (state, verified) in CARDS.items():
        with naming(key):
            identifier, page = v3.opened()
            v3.world.submit(page, "pay", card=numbers[key])
            assert v3.status(identifier) == state
            assert v3.verify(identifier).json() == {"status": verified}


@pytest.mark.parametrize("state", ["MANUALLY_SUCCESS", "REVERSED"])
@pytest.mark.parametrize("over", ["FAILED", "EXPIRED"])
def test_a_button_settles_by_hand_what_was_over(v3: V3Merchant, over: str, state: str) -> None:
    identifier, _ = v3.opened()
    if over == "FAILED":
        v3.world.press(identifier, "cancel")
    v3.world.clock.advance(901)
    assert v3.status(identifier) == over
    button = f"{v3.world.base_url}/_sandbox/pages/purchases/{identifier}/state"
    where = {"world": v3.world.name}
    assert requests.post(button, params=where, data={"state": state}, timeout=10).ok
    assert (v3.status(identifier), v3.purchase(identifier)["hasContradiction"]) == (state, True)


@pytest.mark.parametrize("state", ["MANUALLY_SUCCESS", "REVERSED"])
@pytest.mark.parametrize(
    ("behaviour", "over"),
    [("contradiction", "FAILED"), ("contradiction_after_expiry", "EXPIRED")],
)
def test_a_behaviour_settles_later_what_was_over(
    v3: V3Merchant, behaviour: str, over: str, state: str
) -> None:
    v3.world.behave(behaviour, state=state, seconds=3600)
    identifier, page = v3.opened()
    v3.world.submit(page, "pay")
    v3.world.clock.advance(1800)
    assert v3.status(identifier) == over
    v3.world.clock.advance(1800)
    assert (v3.status(identifier), v3.purchase(identifier)["hasContradiction"]) == (state, True)


def test_a_payment_that_got_lost_settles_no_earlier_than_it_expires(v3: V3Merchant) -> None:
    v3.world.behave("contradiction_after_expiry", seconds=1)
    identifier, page = v3.opened()
    v3.world.submit(page, "vanish")
    v3.world.clock.advance(60)
    assert v3.status(identifier) == "IN_PROGRESS"
    v3.world.clock.advance(900)
    assert v3.status(identifier) == "MANUALLY_SUCCESS"
    times = [each["at"] for each in v3.world.order(identifier)["transitions"]]
    assert times == sorted(times)


def test_at_other_gateways_no_payment_gets_lost(merchant: Merchant) -> None:
    merchant.world.behave("contradiction_after_expiry")
    identifier = merchant.paid()
    merchant.world.behave("capture_refused")
    assert merchant.verify(identifier).json() == {"status": "Failed"}
    assert merchant.is_captured(merchant.verify(identifier))
