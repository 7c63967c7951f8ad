"""What every behaviour does on the wire, and to the state behind it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from jibit_sandbox.testing import SandboxWorld
from testkit.cases import naming
from tests.sandbox.merchant import Merchant, codes
from tests.sandbox.raw import Answer, ask
from tests.sandbox.wallet_merchant import WalletMerchant


def ask_verify(merchant: Merchant, identifier: str, patience: float = 5) -> Answer:
    method, path = merchant.calls["verify"]
    address, token = path.format(identifier), merchant.access_token
    return ask(merchant.base_url, method, address, token=token, patience=patience)


def state(merchant: Merchant, identifier: str) -> str:
    return str(merchant.world.order(identifier)["state"])


# What comes over the wire instead of a good answer; the same before and after the state is kept.
WIRE = {
    "reset": (b"", "reset"),
    "hang": (b"", "silent"),
    "error_500": (b"HTTP/1.1 500", "closed"),
    "bad_gateway": (b"HTTP/1.1 502", "closed"),
}


@pytest.mark.parametrize("name", WIRE)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_verify_that_is_not_answered_has_happened_only_after_the_commit(
    either: Merchant, name: str, *, after: bool
) -> None:
    identifier = either.paid()
    either.world.behave(f"{name}_after_commit" if after else name, operation="verify")
    answer = ask_verify(either, identifier, patience=0.5)
    begins, ending = WIRE[name]
    assert answer.received.startswith(begins)
    assert bool(answer.received) == bool(begins)
    assert answer.ending == ending
    assert state(either, identifier) == ("captured" if after else "paid")
    either.world.release()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_create_whose_answer_is_lost_has_happened_only_after_the_commit(
    either: Merchant, *, after: bool
) -> None:
    either.world.behave("reset_after_commit" if after else "reset", operation="create")
    body = json.dumps(either.order(amount=777_000)).encode()
    answer = ask(either.base_url, *either.calls["create"], token=either.access_token, body=body)
    assert answer == Answer(b"", "reset")
    kept = [order["amount_rials"] for order in either.world.orders()]
    assert kept == ([777_000] if after else [])


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_refresh_whose_answer_is_lost_has_killed_the_old_pair_only_after_the_commit(
    either: Merchant, *, after: bool
) -> None:
    either.world.behave("reset_after_commit" if after else "reset", operation="refresh")
    body = json.dumps(either.pair).encode()
    assert ask(either.base_url, *either.calls["refresh"], body=body) == Answer(b"", "reset")
    assert either.create().status_code == (401 if after else 200)
    assert either.refresh().status_code == (401 if after else 200)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_payment_whose_callback_is_lost_has_taken_the_money_only_after_the_commit(
    either: Merchant, *, after: bool
) -> None:
    identifier, _ = either.opened()
    either.world.behave("reset_after_commit" if after else "reset", operation="pay")
    answer = ask(
        either.base_url,
        "POST",
        either.page.format(identifier),
        body=b"action=pay&card=6037990000000014&cvv2=123&year=19&month=12&password=12345",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer == Answer(b"", "reset")
    assert state(either, identifier) == ("paid" if after else "awaiting")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_delay_lasts_as_long_as_it_was_told_to(either: Merchant, *, after: bool) -> None:
    identifier = either.paid()
    either.world.behave("delay_after_commit" if after else "delay", seconds=0.3)
    began = monotonic()
    assert ask_verify(either, identifier).status == 200
    assert 0.3 <= monotonic() - began < 3
    assert state(either, identifier) == "captured"


@pytest.mark.parametrize(("name", "during"), [("hold", "paid"), ("hold_after_commit", "captured")])
def test_a_held_call_waits_until_it_is_released(either: Merchant, name: str, during: str) -> None:
    identifier = either.paid()
    either.world.behave(name, operation="verify")
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(ask_verify, either, identifier)
        either.world.wait_until_held()
        assert state(either, identifier) == during
        assert either.world.requests_seen(operation="verify")[0]["fate"] == "being answered"
        either.world.release()
        assert answer.result().status == 200
    assert state(either, identifier) == "captured"


def test_a_truncated_body_is_shorter_than_its_length_says(either: Merchant) -> None:
    identifier = either.paid()
    either.world.behave("truncated_body", operation="verify")
    answer = ask_verify(either, identifier)
    assert answer.ending == "closed"
    assert len(answer.body) == answer.promised // 2
    assert state(either, identifier) == "captured"


def test_truncated_json_is_whole_http_and_half_json(either: Merchant) -> None:
    identifier = either.paid()
    either.world.behave("truncated_json", operation="verify")
    answer = ask_verify(either, identifier)
    assert len(answer.body) == answer.promised
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.body)
    assert state(either, identifier) == "captured"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("json_list", [{"status": "Successful"}]),
        ("wrong_types", {"status": ["Successful"]}),
        ("no_fields", {}),
        ("unknown_status", {"status": "TELEPORTED"}),
        ("verify_unknown_after_commit", {"status": "Unknown"}),
        ("verify_failed_after_commit", {"status": "Failed"}),
    ],
)
def test_a_verify_that_is_answered_wrongly_has_happened(
    merchant: Merchant, name: str, said: object
) -> None:
    identifier = merchant.paid()
    merchant.world.behave(name, operation="verify")
    assert merchant.verify(identifier).json() == said
    assert state(merchant, identifier) == "captured"


def test_extra_fields_stand_beside_the_documented_ones(merchant: Merchant) -> None:
    merchant.world.behave("extra_fields", operation="verify")
    answer = merchant.verify(merchant.paid()).json()
    assert answer["status"] == "Successful"
    assert len(answer) > 1


@pytest.mark.parametrize("said", ["Unknown", "Failed"])
def test_verify_can_say_so_n_times_without_capturing_and_then_the_truth(
    merchant: Merchant, said: str
) -> None:
    identifier = merchant.paid()
    merchant.world.behave(f"verify_{said.lower()}", times=2)
    for _ in range(2):
        assert merchant.verify(identifier).json() == {"status": said}
        assert state(merchant, identifier) == "paid"
    assert merchant.verify(identifier).json() == {"status": "Successful"}


@pytest.mark.long
def test_inquiry_and_list_can_have_a_wrong_field_and_nothing_changes(merchant: Merchant) -> None:
    for name, parameters, field, said in (
        ("inquiry_other_amount", {}, "amount", 2_500_000),
        ("inquiry_other_amount", {"amount": 7}, "amount", 7),
        ("inquiry_other_currency", {}, "currency", "TOMAN"),
        ("inquiry_other_reference", {}, "referenceNumber", "SOMEBODY-ELSES"),
        ("inquiry_in_progress", {}, "status", "IN_PROGRESS"),
        ("inquiry_unknown", {}, "status", "UNKNOWN"),
        ("inquiry_failed", {}, "status", "FAILED"),
        ("unknown_status", {"status": "PARTIAL"}, "status", "PARTIAL"),
    ):
        with naming(name, parameters, field, said):
            identifier = merchant.paid()
            merchant.verify(identifier)
            merchant.world.behave(name, times=2, **parameters)
            assert merchant.inquiry(identifier).json()[field] == said
            assert merchant.list().json()["elements"][0][field] == said
            truth = merchant.inquiry(identifier).json()
            assert (truth["amount"], truth["currency"], truth["status"]) == (
                250_000,
                "RIALS",
                "SUCCESS",
            )


def test_a_list_can_have_a_gap_or_a_duplicate(merchant: Merchant) -> None:
    merchant.world.clock.freeze()
    first, _ = merchant.opened()
    merchant.world.clock.advance(1)
    second, _ = merchant.opened()
    merchant.world.behave("list_gap")
    assert merchant.listed() == [first]
    merchant.world.behave("list_duplicate")
    assert merchant.listed() == [second, second, first]
    assert merchant.listed() == [second, first]


def test_an_expired_token_is_refused_and_can_be_refreshed(either: Merchant) -> None:
    either.world.behave("token_expired", operation="create")
    assert either.create().status_code == 401
    assert either.create().status_code == 401
    assert either.refresh().status_code == 200


def test_a_revoked_token_cannot_be_refreshed(either: Merchant) -> None:
    either.world.behave("token_revoked", operation="create")
    assert either.create().status_code == 401
    assert either.refresh().status_code == 401
    assert either.generate().status_code == 200


@pytest.mark.parametrize("operation", ["refresh", "generate"])
def test_token_calls_can_be_refused_and_leave_the_old_pair_alive(
    either: Merchant, operation: str
) -> None:
    either.world.behave(f"{operation}_refused")
    assert getattr(either, operation)().status_code == 401
    assert either.create().status_code == 200
    assert getattr(either, operation)().status_code == 200


def test_too_many_requests_say_when_to_come_back(merchant: Merchant) -> None:
    merchant.world.behave("too_many_requests", seconds=7)
    refused = merchant.list()
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    assert codes(refused) == ["web.too_many_requests"]


def test_a_redirect_leads_away_and_nothing_has_happened(either: Merchant) -> None:
    identifier = either.paid()
    either.world.behave("redirect", operation="verify")
    answer = either.verify(identifier, allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "https://elsewhere.example/"
    assert state(either, identifier) == "paid"


def test_an_error_after_the_money_moved_is_an_error_in_the_envelope(either: Merchant) -> None:
    identifier = either.paid()
    either.world.behave("error_500_after_commit", operation="verify")
    failed = either.verify(identifier)
    assert (failed.status_code, failed.headers["Content-Type"]) == (500, "application/json")
    assert state(either, identifier) == "captured"


@pytest.mark.parametrize("name", ["json_list", "truncated_json", "truncated_body"])
def test_the_banks_page_survives_behaviours_that_are_about_json(
    either: Merchant, name: str
) -> None:
    identifier, _ = either.opened()
    either.world.behave(name, operation="payment_page")
    answer = ask(either.base_url, "GET", either.page.format(identifier))
    assert answer.status == 200
    assert answer.body.lower().startswith(b"<!doctype html>")


def test_an_operation_that_is_not_named_is_left_alone(merchant: Merchant) -> None:
    merchant.world.behave("error_500", operation="verify")
    assert merchant.list().status_code == 200
    assert merchant.verify("AAAAAAAA").status_code == 500


def test_a_behaviour_meets_the_next_n_calls_and_no_more(merchant: Merchant) -> None:
    merchant.world.behave("error_500", times=2)
    assert [merchant.list().status_code for _ in range(3)] == [500, 500, 200]


def test_a_behaviour_for_the_merchant_stays_until_it_is_forgotten(merchant: Merchant) -> None:
    merchant.world.behave("error_500", times=None)
    assert [merchant.list().status_code for _ in range(3)] == [500, 500, 500]
    merchant.world.forget_behaviours()
    assert merchant.list().status_code == 200


def test_a_behaviour_for_one_order_meets_no_other(either: Merchant) -> None:
    one, other = either.paid(), either.paid()
    either.world.behave("error_500", order=one)
    assert either.verify(other).status_code == 200
    assert either.verify(one).status_code == 500


def test_a_behaviour_for_one_gateway_leaves_the_other_alone(
    merchant: Merchant, payee: WalletMerchant
) -> None:
    merchant.world.behave("error_500", gateway="wallet", operation="create", times=None)
    assert [merchant.create().status_code, payee.create().status_code] == [200, 500]


def test_a_header_asks_for_a_behaviour_of_one_request(merchant: Merchant) -> None:
    asked = {"X-Sandbox-Behaviour": "too_many_requests; seconds=9"}
    answer = merchant.call("GET", "/orders", headers=asked)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "9")
    assert merchant.list().status_code == 200


def test_a_header_that_asks_for_nonsense_is_told_so(merchant: Merchant) -> None:
    answer = merchant.call("GET", "/orders", headers={"X-Sandbox-Behaviour": "explode"})
    assert answer.status_code == 400
    assert "there is no behaviour 'explode'" in answer.text


def test_a_behaviour_that_cannot_be_is_refused_with_a_sentence(world: SandboxWorld) -> None:
    for asked, complaint in (
        ({"name": "explode"}, "no behaviour 'explode'"),
        ({"name": "verify_unknown", "operation": "list"}, "fits verify"),
        ({"name": "delay", "gateway": "paypal"}, "gateway can be one of"),
        ({"name": "delay", "times": 0}, "times"),
        ({"name": "delay", "parameters": {"colour": 1}}, "no parameter 'colour'"),
        ({"name": "delay", "parameters": {"seconds": "long"}}, "must be a number"),
        ({"name": "delay", "parameters": {"seconds": -1}}, "between 0 and"),
        ({"name": "delay", "parameters": {"seconds": 10**400}}, "between 0 and"),
    ):
        with naming(asked, complaint), pytest.raises(ValueError, match=complaint):
            world.control("POST", "behaviours", asked)
