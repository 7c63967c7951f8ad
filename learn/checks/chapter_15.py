"""Chapter 15: the second gateway, the wallet; and refunds at a third one."""

from __future__ import annotations

from typing import Any

from jibit_sandbox.testing import browser
from learn.chapters import Bench
from learn.checks import refunds
from learn.lab import PATIENCE, Lab, Shopper, require

CHOICE = "gateway"  # the form's field
WALLET = {CHOICE: "wallet"}
CARD = {CHOICE: "ppg"}
LONG = 1000  # seconds; longer than the gateways' 15 minutes
BAD_REQUEST, SERVER_ERROR = 400, 500


def buy(shop: Lab, shopper: Shopper, **chosen: str) -> str:
    """Buy at the wallet; return the address of its page."""
    page = shopper.buy(**(chosen or WALLET))
    require(
        page.startswith(shop.world.wallet_base_url),
        f"The form was sent with `{CHOICE}=wallet`; the browser stands on {page}, not on the"
        " wallet's page.",
        f"فرم با «{CHOICE}=wallet» فرستاده شد، ولی مرورگر روی {page} است، نه روی صفحهٔ کیف پول.",
    )
    return page


def later(shop: Lab) -> None:
    """Let everything end at the gateways, and let the worker look twice."""
    for _ in range(2):
        shop.later(LONG)
        shop.work()


def seen(shop: Lab) -> tuple[list[str], list[str]]:
    """Return the states of the shop's orders, and of the gateways'."""
    return shop.states(), shop.bank()


def require_states(shop: Lab, en: str, fa: str, *right: tuple[list[str], list[str]]) -> None:
    """Raise NotYet unless the orders here and there are in one of these states."""
    here, there = seen(shop)
    require(
        (here, there) in right,
        f"{en} The shop's order is {here}, the gateway's {there}.",
        f"{fa} سفارش در فروشگاه {here} است و در درگاه {there}.",
    )


