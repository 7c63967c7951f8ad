"""Good answers with odd contents: far dates, long texts, other types, any field, endless lists."""

from __future__ import annotations

from typing import Any

import pytest

from jibit_sandbox.testing import SandboxWorld
from testkit.cases import naming
from tests.sandbox.described import Reader
from tests.sandbox.merchant import Merchant
from tests.sandbox.wallet_merchant import WalletMerchant

DATES = {"createdAt", "modifiedAt", "expirationDate"}
PPG_TEXTS = {
    *("userIdentifier", "callbackUrl", "description", "additionalData"),
    *("initPayerIp", "redirectPayerIp", "payerCard", "nationalCode"),
}
WALLET_TEXTS = {"refId", "additionalData", "userIdentity"}


def differing(truth: dict[str, Any], said: dict[str, Any]) -> set[str]:
    """Return the names of the fields that have another value; both have the same fields."""
    assert list(said) == list(truth)
    return {name for name in truth if said[name] != truth[name]}


def kinds(answer: dict[str, Any], names: set[str]) -> set[type]:
    return {type(answer[name]) for name in names}


@pytest.fixture
def ppg_order(merchant: Merchant) -> str:
    """A paid order in which every optional field has a value."""
    return merchant.paid(
        description="ok", additionalData="{}", nationalCode="0084575948", userIdentifier="09"
    )


@pytest.fixture
def wallet_order(payee: WalletMerchant) -> str:
    return payee.paid(additionalData='{"a": 1}')


def test_every_date_of_ppg_can_lie_in_the_far_future(merchant: Merchant, ppg_order: str) -> None:
    truth = merchant.inquiry(ppg_order).json()
    merchant.world.behave("far_future_date", times=2)
    for said in (merchant.inquiry(ppg_order).json(), merchant.list().json()["elements"][0]):
        assert differing(truth, said) == DATES
        assert {said[name] for name in DATES} == {"9999-12-31T23:59:59.999999Z"}
    assert merchant.inquiry(ppg_order).json() == truth


def test_the_wallet_has_no_dates_to_move(payee: WalletMerchant, wallet_order: str) -> None:
    truth = payee.inquiry(wallet_order).json()
    payee.world.behave("far_future_date")
    assert payee.inquiry(wallet_order).json() == truth
    assert payee.world.requests_seen(behaviour="far_future_date")


@pytest.mark.parametrize("filled", [True, False], ids=["filled", "empty"])
def test_ppgs_texts_can_be_ten_thousand_characters_long(
    merchant: Merchant, ppg_order: str, *, filled: bool
) -> None:
    identifier = ppg_order if filled else merchant.opened()[0]
    truth = merchant.inquiry(identifier).json()
    merchant.world.behave("overlong_fields", times=2)
    for said in (merchant.inquiry(identifier).json(), merchant.list().json()["elements"][0]):
        if said["id"] == identifier:
            assert differing(truth, said) == PPG_TEXTS
            assert {len(said[name]) for name in PPG_TEXTS} == {10_000}
            assert said["callbackUrl"].startswith(truth["callbackUrl"])


def test_ppgs_optional_fields_can_have_other_types(merchant: Merchant, ppg_order: str) -> None:
    truth = merchant.inquiry(ppg_order).json()
    merchant.world.behave("odd_fields", times=2)
    for said in (merchant.inquiry(ppg_order).json(), merchant.list().json()["elements"][0]):
        assert differing(truth, said) == PPG_TEXTS | DATES
        assert kinds(said, {"payerCard", "nationalCode", "createdAt", "modifiedAt"}) == {int}
        assert said["payerCard"] == 6037990014
        assert said["description"] == {"text": "ok", "language": None}
        assert f"{said['expirationDate']}Z" == truth["expirationDate"]
        assert str not in kinds(said, PPG_TEXTS)


def test_a_field_without_a_value_has_another_type_too(merchant: Merchant) -> None:
    identifier, _ = merchant.opened()
    merchant.world.behave("odd_fields")
    said = merchant.inquiry(identifier).json()
    assert kinds(said, PPG_TEXTS) & {str, type(None)} == set()


@pytest.mark.parametrize(
    "name", ["far_future_date", "overlong_fields", "odd_fields", "hostile_texts"]
)
def test_ppgs_verify_has_no_field_that_could_be_odd(merchant: Merchant, name: str) -> None:
    identifier = merchant.paid()
    if name != "far_future_date":  # that one does not fit a verify at all
        merchant.world.behave(name, operation="verify")
    assert merchant.verify(identifier).json() == {"status": "Successful"}


def test_dates_do_not_fit_a_verify(world: SandboxWorld) -> None:
    with pytest.raises(ValueError, match="far_future_date fits inquiry, list, not 'verify'"):
        world.behave("far_future_date", operation="verify")


