"""The window, used without JavaScript: every button is a form, every page in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from jibit_sandbox.bank.orders import ALLOWED_TRANSITIONS, State
from jibit_sandbox.behaviours.catalogue import BEHAVIOURS
from jibit_sandbox.core.worlds import NUMBERS, choices
from jibit_sandbox.testing import SandboxWorld
from testkit.cases import naming
from testkit.valid_html import parse_errors
from tests.sandbox.merchant import Merchant
from tests.sandbox.shop import Shop, listening_shop
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.wallet_merchant import MOBILE, WalletMerchant


class Developer:
    """Somebody at the dashboard of one world."""

    def __init__(self, world: SandboxWorld, language: str = "en") -> None:
        self.world = world
        self.where = {"world": world.name, "lang": language}

    def open(self, path: str = "/", **query: str) -> str:
        url = self.world.base_url + path
        page = requests.get(url, params=self.where | query, timeout=10)
        assert page.status_code == 200, page.text
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        return page.text

    def follow(self, page: str, relation: str, kind: str) -> str:
        """The page that a link to newer or older rows leads to."""
        links = re.findall(rf'rel="{relation}" href="([^"]+)#{kind}"', page)
        return requests.get(self.world.base_url + unescape(links[0]), timeout=10).text

    def press(self, path: str, **form: Any) -> str:
        """Send a form; the page that the browser ends on."""
        url = f"{self.world.base_url}/_sandbox/pages/{path}"
        page = requests.post(url, params=self.where, data=form, timeout=10)
        assert page.status_code == 200, page.text
        assert page.history[0].status_code == 303
        assert f"world={self.world.name}" in page.url
        return page.text


@pytest.fixture
def developer(world: SandboxWorld) -> Developer:
    return Developer(world)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with listening_shop() as shop:
        yield shop


@pytest.mark.parametrize(("language", "direction"), [("fa", "rtl"), ("en", "ltr")])
def test_every_page_is_there_in_both_languages(
    merchant: Merchant, language: str, direction: str
) -> None:
    identifier = merchant.paid()
    merchant.world.behave("delay", seconds=0)
    merchant.verify(identifier)
    number = merchant.world.requests_seen(operation="verify")[0]["id"]
    developer = Developer(merchant.world, language)
    for path in (
        "/",
        f"/_sandbox/pages/orders/{identifier}",
        f"/_sandbox/pages/exchanges/{number}",
        "/_sandbox/pages/guide",
        "/_sandbox/pages/reset",
    ):
        with naming(path):
            page = developer.open(path)
            assert f'<html lang="{language}" dir="{direction}">' in page
            assert (identifier in page) == ("guide" not in path and "reset" not in path)
            assert parse_errors(page) == []


@pytest.mark.long
def test_a_page_that_shows_all_has_no_other_pages(merchant: Merchant) -> None:
    for _ in range(59):
        merchant.opened()
    page = Developer(merchant.world).open()  # of 59 orders and 60 calls
    assert 'class="pager"' not in page
    assert re.search(r'id="order-count"[^>]*>59<', page)


def test_pages_of_orders_are_not_shifted_by_new_orders(
    merchant: Merchant, developer: Developer
) -> None:
    identifiers = [merchant.opened()[0] for _ in range(61)]
    first = developer.open()
    assert shown_orders(first) == identifiers[:0:-1]
    merchant.opened()
    second = developer.follow(first, "next", "orders")
    assert shown_orders(second) == identifiers[:1]
    back = developer.follow(second, "prev", "orders")
    assert shown_orders(back) == identifiers[:0:-1]
    calls = developer.follow(first, "next", "calls")
    assert re.findall(r"(GET|POST) (\w+)</bdi>", calls) == [
        ("POST", "create"),
        ("POST", "generate"),
    ]


def shown_orders(page: str) -> list[str]:
    return re.findall(r'<tr id="order-(\w+)"', page)


def test_an_order_shows_every_step_of_its_life(merchant: Merchant, developer: Developer) -> None:
    identifier = merchant.paid()
    merchant.verify(identifier)
    page = developer.open(f"/_sandbox/pages/orders/{identifier}").partition("</ol>")[0]
    steps = re.findall(r'<li><span class="state (\w+)">', page)
    assert steps == ["awaiting", "paid", "captured"]


def test_the_traffic_is_searched_by_fingerprint_order_and_reference(
    merchant: Merchant, developer: Developer
) -> None:
    one = merchant.paid(referenceNumber="R-one")
    other = merchant.paid(referenceNumber="R-other")
    fingerprint = merchant.world.requests_seen(order=one)[0]["fingerprint"]
    for said in (one, "R-one", fingerprint):
        rows = developer.open(q=said).split('id="traffic-rows"')[1]
        assert one in rows
        assert other not in rows


def test_orders_of_both_gateways_are_told_apart_and_filtered(
    merchant: Merchant, payee: WalletMerchant, developer: Developer
) -> None:
    card, wallet = merchant.paid(), payee.paid()
    every = developer.open()
    assert card in every
    assert wallet in every
    rows = developer.open(gateway="wallet").split('id="order-rows"')[1].split('id="clock"')[0]
    assert wallet in rows
    assert card not in rows
    assert [order["identifier"] for order in merchant.world.orders(gateway="ppg")] == [card]
    assert {entry["gateway"] for entry in merchant.world.requests_seen(order=wallet)} == {"wallet"}


def test_a_wallets_order_shows_what_its_inquiry_says_and_leads_to_its_page(
    payee: WalletMerchant, developer: Developer
) -> None:
    identifier, address = payee.opened()
    page = developer.open(f"/_sandbox/pages/orders/{identifier}")
    assert "INITIAL" in page
    assert urlsplit(address).path in page


def test_a_purchase_shows_its_refunds_and_is_settled_by_hand(
    v3: V3Merchant, developer: Developer
) -> None:
    v3.world.switch(v3_refund=True)
    refunded = v3.verified()
    v3.refund(refunded, amount=123_450)
    page = developer.open(f"/_sandbox/pages/orders/{refunded}")
    assert "12,345" in page
    assert "INITIALIZED" in page
    assert "Settle by hand" not in page
    developer.press(f"purchases/{refunded}/transfers", number="1", state="MANUALLY_FAILED")
    assert "MANUALLY_FAILED" in v3.world.transfers(refunded)[0]["state"]
    failed = v3.returned("cancel").form
    assert failed
    identifier = failed["purchaseId"]
    assert "Settle by hand as" in developer.open(f"/_sandbox/pages/orders/{identifier}")
    developer.press(f"purchases/{identifier}/state", state="MANUALLY_SUCCESS")
    assert v3.status(identifier) == "MANUALLY_SUCCESS"
    rows = developer.open(gateway="ppg_v3").split('id="order-rows"')[1]
    assert "captured by hand" in rows


def test_the_psp_says_at_last_what_became_of_an_unknown_purchase(
    v3: V3Merchant, developer: Developer
) -> None:
    identifier, _ = v3.opened()
    v3.world.press(identifier, "unknown")
    page = developer.open(f"/_sandbox/pages/orders/{identifier}")
    assert all(f'value="{word}"' in page for word in ("SUCCESS", "FAILED", "EXPIRED"))
    developer.press(f"purchases/{identifier}/state", state="SUCCESS")
    assert v3.status(identifier) == "SUCCESS"
    assert v3.purchase(identifier)["hasContradiction"] is False


def test_a_balance_is_set_in_toman_for_one_wallet_or_for_all_others(
    payee: WalletMerchant, developer: Developer
) -> None:
    page = developer.press("wallets", mobile=MOBILE, balance="1234")
    assert "1,234" in page
    developer.press("wallets", mobile="", balance="50")
    assert payee.world.balance(MOBILE) == 12_340
    assert payee.world.balance("09350000000") == 500


def test_a_behaviour_is_armed_for_one_gateway(
    merchant: Merchant, payee: WalletMerchant, developer: Developer
) -> None:
    form = {"name": "error_500", "operation": "create", "times": "0", "gateway": "wallet"}
    assert "Wallet" in developer.press("behaviours", action="arm", **form).split('id="rules"')[1]
    assert [merchant.create().status_code, payee.create().status_code] == [200, 500]


@pytest.mark.parametrize("action", ["pay", "cancel", "decline"])
def test_a_button_is_pressed_without_a_browser(either: Merchant, action: str) -> None:
    identifier, _ = either.opened()
    sent_to = either.world.press(identifier, action)
    assert sent_to
    assert sent_to.startswith("https://shop.example/callback?")
    states = {"pay": "paid", "cancel": "failed", "decline": "failed"}
    assert either.world.order(identifier)["state"] == states[action]
    assert either.world.requests_seen(operation="pay")[0]["order_identifier"] == identifier


def test_a_button_that_no_page_has_is_not_pressed(merchant: Merchant) -> None:
    identifier, _ = merchant.opened()
    with pytest.raises(ValueError, match="action can be one of"):
        merchant.world.press(identifier, "explode")


def test_the_traffic_is_filtered_by_operation_and_behaviour(
    merchant: Merchant, developer: Developer
) -> None:
    merchant.world.behave("error_500", operation="list")
    merchant.list()
    merchant.list()
    rows = developer.open(operation="list", behaviour="error_500").split('id="traffic-rows"')[1]
    assert rows.count("GET list") == 1
    assert "POST generate" not in rows


def test_a_request_is_shown_whole_with_its_secrets_masked_and_as_curl(
    merchant: Merchant, developer: Developer
) -> None:
    merchant.create(referenceNumber="R-9", nationalCode="0084575948")
    number = merchant.world.requests_seen(operation="create")[0]["id"]
    page = developer.open(f"/_sandbox/pages/exchanges/{number}")
    assert "R-9" in page
    assert "pspSwitchingUrl" in page
    assert "0084575948" not in page
    assert merchant.access_token not in page
    assert f"curl -X POST {merchant.world.ppg_base_url}/orders" in page
    assert "Bearer $ACCESS_TOKEN" in page


def test_secrets_in_queries_in_nested_json_and_in_spaced_cards_are_masked(
    merchant: Merchant,
) -> None:
    secret, card = "0084575948", "۶۲۱۹ ۸۶۱۰ ۳۴۵۲ ۹۰۰۷"
    nested = json.dumps({"nationalCode": secret, "order": {"apiKey": [secret], "note": "two"}})
    merchant.create(additionalData=nested, description=f"card {card}")
    merchant.call("GET", f"/orders?page=0&nationalCode={secret}&api_key={secret}")
    merchant.call("POST", "/tokens/generate", json={"merchantCode": secret, "password": secret})
    merchant.call("POST", "/orders", data=f"merchantCode={secret}&card={card}")
    log = merchant.world.requests_seen()
    seen = json.dumps(log, ensure_ascii=False)
    assert secret not in seen
    assert card not in seen
    assert "621986******9007" in seen
    assert r"\\\"note\\\": \\\"two\\\"" in seen
    assert any("page=0&nationalCode=0084" in entry["path"] for entry in log)


def test_a_request_can_be_sent_again(merchant: Merchant, developer: Developer) -> None:
    identifier = merchant.paid()
    merchant.verify(identifier)
    number = merchant.world.requests_seen(operation="verify")[0]["id"]
    developer.press(f"exchanges/{number}/replay")
    again = merchant.world.requests_seen(operation="verify")
    assert [entry["status"] for entry in again] == [200, 200]
    answer = merchant.world.control("POST", f"requests/{number}/replay")
    assert (answer["status"], answer["body"]) == (200, '{"status":"Successful"}\n')


def test_a_generate_and_a_create_can_be_sent_again_although_they_were_masked(
    merchant: Merchant,
) -> None:
    merchant.create(referenceNumber="R-3", nationalCode="0084575948")
    for operation in ("generate", "create"):
        number = merchant.world.requests_seen(operation=operation)[0]["id"]
        assert merchant.world.control("POST", f"requests/{number}/replay")["status"] == 200
    assert [order["reference_number"] for order in merchant.world.orders()] == ["R-3", "R-3"]


def test_the_wallets_requests_can_be_sent_again(payee: WalletMerchant) -> None:
    identifier = payee.paid()
    payee.verify(identifier)
    for operation in ("generate", "create", "verify"):
        number = payee.world.requests_seen(operation=operation)[0]["id"]
        answer = payee.world.control("POST", f"requests/{number}/replay")
        assert (answer["status"], json.loads(answer["body"])["errorCode"]) == (200, 0)
    assert len(payee.world.orders()) == 2


def test_a_request_that_needs_what_is_masked_is_not_sent_again(merchant: Merchant) -> None:
    merchant.refresh()
    number = merchant.world.requests_seen(operation="refresh")[0]["id"]
    with pytest.raises(ValueError, match="can be sent again"):
        merchant.world.control("POST", f"requests/{number}/replay")


def test_a_callback_can_be_sent_again(either: Merchant, developer: Developer, shop: Shop) -> None:
    identifier = either.paid(callbackUrl=shop.callback_url)
    developer.press(f"orders/{identifier}/callback")
    said = either.world.control("POST", f"orders/{identifier}/callback")
    assert said["status"] == 200
    assert [callback[either.order_claim] for callback in shop.callbacks] == [identifier, identifier]


def test_the_buttons_of_the_clock_move_it(merchant: Merchant, developer: Developer) -> None:
    identifier, _ = merchant.opened()
    developer.press("clock", action="freeze")
    assert merchant.world.control("GET", "clock")["mode"] == "frozen"
    developer.press("clock", action="advance", seconds="901")
    assert merchant.status(identifier) == "EXPIRED"
    developer.press("clock", action="accelerate")
    assert merchant.world.control("GET", "clock")["rate"] == 60
    developer.press("clock", action="real")
    assert merchant.world.control("GET", "clock")["mode"] == "real"


def test_the_buttons_of_behaviours_arm_and_remove_them(
    merchant: Merchant, developer: Developer
) -> None:
    page = developer.press(
        "behaviours", action="arm", name="error_500", operation="list", times="2"
    )
    assert "2×" in page
    assert merchant.list().status_code == 500
    rule = merchant.world.control("GET", "behaviours")["active"][0]
    assert rule["remaining"] == 1
    developer.press("behaviours", action="remove", id=str(rule["id"]))
    assert merchant.list().status_code == 200


def test_the_front_page_counts_the_faults_and_where_they_were_injected(
    merchant: Merchant, developer: Developer
) -> None:
    merchant.world.behave("error_500", times=3)
    for _ in range(3):
        merchant.list()
    faults = developer.open().split('id="faults"')[1]
    row = r"list</bdi></th><td><bdi[^>]*>error_500</bdi></td><td>3</td>"
    assert re.search(row, faults)
    counted = merchant.world.control("GET", "statistics")
    assert counted == {"faults": 3, "by_operation": {"list": {"error_500": 3}}}


def test_the_buttons_of_chaos_and_switches_work(merchant: Merchant, developer: Developer) -> None:
    developer.press("chaos", action="start", seed="9")
    assert merchant.world.control("GET", "chaos")["seed"] == 9
    developer.press("chaos", action="stop")
    assert not merchant.world.control("GET", "chaos")["running"]
    switches = merchant.world.control("GET", "switches")["switches"]
    developer.press("switches", **(switches | {"paid_inquiry": "SUCCESS"}))
    assert merchant.status(merchant.paid()) == "SUCCESS"


def test_the_world_is_emptied_after_a_question(merchant: Merchant, developer: Developer) -> None:
    identifier = merchant.paid()
    assert 'href="/_sandbox/pages/reset?' in developer.open()
    question = developer.open("/_sandbox/pages/reset")
    assert "This cannot be undone." in question
    assert re.search(r"<dt>Orders</dt><dd>1</dd>", question)
    assert merchant.world.order(identifier)["state"] == "paid"
    assert "No orders yet." in developer.press("reset")
    assert merchant.world.orders() == []


def test_times_are_those_of_tehran_and_the_hover_says_utc(
    merchant: Merchant, developer: Developer
) -> None:
    merchant.world.clock.freeze(datetime(2026, 11, 30, 22, 12, 10, tzinfo=UTC))
    identifier, _ = merchant.opened()
    path = f"/_sandbox/pages/orders/{identifier}"
    utc = 'datetime="2026-11-30T22:12:10+00:00" title="2026-11-30 22:12:10 UTC">'
    english = developer.open(path)
    assert f'{utc}2026-12-01 01:42:10</time> <small class="zone">Tehran time<' in english
    assert f"{utc}۱۴۰۵/۰۹/۱۰ ۰۱:۴۲:۱۰</time>" in Developer(merchant.world, "fa").open(path)


def test_the_first_and_the_last_moment_of_all_are_shown(world: SandboxWorld) -> None:
    for moment in (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)):
        world.clock.freeze(moment)
        for language in ("en", "fa"):
            with naming(moment, language):
                assert str(moment.year).zfill(4) in latin(Developer(world, language).open())


def latin(page: str) -> str:
    return page.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))


@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_switch_and_every_behaviour_has_its_sentence(
    world: SandboxWorld, language: str
) -> None:
    page, guide = (Developer(world, language).open(path) for path in ("/", "/_sandbox/pages/guide"))
    switches = {**choices(), **NUMBERS}
    said = dict(re.findall(r'id="about-(\w+)">([^<]{10,})</p>', page))
    assert said.keys() == switches.keys()
    assert all(f'aria-describedby="about-{name}"' in page for name in switches)
    rows = r'"code">(\w+)</bdi></th><td class="text">([^<]{8,})</td>'
    behaviours = dict(re.findall(rows, guide))
    assert behaviours.keys() == BEHAVIOURS.keys()
    persian = [re.search("[آ-ی]", sentence) for sentence in (*said.values(), *behaviours.values())]
    assert all(persian) if language == "fa" else not any(persian)


def test_an_order_is_drawn_in_the_state_machine_of_its_gateway(
    merchant: Merchant, payee: WalletMerchant, v3: V3Merchant, developer: Developer
) -> None:
    merchant.verify(paid := merchant.paid())
    only_at_v3 = {"unknown", "manually_captured", "reversed"}
    common = set(map(str, State)) - only_at_v3
    for identifier, states, word, current in (
        (paid, common, "SUCCESS", "captured"),
        (payee.opened()[0], common, "CANCEL_BY_SYSTEM", "awaiting"),
        (v3.opened()[0], common | only_at_v3, "MANUALLY_SUCCESS", "awaiting"),
    ):
        with naming(identifier, current):
            page = developer.open(f"/_sandbox/pages/orders/{identifier}")
            boxes = dict(re.findall(r'<g class="box (\w+)([\w ]*)">', page))
            assert boxes.keys() == states
            assert [state for state, how in boxes.items() if "current" in how] == [current]
            assert f">{word}</text>" in page
            assert len(re.findall(r"<li><span class=\"state \w+\">\w", page)) >= len(states)
            assert page.count('class="arrow') == sum(
                len(following & {State(name) for name in states})
                for state, following in ALLOWED_TRANSITIONS.items()
                if state in states
            )
    taken = developer.open(f"/_sandbox/pages/orders/{paid}").count('class="arrow taken"')
    assert taken == 2  # awaiting, paid, captured


def test_each_api_has_a_description_of_its_own(developer: Developer) -> None:
    guide, prefixes = developer.open("/_sandbox/pages/guide"), {}
    for name in ("ppg", "ppg_v3", "wallet", "control"):
        assert f'href="/openapi.json?api={name}"' in guide
        url = f"{developer.world.base_url}/openapi.json"
        paths = requests.get(url, {"api": name}, timeout=10).json()["paths"]
        prefixes[name] = {"/".join(path.split("/")[:3]) for path in paths}
    assert prefixes["ppg"] == {"/ppg/v2"}
    assert prefixes["ppg_v3"] == {"/ppg/v3"}
    assert all(prefix.startswith("/pg/") for prefix in prefixes["wallet"])
    assert all(prefix.startswith("/_sandbox/") for prefix in prefixes["control"])


def test_what_goes_wrong_is_a_page_for_a_browser_and_json_for_a_program(
    developer: Developer,
) -> None:
    base = f"{developer.world.base_url}/_sandbox"
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for method, path, status, said in (
        ("GET", "pages/nothing", 404, "There is nothing at this address"),
        ("GET", "pages/orders/AAAA", 404, "There is nothing at this address"),
        ("GET", "pages/guide?world=a+b", 400, "a world&#39;s name is"),
        ("GET", "pages/clock", 405, "There is nothing at this address"),
        ("POST", "pages/clock", 400, "This did not work"),
        ("GET", "orders/AAAA", 404, "There is nothing at this address"),
    ):
        with naming(method, path):
            url = f"{base}/{path}"
            page = requests.request(method, url, params={"lang": "en"}, headers=browser, timeout=10)
            assert (page.status_code, page.headers["Content-Type"]) == (
                status,
                "text/html; charset=utf-8",
            )
            assert said in page.text
            assert parse_errors(page.text) == []
            answer = requests.request(method, url, timeout=10)
            assert answer.status_code == status
            assert answer.json().keys() == {"error"}


def test_the_beginning_of_an_address_leads_to_the_overview(developer: Developer) -> None:
    for path in ("/_sandbox", "/_sandbox/", "/_sandbox/pages", "/_sandbox/pages/"):
        with naming(path):
            assert 'id="orders"' in developer.open(path)


def test_the_guide_names_parameters_without_a_usual_value(developer: Developer) -> None:
    guide = developer.open("/_sandbox/pages/guide")
    assert "None" not in guide
    assert '<bdi class="code">amount</bdi>' in guide


def test_no_page_of_another_site_can_press_the_buttons(world: SandboxWorld) -> None:
    for path in ("pages/reset", "reset"):
        answer = requests.post(
            f"{world.base_url}/_sandbox/{path}",
            headers={"Sec-Fetch-Site": "cross-site"},
            timeout=10,
        )
        assert answer.status_code == 403


def test_a_world_is_not_shown_what_happened_in_another(
    merchant: Merchant, developer: Developer
) -> None:
    other = Merchant(merchant.world.world(f"{merchant.world.name}-other"))
    other.generate()
    identifier = other.paid()
    number = other.world.requests_seen(order=identifier)[0]["id"]
    assert identifier not in developer.open()
    for path in (f"orders/{identifier}", f"exchanges/{number}"):
        url = f"{merchant.world.base_url}/_sandbox/pages/{path}"
        assert requests.get(url, params=developer.where, timeout=10).status_code == 404
    other.session.close()