def an_envelope_may_be_missing_around_an_inquiry(bench: Bench) -> None:
    """Let the wallet answer inquiries in each of the two forms that its document shows."""
    for form, en, fa in (
        ("flat", "without an envelope", "بی پاکت"),
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


def who_pays_by_wallet_has_a_paid_order(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        bank_page = buy(shop, shopper)
        (order,) = shop.world.orders()
        (ours,) = shop.ledger()
        require(
            order["amount_rials"] == ours["amount_rials"],
            f"The order is {ours['amount_rials']} Rials here, {order['amount_rials']} at the"
            " wallet.",
            f"سفارش اینجا {ours['amount_rials']} ریال است و در کیف پول {order['amount_rials']}.",
        )
        shopper.open(shop.world.pay(bank_page))
        require_states(
            shop,
            "A shopper has paid by wallet: right is `paid` here and captured there.",
            "خریدار از کیف پول پول داد: سفارش باید در فروشگاه «paid» و در درگاه captured"
            " (تأییدشده) باشد.",
            (["paid"], ["captured"]),
        )


def who_pays_by_card_still_has_one(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        page = shopper.buy(**CARD)
        require(
            page.startswith(shop.world.ppg_base_url),
            f"The form was sent with `{CHOICE}=ppg`; the browser stands on {page}.",
            f"فرم با «{CHOICE}=ppg» فرستاده شد، ولی مرورگر روی {page} است.",
        )
        shopper.open(shop.world.pay(page))
        require_states(
            shop,
            "A shopper has paid by card: right is `paid` here and captured there.",
            "خریدار با کارت پول داد: سفارش باید در فروشگاه «paid» و در درگاه captured"
            " (تأییدشده) باشد.",
            (["paid"], ["captured"]),
        )


def a_gateway_that_nobody_offers_opens_nothing(bench: Bench) -> None:
    with bench.shop() as shop:
        action, fields = shop.shopper().fill_in(**{CHOICE: "somebody"})
        answer = browser().post(action, data=fields, timeout=PATIENCE, allow_redirects=False)
        require(
            answer.status_code == BAD_REQUEST and not shop.ledger(),
            f"The form was sent with `{CHOICE}=somebody`: the answer is {answer.status_code}, and"
            f" there are {len(shop.ledger())} orders. Right is {BAD_REQUEST} and none.",
            f"فرم با «{CHOICE}=somebody» فرستاده شد: جواب {answer.status_code} است و"
            f" {len(shop.ledger())} سفارش ثبت شده. درستش {BAD_REQUEST} و هیچ سفارش است.",
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
                " An answer without a `result` says nothing; only an inquiry tells what happened.",
                f"کیف پول به verify با ‎HTTP 200‎ و {fa} جواب داد و سفارش «paid» شد. جوابی که"
                " «result» ندارد چیزی نمی‌گوید؛ فقط استعلام می‌گوید چه شده.",
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


def who_types_the_callback_gets_nothing(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        bank_page = buy(shop, shopper)
        shop.world.behave("callback_before_money", gateway="wallet", operation="pay")
        shopper.open(shop.world.pay(bank_page))
        require(
            "captured" in shop.bank() or shop.states() != ["paid"],
            "The callback of the wallet says that the order is paid, and it is not: the shop's"
            f" order is {shop.states()}.",
            f"کال‌بک کیف پول می‌گوید پول پرداخت شده، ولی نشده: سفارش {shop.states()} است.",
        )


def the_worker_asks_the_wallet(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.pay_and_vanish(buy(shop, shop.shopper()))
        for _ in range(2):
            shop.later(60)
            shop.work()
        require_states(
            shop,
            "A shopper has paid by wallet and never came back; the worker passed twice.",
            "خریدار از کیف پول پول داد و برنگشت؛ ورکر دو بار اجرا شد.",
            (["paid"], ["captured"]),
        )


def an_answer_that_is_lost_after_the_capture_is_found(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        bank_page = buy(shop, shopper)
        shop.world.behave("reset_after_commit", gateway="wallet", operation="verify")
        shopper.open(shop.world.pay(bank_page))
        later(shop)
        require_states(
            shop,
            "The wallet has captured the money, and the answer to verify was lost; half an hour"
            " and two passes of the worker later:",
            "کیف پول پول را برداشت و جواب verify گم شد؛ بعد از نیم ساعت و دو بار اجرای ورکر:",
            (["paid"], ["captured"]),
        )


def another_amount_is_not_captured(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        bank_page = buy(shop, shopper)
        shop.world.behave("inquiry_other_amount", gateway="wallet", operation="inquiry", times=None)
        shopper.open(shop.world.pay(bank_page))
        require(
            "captured" not in shop.bank() and "paid" not in shop.states(),
            "The wallet names another amount than the order's: the order is"
            f" {shop.states()}, the money {shop.bank()}. Compare before you verify.",
            f"کیف پول مبلغ دیگری می‌گوید: سفارش {shop.states()} و پول {shop.bank()} است. پیش از"
            " verify مقایسه کنید.",
        )


def who_cancels_pays_nothing(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        shopper.open(shop.world.cancel(buy(shop, shopper)))
        states: list[Any] = shop.states()
        require(
            states[0] in ("failed", "open", "waiting"),
            f"The shopper has cancelled at the wallet, and the order is {states[0]}.",
            f"خریدار در کیف پول انصراف داد و سفارش {states[0]} است.",
        )
        later(shop)
        require(
            shop.states()[0] in ("failed", "expired", "open"),
            f"Half an hour after the shopper has cancelled, the order is {shop.states()[0]}.",
            f"نیم ساعت بعد از انصراف خریدار، سفارش {shop.states()[0]} است.",
        )


STEPS = [
    who_pays_by_wallet_has_a_paid_order,
    who_pays_by_card_still_has_one,
    a_gateway_that_nobody_offers_opens_nothing,
    an_envelope_may_be_missing_around_an_inquiry,
    a_no_inside_a_200_is_a_no,
    an_answer_without_a_result_says_nothing,
    who_types_the_callback_gets_nothing,
    the_worker_asks_the_wallet,
    an_answer_that_is_lost_after_the_capture_is_found,
    another_amount_is_not_captured,
    who_cancels_pays_nothing,
    *refunds.STEPS,
]