@pytest.mark.parametrize("shape", ["both", "flat", "enveloped"])
@pytest.mark.parametrize("name", ["overlong_fields", "odd_fields", "hostile_texts"])
def test_the_wallets_inquiry_is_odd_in_every_place(
    payee: WalletMerchant, wallet_order: str, name: str, shape: str
) -> None:
    payee.world.switch(wallet_inquiry=shape)
    truth = payee.inquiry(wallet_order).json()
    payee.world.behave(name, operation="inquiry")
    said = payee.inquiry(wallet_order).json()
    assert said.get("errorCode") == truth.get("errorCode")
    for true_part, part in ((truth, said), (truth.get("result", {}), said.get("result", {}))):
        if "statusV" in part:
            assert differing(true_part, part) - {"result"} == WALLET_TEXTS | {"clientIp"}
            if name == "overlong_fields":
                assert {len(part[field]) for field in WALLET_TEXTS} == {10_000}
            elif name == "odd_fields":
                assert str not in kinds(part, WALLET_TEXTS)
            else:
                assert all("\x1b[2J" in part[field] for field in WALLET_TEXTS)


@pytest.mark.parametrize("name", ["overlong_fields", "odd_fields", "hostile_texts"])
def test_the_wallets_verify_captures_and_is_odd(
    payee: WalletMerchant, wallet_order: str, name: str
) -> None:
    payee.world.behave(name, operation="verify")
    said = payee.verify(wallet_order).json()
    assert payee.world.order(wallet_order)["state"] == "captured"
    assert payee.verify(wallet_order).json()["errorCode"] == said["errorCode"] == 0
    truth = payee.verify(wallet_order).json()["result"]
    assert differing(truth, said["result"]) == WALLET_TEXTS | {"clientIP"}


def test_a_field_can_have_any_json_value(merchant: Merchant) -> None:
    values: list[object] = [None, True, 7, 0.5, "x" * 10_000, "۱۲۳"]
    for value in [*values, ["a", {"b": None}], {"a": {"b": []}}]:
        with naming(value):
            identifier = merchant.paid()
            truth = merchant.inquiry(identifier).json()
            merchant.world.behave(
                "set_field", operation="inquiry", field="referenceNumber", value=value
            )
            said = merchant.inquiry(identifier).json()
            assert differing(truth, said) == {"referenceNumber"}
            assert said["referenceNumber"] == value
            assert merchant.inquiry(identifier).json() == truth


def test_a_field_can_be_set_in_every_answer_of_ppg(merchant: Merchant) -> None:
    def setting(operation: str, field: str) -> None:
        merchant.world.behave("set_field", operation=operation, field=field, value=7)

    setting("create", "pspSwitchingUrl")
    assert merchant.create().json()["pspSwitchingUrl"] == 7
    merchant.paid()
    identifier = merchant.paid()
    setting("list", "status")
    assert [element["status"] for element in merchant.list().json()["elements"]] == [7, 7, 7]
    setting("list", "hasNext")
    assert merchant.list().json()["hasNext"] == 7
    setting("verify", "status")
    assert merchant.verify(identifier).json() == {"status": 7}
    assert merchant.world.order(identifier)["state"] == "captured"
    setting("refresh", "refreshToken")
    assert merchant.refresh().json()["refreshToken"] == 7
    setting("generate", "accessToken")
    assert merchant.generate().json()["accessToken"] == 7


def test_a_field_can_be_set_in_every_answer_of_the_wallet(
    payee: WalletMerchant, wallet_order: str
) -> None:
    def setting(operation: str, field: str) -> None:
        payee.world.behave("set_field", operation=operation, field=field, value=7)

    setting("create", "redirectUrl")
    assert payee.create().json()["result"]["redirectUrl"] == 7
    setting("inquiry", "statusV")
    said = payee.inquiry(wallet_order).json()
    assert (said["statusV"], said["result"]["statusV"]) == (7, 7)
    setting("verify", "amount")
    assert payee.verify(wallet_order).json()["result"]["amount"] == 7
    setting("verify", "errorCode")
    assert payee.verify(wallet_order).json()["errorCode"] == 7
    setting("verify", "result")
    assert payee.verify(wallet_order).json() == {"errorCode": 0, "result": 7}
    setting("refresh", "token")
    assert payee.refresh().json()["result"]["token"] == 7
    setting("generate", "token")
    assert payee.generate().json()["result"]["token"] == 7


def test_an_answer_without_the_field_and_a_failure_stay_as_they_are(either: Merchant) -> None:
    identifier = either.paid()
    either.world.behave("set_field", field="message", value="x", times=3)
    assert "message" not in either.inquiry(identifier).json()
    either.world.behave("set_field", field="status", value="x")
    assert either.inquiry("AAAAAAAA").status_code == 404
    assert "x" not in either.verify("AAAAAAAA").json().values()


def test_a_header_names_the_value_in_json(merchant: Merchant) -> None:
    identifier = merchant.paid()
    asked = {"X-Sandbox-Behaviour": 'set_field; field=description; value={"a": [1, "b=c"]}'}
    assert merchant.inquiry(identifier, headers=asked).json()["description"] == {"a": [1, "b=c"]}
    asked = {"X-Sandbox-Behaviour": "set_field; field=description; value=plain"}
    refused = merchant.inquiry(identifier, headers=asked)
    assert refused.status_code == 400
    assert "value must be written as JSON, not 'plain'" in refused.text


