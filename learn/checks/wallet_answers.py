"""Chapter 15: what the wallet's answers say, and which of them say nothing."""

from __future__ import annotations

import json
from typing import Any

from learn.chapters import Bench
from learn.checks.proxy import Proxy, a_proxy
from learn.checks.two_gateways import buy, later, require_states
from learn.lab import Lab, require

SERVER_ERROR = 500
Answer = tuple[int, dict[str, Any], str, str]  # HTTP status, body, and its name in both languages
REFUSED = {"errorCode": 409, "message": "The order does not wait for a verification."}
UNREADY = {"errorCode": 400, "message": "A field that has to be a string has another type."}
BROKEN = {"errorCode": 500, "message": "Internal error."}
NOES: tuple[Answer, ...] = (
    (409, REFUSED, "HTTP 409 and `errorCode` 409", "‎HTTP 409‎ و «errorCode» ‏409"),
    (200, REFUSED, "HTTP 200 and `errorCode` 409", "‎HTTP 200‎ و «errorCode» ‏409"),
    (200, UNREADY, "HTTP 200 and `errorCode` 400", "‎HTTP 200‎ و «errorCode» ‏400"),
    (200, {"errorCode": 422}, "HTTP 200 and `errorCode` 422", "‎HTTP 200‎ و «errorCode» ‏422"),
)
SILENCES: tuple[Answer, ...] = (
    (500, BROKEN, "HTTP 500 and `errorCode` 500", "‎HTTP 500‎ و «errorCode» ‏500"),
    (200, BROKEN, "HTTP 200 and `errorCode` 500", "‎HTTP 200‎ و «errorCode» ‏500"),
    (200, {"errorCode": 401}, "HTTP 200 and `errorCode` 401", "‎HTTP 200‎ و «errorCode» ‏401"),
    (200, {"errorCode": 429}, "HTTP 200 and `errorCode` 429", "‎HTTP 200‎ و «errorCode» ‏429"),
    (
        200,
        {"errorCode": 7001, "message": "?"},
        "HTTP 200 and `errorCode` 7001, which no document explains",
        "‎HTTP 200‎ و «errorCode» ‏7001 که در هیچ مستندی نیست",
    ),
    (
        200,
        {"statusV": "PURCHASE_BY_USER", "amount": 1_250_000},
        "`statusV` and without `errorCode`, in the form of an inquiry",
        "«statusV» و بدون «errorCode»، مثل استعلام،",
    ),
)


def an_envelope_may_be_missing_around_an_inquiry(bench: Bench) -> None:
    """Let the wallet answer inquiries in each of the two forms that its document shows."""
    for form, en, fa in (
        ("flat", "without an envelope", "بدون پاکت"),
        ("enveloped", "in an envelope", "در پاکت"),
    ):
        with bench.shop() as shop:
            shop.world.switch(wallet_inquiry=form)
            shopper = shop.shopper()
            shopper.open(shop.world.pay(buy(shop, shopper)))
            require_states(
                shop,
                f"A shopper has paid, and the wallet's answer to the inquiry comes {en}: right is"
                " `paid` here and captured there.",
                f"خریدار پول داد و جواب استعلام کیف پول {fa} آمد: سفارش باید در فروشگاه «paid» و در"
                " درگاه captured (تأییدشده) باشد.",
                (["paid"], ["captured"]),
            )


