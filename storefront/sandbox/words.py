"""Every sentence of the sandbox's pages in Persian and English, and numbers in either writing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Request, g, request
from persiantools.jdatetime import JalaliDateTime

PERSIAN_DIGITS = str.maketrans("0123456789,", "۰۱۲۳۴۵۶۷۸۹٬")
TEHRAN = ZoneInfo("Asia/Tehran")

WORDS: dict[str, tuple[str, str]] = {
    "sandbox": ("سندباکس جیبیت", "Jibit sandbox"),
    "test money": ("پول آزمایشی", "TEST MONEY"),
    "test money note": (
        "این درگاه واقعی نیست؛ هیچ پولی جابه‌جا نمی‌شود. شمارهٔ کارت واقعی خود را وارد نکنید.",
        "This is not a real gateway; no money moves. Do not type a real card number.",
    ),
    "payment": ("پرداخت اینترنتی", "Card payment"),
    "merchant": ("پذیرنده", "Merchant"),
    "amount": ("مبلغ", "Amount"),
    "toman": ("تومان", "Toman"),
    "rials": ("ریال", "Rials"),
    "order": ("شمارهٔ سفارش", "Order"),
    "description": ("شرح", "Description"),
    "time left": ("زمان باقی‌مانده", "Time left"),
    "card number": ("شمارهٔ کارت", "Card number"),
    "cvv2": ("CVV2", "CVV2"),
    "month": ("ماه انقضا", "Expiry month"),
    "year": ("سال انقضا", "Expiry year"),
    "password": ("رمز پویا", "Dynamic password"),
    "pay": ("پرداخت", "Pay"),
    "decline": ("رد تراکنش از سوی بانک", "Bank declines"),
    "cancel": ("انصراف", "Cancel"),
    "vanish": ("پرداخت و ناپدید شدن", "Pay and vanish"),
    "vanish note": (
        "پول برداشته می‌شود، اما مرورگر هرگز به فروشگاه بازنمی‌گردد.",
        "The money is taken, but the browser never returns to the shop.",
    ),
    "other endings": ("پایان‌های دیگر", "Other endings"),
    "vanished": ("پول پرداخت شد و مرورگر ناپدید شد", "Paid, and the browser is gone"),
    "vanished note": (
        "مبلغ برداشته شد ولی فروشگاه از آن خبر نگرفت؛ باید خودش از درگاه بپرسد.",
        "The money was taken and the shop was not told: it has to ask the gateway by itself.",
    ),
    "late note": (
        "مبلغ برداشته شد؛ مرورگر کمی دیرتر به فروشگاه بازمی‌گردد.",
        "The money was taken; the browser returns to the shop a little later.",
    ),
    "wrong password": ("رمز پویا نادرست است.", "The dynamic password is wrong."),
    "not the forced card": (
        "این سفارش تنها با کارتی که فروشگاه تعیین کرده پرداخت می‌شود.",
        "This order can be paid only with the card that the shop has named.",
    ),
    "not your card": (
        "کارت از آنِ صاحب کد ملی این سفارش نیست.",
        "The card does not belong to the national code of this order.",
    ),
    "insufficient funds": ("موجودی کارت کافی نیست.", "There is not enough money on the card."),
    "bank down": (
        "بانک صادرکنندهٔ کارت پاسخ نمی‌دهد. کارت دیگری بیازمایید.",
        "The card's bank does not answer. Try another card.",
    ),
    "blocked": ("کارت مسدود است.", "The card is blocked."),
    "get password": ("درخواست رمز پویا", "Get a dynamic password"),
    "password sent": (
        "پیامک آزمایشی: رمز پویای شما",
        "Test message: your dynamic password is",
    ),
    "test cards": ("کارت‌های آزمایشی", "Test cards"),
    "test cards note": (
        "با هر کارت، پایان دیگری را بیازمایید. رمز همهٔ کارت‌ها ۱۲۳۴۵ است.",
        "Each card rehearses another ending. Every card's password is 12345.",
    ),
    "forced": ("تنها با این کارت", "Only with this card"),
    "national code": ("کد ملی پرداخت‌کننده", "Payer's national code"),
    "awaiting": ("در انتظار پرداخت", "Awaiting payment"),
    "paid": ("پرداخت شد", "Paid"),
    "captured": ("پرداخت شد و تأیید شد", "Paid and verified"),
    "failed": ("پرداخت ناموفق بود", "The payment failed"),
    "expired": ("مهلت پرداخت تمام شد", "The time to pay is over"),
    "finished note": (
        "این سفارش دیگر در انتظار پرداخت نیست.",
        "This order is no longer waiting for a payment.",
    ),
    "return": ("بازگشت به فروشگاه", "Return to the shop"),
    "not found": ("چنین سفارشی وجود ندارد", "There is no such order"),
    "not found note": (
        "نشانی را از فروشگاه دوباره بگیرید.",
        "Start again from the shop that sent you here.",
    ),
    "bad card number": ("شمارهٔ کارت درست نیست.", "The card number is not right."),
    "bad cvv2": ("‏CVV2 سه یا چهار رقم است.", "CVV2 has three or four digits."),
    "bad expiry": (
        "تاریخ انقضا درست نیست یا گذشته است.",
        "The expiry date is not right, or has passed.",
    ),
    "bad password": ("رمز پویا پنج تا دوازده رقم است.", "The dynamic password has 5 to 12 digits."),
    "other language": ("English", "فارسی"),
}


def language_of(asked: Request) -> str:
    """``?lang=`` first, then Accept-Language; Persian where neither says."""
    said = asked.args.get("lang")
    if said in ("fa", "en"):
        return said
    return asked.accept_languages.best_match(["fa", "en"], "fa")


def speak(app: Flask) -> None:
    """Give every template its language: ``t`` for words, and filters for numbers and moments."""
    app.before_request(choose_language)
    app.context_processor(language_for_templates)
    app.template_filter("number")(number)
    app.template_filter("toman")(toman)
    app.template_filter("moment")(moment)
    app.template_filter("digits")(digits)


def choose_language() -> None:
    g.language = language_of(request)


def language_for_templates() -> dict[str, Any]:
    words: Callable[[str], str] = word
    return {"language": g.language, "t": words, "other_language": other_language(g.language)}


def other_language(language: str) -> str:
    return "en" if language == "fa" else "fa"


def word(key: str) -> str:
    persian, english = WORDS[key]
    return persian if g.language == "fa" else english


def digits(text: object) -> str:
    """The text with Persian digits, where the page is Persian."""
    return str(text).translate(PERSIAN_DIGITS) if g.language == "fa" else str(text)


def number(value: int) -> str:
    """``1,234,000``, or ``۱٬۲۳۴٬۰۰۰``."""
    return digits(f"{value:,}")


def toman(amount_rials: int) -> str:
    """Rials as Toman; a single Rial stays visible as a tenth."""
    whole, tenth = divmod(amount_rials, 10)
    return number(whole) + digits(f".{tenth}" if tenth else "")


def moment(at: datetime) -> str:
    """In Tehran's time and the Jalali calendar where the page is Persian, otherwise ISO in UTC."""
    if g.language == "fa":
        local = JalaliDateTime(at.astimezone(TEHRAN))  # type: ignore[no-untyped-call] # untyped library
        return digits(local.strftime("%Y/%m/%d %H:%M:%S"))
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")