def nested(levels: int) -> Any:
    return [nested(levels - 1)] if levels else None


def test_a_value_has_a_size(world: SandboxWorld) -> None:
    for parameters, complaint in (
        ({"name": "status"}, "set_field has no parameter 'name'"),
        ({"value": "x" * 65_535}, "value has 65537 bytes of JSON; 65536 are allowed"),
        ({"value": nested(101)}, "value has more than 100 lists and objects in one another"),
        ({"value": {"a": nested(100)}}, "value has more than 100 lists and objects"),
    ):
        with naming(parameters, complaint), pytest.raises(ValueError, match=complaint):
            world.control("POST", "behaviours", {"name": "set_field", "parameters": parameters})


@pytest.mark.parametrize("value", ["x" * 65_534, nested(100)], ids=["largest", "deepest"])
def test_the_largest_and_the_deepest_value_arrive_whole(either: Merchant, value: object) -> None:
    identifier = either.paid()
    either.world.behave("set_field", operation="inquiry", value=value)
    assert either.inquiry(identifier).json()["additionalData"] == value


@pytest.mark.parametrize(
    "body",
    [
        '{"name": "set_field", "parameters": {"value": NaN}}',
        '{"name": "set_field", "parameters": {"value": ' + "[" * 5000 + "]" * 5000 + "}}",
    ],
    ids=["not a number", "too deep to be read"],
)
def test_what_is_no_json_is_refused_with_a_sentence(merchant: Merchant, body: str) -> None:
    url = f"{merchant.world.base_url}/_sandbox/behaviours"
    refused = merchant.session.post(
        url, data=body, headers={"Content-Type": "application/json"}, timeout=10
    )
    assert refused.status_code in (400, 409)
    assert "JSON" in refused.json()["error"]


def test_a_list_can_go_on_for_ever_with_orders_never_seen_before(
    merchant: Merchant, reader: Reader
) -> None:
    real = merchant.paid()
    merchant.world.behave("endless_list", times=None)
    answers = [merchant.list(page=number, size=10) for number in (1, 2, 3, 1000)]
    for number, answer in zip((1, 2, 3, 1000), answers, strict=True):
        reader.check_operation("list", answer)
        page = answer.json()
        assert (page["hasNext"], page["pageNumber"], len(page["elements"])) == (True, number, 10)
        assert page["numberOfElemnts"] == page["numberOfElements"] > number * 10
    listed = [element["id"] for answer in answers for element in answer.json()["elements"]]
    assert listed[0] == real
    assert len(set(listed)) == 40
    assert merchant.inquiry(listed[-1]).status_code == 404
    assert len(merchant.world.orders()) == 1


def test_an_endless_list_keeps_to_its_filters(merchant: Merchant) -> None:
    merchant.world.behave("endless_list", times=3)
    for query in ({"from": "2026-01-01T03:30:00+03:30"}, {"to": "2026-01-01T00:00:00Z"}):
        page = merchant.list(status="FAILED", size=3, **query).json()
        assert {element["status"] for element in page["elements"]} == {"FAILED"}
        assert {each["createdAt"] for each in page["elements"]} == {"2026-01-01T00:00:00.000000Z"}
    references = {element["referenceNumber"] for element in merchant.list().json()["elements"]}
    assert len(references) == 25
    assert all(reference.startswith("ENDLESS-") for reference in references)
    assert merchant.listed() == []


@pytest.mark.parametrize("first", [0, 1])
def test_an_endless_list_follows_the_switches_of_the_list(merchant: Merchant, first: int) -> None:
    merchant.world.switch(first_page=first, total_spelling="documented")
    merchant.world.behave("endless_list")
    page = merchant.list(page=first, size=5).json()
    assert page["numberOfElemnts"] > 5
    assert "numberOfElements" not in page


def test_a_magic_amount_has_an_order_met_by_it_at_every_inquiry(either: Merchant) -> None:
    for name in (
        *("far_future_date", "overlong_fields", "odd_fields"),
        *("set_field", "hostile_texts"),
    ):
        with naming(name):
            listed = either.world.control("GET", "cards")["amounts"]
            magic = {entry["behaviour"]: entry["amount_rials"] for entry in listed}
            identifier = either.paid(amount=magic[name])
            for _ in range(2):
                either.inquiry(identifier)
            assert len(either.world.requests_seen(behaviour=name, order=identifier)) == 2
            assert either.is_captured(either.verify(identifier))


@pytest.mark.parametrize(
    "name", ["far_future_date", "overlong_fields", "odd_fields", "set_field", "endless_list"]
)
def test_chaos_can_mix_it_in(either: Merchant, name: str) -> None:
    identifier = either.paid()
    either.world.chaos(7, {name: 1.0})
    assert either.inquiry(identifier).status_code == 200
    met = either.world.end_chaos()["injected"]
    assert met == ({} if name == "endless_list" else {"inquiry": {name: 1}})