def a_no_inside_a_200_is_a_no(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        bank_page = buy(shop, shopper)
        shop.world.behave("verify_failed", gateway="wallet", operation="verify", times=None)
        shopper.open(shop.world.pay(bank_page))
        require(
            shop.states() != ["paid"],
            "The wallet answers verify with HTTP 200 and `errorCode` 409: it has captured nothing,"
            " and the shop's order is `paid`. The yes is `errorCode` 0.",
            "کیف پول به verify با ‎HTTP 200‎ و «errorCode» ‏409 جواب داد: پولی برداشته نشده، ولی"
            " سفارش «paid» است. «بله» یعنی «errorCode» صفر.",
        )
        later(shop)
        require_states(
            shop,
            "The wallet has refused every verify, and the money went back to the payer.",
            "کیف پول هیچ verify را نپذیرفت و پول به خریدار برگشت.",
            (["expired"], ["expired"]),
            (["failed"], ["expired"]),
        )


def an_answer_without_a_result_says_nothing(bench: Bench) -> None:
    """Let the answer to verify be empty, and then of wrong types: the inquiry tells what it was."""
    for behaviour, en, fa in (
        ("no_fields", "`{}`", "«{}»"),
        ("wrong_types", "a text as `errorCode`", "«errorCode» متنی"),
    ):
        with bench.shop() as shop:
            shopper = shop.shopper()
            bank_page = buy(shop, shopper)
            shop.world.behave(behaviour, gateway="wallet", operation="verify")
            page = shopper.open(shop.world.pay(bank_page))
            require(
                page.status < SERVER_ERROR,
                f"The wallet answers verify with HTTP 200 and {en}, and the payer sees an error of"
                f" your shop, {page.status}. Such an answer says nothing.",
                f"کیف پول به verify با ‎HTTP 200‎ و {fa} جواب داد و خریدار صفحهٔ خطای"
                f" {page.status} فروشگاه را دید. چنین جوابی چیزی نمی‌گوید.",
            )
            asked = [call["operation"] for call in shop.world.requests_seen()]
            require(
                shop.states() != ["paid"] or asked[-1:] == ["inquiry"],
                f"The wallet answers verify with HTTP 200 and {en}, and the shop's order is `paid`."
                " Only the number 0 as `errorCode`, with a `result`, is a yes; a text is none, nor"
                " is a missing `errorCode`. Then only an inquiry tells what happened.",
                f"کیف پول به verify با ‎HTTP 200‎ و {fa} جواب داد و سفارش «paid» شد. «بله» فقط وقتی"
                " است که «errorCode» عدد صفر باشد و «result» هم باشد؛ متن «بله» نیست، نبودن"
                " «errorCode» هم نیست. آن وقت فقط استعلام می‌گوید چه شده.",
            )
            later(shop)
            require_states(
                shop,
                f"The wallet has captured the money and answered verify with {en}; half an hour"
                " and two passes of the worker later:",
                f"کیف پول پول را برداشت و به verify با {fa} جواب داد؛ بعد از نیم ساعت و دو بار"
                " اجرای ورکر:",
                (["paid"], ["captured"]),
            )


def a_clear_no_leaves_no_doubt(bench: Bench) -> None:
    """Let verify be refused in each way in which the wallet says no: the payer may go on."""
    with a_proxy() as (url, handler), bench.shop(WALLET_URL=url) as shop:
        handler.gateway = shop.world.wallet_base_url
        for status, body, en, fa in NOES:
            state = paid_and_told(shop, handler, status, body)
            require(
                state in ("waiting", "failed"),
                f"A payer paid, and the wallet answers verify with {en}. That is a clear no; the"
                f" shop's order is {state}, and right is `waiting`.",
                f"خریدار پول داد و کیف پول به verify با {fa} جواب داد. این «نه»ی روشن است؛ سفارش"
                f" فروشگاه {state} است و درستش «waiting» است.",
            )


def what_is_no_clear_no_leaves_a_doubt(bench: Bench) -> None:
    """Answer verify with what is neither a yes nor a no of the wallet."""
    with a_proxy() as (url, handler), bench.shop(WALLET_URL=url) as shop:
        handler.gateway = shop.world.wallet_base_url
        for status, body, en, fa in SILENCES:
            state = paid_and_told(shop, handler, status, body)
            require(
                state == "in_doubt",
                f"A payer paid, and the wallet answers verify with {en}. That is neither a yes nor"
                f" a no; the shop's order is {state}, and right is `in_doubt`.",
                f"خریدار پول داد و کیف پول به verify با {fa} جواب داد. این نه «بله» است و نه «نه»؛"
                f" سفارش فروشگاه {state} است و درستش «in_doubt» است.",
            )


def paid_and_told(shop: Lab, handler: type[Proxy], status: int, body: dict[str, Any]) -> str:
    """Let somebody pay, and this be the answer to verify; return the order's state."""
    handler.lost = (status, json.dumps(body).encode())
    shopper = shop.shopper()
    page = shopper.open(shop.world.pay(buy(shop, shopper)))
    require(
        page.status < SERVER_ERROR,
        f"The wallet answers verify with HTTP {status} and {json.dumps(body)}; the payer sees an"
        f" error of your shop, {page.status}.",
        f"کیف پول به verify با کد {status} و {json.dumps(body)} جواب داد و خریدار صفحهٔ خطای"
        f" {page.status} فروشگاه را دید.",
    )
    return shop.states()[-1]


def a_word_that_no_document_has_decides_nothing(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        bank_page = buy(shop, shopper)
        shop.world.behave("unknown_status", gateway="wallet", operation="inquiry", times=None)
        shopper.open(shop.world.pay(bank_page))
        require(
            shop.states()[0] in ("waiting", "in_doubt"),
            "A payer paid, and the `statusV` of the inquiry is a word that the document does not"
            f" have, TELEPORTED: nothing is known, and the order is {shop.states()[0]}.",
            "خریدار پول داد و «statusV» استعلام واژه‌ای است که در مستند نیست، TELEPORTED: چیزی"
            f" معلوم نیست، ولی سفارش {shop.states()[0]} است.",
        )
        shop.world.forget_behaviours()
        shop.work()
        require_states(
            shop,
            "The wallet's inquiry had a word that nobody knows; now it speaks clearly again, and"
            " the worker passed.",
            "استعلام کیف پول یک بار واژه‌ای ناشناس داشت؛ حالا دوباره روشن جواب می‌دهد و ورکر اجرا"
            " شد.",
            (["paid"], ["captured"]),
        )


STEPS = [
    an_envelope_may_be_missing_around_an_inquiry,
    a_no_inside_a_200_is_a_no,
    a_clear_no_leaves_no_doubt,
    an_answer_without_a_result_says_nothing,
    what_is_no_clear_no_leaves_a_doubt,
    a_word_that_no_document_has_decides_nothing,
]
