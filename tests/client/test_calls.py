"""What is sent for each call, and what is read from the answers, letter for letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

import jibit_client
from jibit_client import PpgClient
from jibit_client.errors import Unintelligible
from jibit_client.ppg.messages import CallbackParameters, CreateOrderRequest
from jibit_client.ppg.vocabulary import CallbackState, Currency, OrderStatus, VerifyStatus
from testkit.cases import naming
from tests.client.documents import (
    CREATE,
    CREATED,
    GENERATE,
    INQUIRY,
    LIST,
    ORDER,
    ORDERS,
    PAGE,
    VERIFY,
    order,
    page,
)
from tests.client.scripted import ScriptedServer, says
from tests.client.wires import ORDER as REQUEST

SINCE = datetime(2020, 6, 10, 15, tzinfo=UTC)
UNTIL = datetime(2020, 6, 10, 16, 30, 0, 250, tzinfo=UTC)


def test_tokens_are_generated_with_both_credentials_and_carried_as_bearer(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(INQUIRY, says(ORDER))
    client.inquire("1ObK7QrL")
    (generate,), (inquiry,) = server.asked(GENERATE), server.asked(INQUIRY)
    assert generate.body == {"apiKey": "the-api-key", "secretKey": "the-secret-key"}
    assert generate.headers["Content-Type"] == "application/json"
    assert "Authorization" not in generate.headers
    assert inquiry.headers["Authorization"] == "Bearer access-1"


def test_an_order_is_created_in_rials_with_the_documents_fields(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(CREATE, says(CREATED))
    opened = client.create(REQUEST)
    (create,) = server.asked(CREATE)
    assert create.body == {
        "amount": 200000,
        "currency": "RIALS",
        "referenceNumber": "our-reference",
        "userIdentifier": "09121234567",
        "callbackUrl": "https://merchant.ir/callback",
        "forcePayerCardNumber": "false",
    }
    assert opened.order_identifier == "1ObK7QrL"
    assert opened.reference_number == "our-reference"
    assert opened.psp_switching_url == "https://api.jibit.ir/ppg/v2/orders/1ObK7QrL/payments"
    assert opened.raw == CREATED


def test_every_optional_field_of_create_can_be_sent(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(CREATE, says(CREATED))
    client.create(
        CreateOrderRequest(
            amount=20_000,
            currency=Currency.TOMAN,
            reference_number="our-reference",
            user_identifier="09121234567",
            callback_url="https://merchant.ir/callback",
            description="دو کتاب",
            additional_data="a note",
            payer_card_number="6037991234561234",
            force_payer_card_number=True,
            national_code="0499370899",
        )
    )
    (create,) = server.asked(CREATE)
    assert create.body == {
        "amount": 20000,
        "currency": "TOMAN",
        "referenceNumber": "our-reference",
        "userIdentifier": "09121234567",
        "callbackUrl": "https://merchant.ir/callback",
        "description": "دو کتاب",
        "additionalData": "a note",
        "payerCardNumber": "6037991234561234",
        "forcePayerCardNumber": "true",
        "nationalCode": "0499370899",
    }


def test_an_amount_that_is_no_integer_is_never_sent(
    server: ScriptedServer, client: PpgClient
) -> None:
    for amount in (200_000.0, "200000", True):
        with naming(amount):
            with pytest.raises(ValueError, match="integer"):
                client.create(replace(REQUEST, amount=amount))  # type: ignore[arg-type]  # wrong on purpose
            assert server.heard == []


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_order_call_asks_for_the_shoppers_language(
    server: ScriptedServer, client: PpgClient, language: str
) -> None:
    server.on(CREATE, says(CREATED))
    server.on(INQUIRY, says(ORDER))
    server.on(VERIFY, says({"status": "Successful"}))
    server.on(LIST, says(PAGE))
    client.create(
        CreateOrderRequest(1000, "our-reference", "u", "https://merchant.ir/"), language=language
    )
    client.inquire("1ObK7QrL", language=language)
    client.verify("1ObK7QrL", language=language)
    client.orders(language=language)
    calls = [heard for heard in server.heard if heard.path.startswith(ORDERS)]
    assert [heard.headers["Accept-Language"] for heard in calls] == [language] * 4
    assert {heard.headers["Accept"] for heard in calls} == {"application/json"}
    assert {heard.headers["User-Agent"] for heard in calls} == {
        f"jibit-client/{jibit_client.__version__}"
    }


def test_an_inquiry_is_read_field_for_field(server: ScriptedServer, client: PpgClient) -> None:
    server.on(INQUIRY, says(ORDER))
    order = client.inquire("1ObK7QrL")
    assert order.id == "1ObK7QrL"
    assert order.amount == 200000
    assert order.currency is Currency.RIALS
    assert order.reference_number == "our-reference"
    assert order.user_identifier == "09121234567"
    assert order.callback_url == "https://merchant.ir/callback"
    assert order.description == "two books"
    assert order.additional_data == "a note"
    assert order.status is OrderStatus.IN_PROGRESS
    assert order.init_payer_ip == "37.32.127.129"
    assert order.redirect_payer_ip == "37.32.127.130"
    assert order.created_at == datetime(2020, 6, 10, 15, 50, 55, 247079, tzinfo=UTC)
    assert order.modified_at == datetime(2020, 6, 10, 18, 50, 55, 247079, tzinfo=UTC)
    assert order.expiration_date == datetime(2020, 6, 10, 18, 50, 55, 247079, tzinfo=UTC)
    assert order.payer_card == "603799******1234"
    assert order.national_code == "0499370899"


def test_toman_are_converted_and_the_wires_word_stays(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(INQUIRY, says(order(amount=20000, currency="TOMAN")))
    inquiry = client.inquire("1ObK7QrL")
    assert (inquiry.amount_rials, inquiry.currency) == (200_000, Currency.TOMAN)


def test_an_inquirys_status_is_read_in_its_own_vocabulary(
    server: ScriptedServer, client: PpgClient
) -> None:
    for said, status in (
        ("SUCCESS", OrderStatus.SUCCESS),
        ("FAILED", OrderStatus.FAILED),
        ("UNKNOWN", OrderStatus.UNKNOWN),
        ("EXPIRED", OrderStatus.EXPIRED),
        ("IN_PROGRESS", OrderStatus.IN_PROGRESS),
        ("REVERSED", OrderStatus.UNRECOGNISED),
        ("Successful", OrderStatus.UNRECOGNISED),
        ("success", OrderStatus.UNRECOGNISED),
    ):
        with naming(said, status):
            server.on(INQUIRY, says(order(status=said)))
            inquiry = client.inquire("1ObK7QrL")
            assert (inquiry.status, inquiry.said) == (status, said)


def test_a_verifications_status_is_read_in_its_own_vocabulary(
    server: ScriptedServer, client: PpgClient
) -> None:
    for said, status in (
        ("Successful", VerifyStatus.SUCCESSFUL),
        ("Failed", VerifyStatus.FAILED),
        ("Unknown", VerifyStatus.UNKNOWN),
        ("Reversed", VerifyStatus.UNRECOGNISED),
        ("SUCCESSFUL", VerifyStatus.UNRECOGNISED),
        ("SUCCESS", VerifyStatus.UNRECOGNISED),
    ):
        with naming(said, status):
            server.on(VERIFY, says({"status": said, "newField": 1}))
            verification = client.verify("1ObK7QrL")
            assert (verification.status, verification.said) == (status, said)
            assert verification.raw == {"status": said, "newField": 1}


def test_the_three_vocabularies_are_the_documents() -> None:
    assert [each.value for each in CallbackState if each] == [
        "SUCCESSFUL",
        "FAILED",
        "ORDER_NOT_FOUND",
    ]
    assert [each.value for each in VerifyStatus if each] == ["Successful", "Failed", "Unknown"]
    assert [each.value for each in OrderStatus if each] == [
        "SUCCESS",
        "FAILED",
        "UNKNOWN",
        "EXPIRED",
        "IN_PROGRESS",
    ]


def test_what_a_young_order_does_not_have_yet_is_none(
    server: ScriptedServer, client: PpgClient
) -> None:
    absent = ("userIdentifier", "callbackUrl", "description", "additionalData", "initPayerIp")
    null = ("redirectPayerIp", "modifiedAt", "expirationDate", "payerCard", "nationalCode")
    server.on(INQUIRY, says(order(**dict.fromkeys(absent, ...), **dict.fromkeys(null))))
    found = client.inquire("1ObK7QrL")
    assert (found.user_identifier, found.callback_url, found.init_payer_ip) == (None, None, None)
    assert (found.description, found.additional_data) == (None, None)
    assert (found.redirect_payer_ip, found.modified_at, found.expiration_date) == (None, None, None)
    assert (found.payer_card, found.national_code) == (None, None)


def test_a_date_may_have_any_precision_and_offset(
    server: ScriptedServer, client: PpgClient
) -> None:
    for printed, microseconds in (
        ("2020-06-10T15:50:55Z", 0),
        ("2020-06-10T15:50:55.247Z", 247_000),
        ("2020-06-10T15:50:55.2470791Z", 247_079),
        ("2020-06-10T15:50:55.247079123Z", 247_079),
        ("2020-06-10T20:20:55.247079+04:30", 247_079),
    ):
        with naming(printed, microseconds):
            server.on(INQUIRY, says(order(expirationDate=printed)))
            expires_at = client.inquire("1ObK7QrL").expiration_date
            assert expires_at == datetime(2020, 6, 10, 15, 50, 55, microseconds, tzinfo=UTC)
            assert expires_at.utcoffset() == timedelta(0)


def test_a_card_that_comes_unmasked_is_masked_here(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(INQUIRY, says(order(payerCard="6037991234561234")))
    assert client.inquire("1ObK7QrL").payer_card == "603799******1234"


def test_only_a_plain_identifier_becomes_part_of_a_path(
    server: ScriptedServer, client: PpgClient
) -> None:
    for identifier in (
        "",
        ".",
        "..",
        "a/b",
        "a?b",
        "a#b",
        "a b",
        "1ObK7QrL/verify",
        "%2e%2e",
        "سفارش",
    ):
        with naming(identifier):
            for ask in (client.inquire, client.verify):
                with pytest.raises(ValueError, match="identifier"):
                    ask(identifier)
            assert server.heard == []


def test_the_lists_filters_are_sent_as_the_document_spells_them(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(LIST, says(PAGE))
    tehran = timezone(timedelta(hours=3, minutes=30))
    client.orders(page=3, size=50, status="SUCCESS", since=SINCE, until=UNTIL.astimezone(tehran))
    client.orders()
    filtered, bare = server.asked(LIST)
    assert filtered.query == {
        "page": ["3"],
        "size": ["50"],
        "status": ["SUCCESS"],
        "from": ["2020-06-10T15:00:00.000000Z"],
        "to": ["2020-06-10T16:30:00.000250Z"],
    }
    assert bare.query == {}


def test_a_time_without_a_zone_is_not_guessed_at(client: PpgClient) -> None:
    with pytest.raises(ValueError, match="zone"):
        client.orders(since=SINCE.replace(tzinfo=None))


@pytest.mark.parametrize("spelling", ["numberOfElemnts", "numberOfElements"])
def test_the_lists_total_is_read_in_either_spelling(
    server: ScriptedServer, client: PpgClient, spelling: str
) -> None:
    answer = page(ORDER, order(id="2ObK7QrL"), hasNext=True, hasPrevious=True, pageNumber=7)
    del answer["numberOfElemnts"]
    server.on(LIST, says(answer | {spelling: 176}))
    orders = client.orders()
    assert orders.number_of_elements == 176
    assert (orders.page_number, orders.size) == (7, 25)
    assert (orders.has_next, orders.has_previous) == (True, True)
    assert [each.id for each in orders.elements] == ["1ObK7QrL", "2ObK7QrL"]


@pytest.mark.parametrize("base", [0, 1])
def test_the_iterator_walks_all_pages_whatever_their_first_number(
    server: ScriptedServer, client: PpgClient, base: int
) -> None:
    server.on(
        LIST,
        says(page(order(id="a"), order(id="b"), hasNext=True, pageNumber=base)),
        says(page(order(id="c"), hasNext=True, pageNumber=base + 1)),
        says(page(order(id="d"), pageNumber=base + 2)),
    )
    found = list(client.orders_between(SINCE, UNTIL, status="SUCCESS", size=2))
    assert [each.id for each in found] == ["a", "b", "c", "d"]
    queries = [heard.query for heard in server.asked(LIST)]
    assert [query.get("page") for query in queries] == [None, [str(base + 1)], [str(base + 2)]]
    assert {tuple(query["size"] + query["status"]) for query in queries} == {("2", "SUCCESS")}


def test_an_order_that_slips_to_the_next_page_is_given_once(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(
        LIST,
        says(page(order(id="b"), order(id="a"), order(id="a"), hasNext=True)),
        says(page(order(id="a"), order(id="z"))),
    )
    assert [each.id for each in client.orders_between(SINCE, UNTIL)] == ["b", "a", "z"]


def test_an_empty_page_ends_the_walk_even_if_more_is_promised(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(LIST, says(page(order(id="a"), hasNext=True)), says(page(hasNext=True)))
    assert len(list(client.orders_between(SINCE, UNTIL))) == 1
    assert len(server.asked(LIST)) == 2


def test_a_page_or_two_without_anything_new_do_not_end_the_walk(
    server: ScriptedServer, client: PpgClient
) -> None:
    again = says(page(order(id="a"), hasNext=True))
    server.on(LIST, again, again, again, says(page(order(id="b"))))
    assert [each.id for each in client.orders_between(SINCE, UNTIL)] == ["a", "b"]


def test_a_list_that_repeats_itself_for_ever_is_given_up(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(LIST, says(page(order(id="a"), hasNext=True)))
    with pytest.raises(Unintelligible, match="repeats"):
        list(client.orders_between(SINCE, UNTIL))


def test_one_unreadable_order_does_not_hide_the_others(
    server: ScriptedServer, client: PpgClient
) -> None:
    server.on(LIST, says(page(order(id="a"), order(amount="12"), "nonsense", order(id="b"))))
    orders = client.orders()
    assert [each.id for each in orders.elements] == ["a", "b"]
    assert orders.unreadable == (order(amount="12"), "nonsense")


def test_the_documents_callback_is_read() -> None:
    callback = CallbackParameters.read(
        {"amount": "200000", "refnum": "Re35F2", "state": "SUCCESSFUL", "more": "x"}
    )
    assert callback.refnum == "Re35F2"
    assert callback.said == "SUCCESSFUL"
    assert callback.amount == 200_000


def test_nonsense_in_a_callback_is_none() -> None:
    for amount in ("", "-5", "1e9", "12.0", "۱۲", " 12", "٣", "9" * 30, "0x10"):
        for refnum in ("", "../x", "a b", "a\n", "x" * 500, "\x00"):
            with naming(amount, refnum):
                callback = CallbackParameters.read(
                    {"amount": amount, "refnum": refnum, "state": "<script>alert(1)</script>"}
                )
                assert callback == CallbackParameters.read({})
                assert callback.refnum is None
                assert (callback.said, callback.amount) == (None, None)
