"""Every sentence of the sandbox's pages in Persian and English, and numbers in either writing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Request, g, request
from persiantools.jdatetime import JalaliDateTime

from jibit_sandbox.behaviours.catalogue import Behaviour
from jibit_sandbox.i18n.persian import MEANINGS

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
    "wallet payment": ("پرداخت از کیف پول", "Wallet payment"),
    "merchant": ("پذیرنده", "Merchant"),
    "amount": ("مبلغ", "Amount"),
    "toman": ("تومان", "Toman"),
    "rials": ("ریال", "Rials"),
    "order": ("شمارهٔ سفارش", "Order"),
    "description": ("شرح", "Description"),
    "time left": ("زمان باقی‌مانده", "Time left"),
    "card number": ("شمارهٔ کارت", "Card number"),
    "cvv2": ("CVV2", "CVV2"),
    "month": ("ماه انقضا", "Month"),
    "year": ("سال انقضا", "Year"),
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
    "left": ("مرورگر ناپدید شد و پولی پرداخت نشد", "The browser is gone, and nothing was paid"),
    "left note": (
        "فروشگاه خبری نگرفت؛ سفارش همچنان در انتظار پرداخت است.",
        "The shop was told nothing; the order still waits for its payment.",
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
    "mobile": ("شمارهٔ موبایل", "Mobile number"),
    "balance": ("موجودی کیف پول", "Wallet balance"),
    "code": ("کد یکبارمصرف", "One-time code"),
    "code sent": ("پیامک آزمایشی به", "Test message to"),
    "your code": ("کد شما", "your code is"),
    "wrong code": ("کد یکبارمصرف نادرست است.", "The one-time code is wrong."),
    "not enough": ("موجودی کیف پول کافی نیست.", "There is not enough money in the wallet."),
    "refuse": ("موجودی ناکافی", "Not enough money"),
    "leave": ("ناپدید شدن بی‌پرداخت", "Vanish without paying"),
    "take back": ("لغو پرداخت و بازگشت پول", "Cancel the payment, money back"),
    "take back note": (
        "تا فروشگاه پرداخت را تأیید نکرده است می‌توانید آن را لغو کنید؛ پول به کیف پول بازمی‌گردد.",
        "Until the shop has verified the payment you may cancel it; the money returns.",
    ),
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
    "world": ("جهان", "World"),
    "open": ("باز کن", "Open"),
    "credentials": ("کلیدهای این جهان", "This world's credentials"),
    "orders": ("سفارش‌ها", "Orders"),
    "state": ("وضعیت", "State"),
    "state awaiting": ("در انتظار", "awaiting"),
    "state paid": ("پرداخت‌شده", "paid"),
    "state captured": ("تأییدشده", "captured"),
    "state failed": ("ناموفق", "failed"),
    "state expired": ("منقضی", "expired"),
    "gateway": ("درگاه", "Gateway"),
    "gateway ppg": ("کارت", "Card"),
    "gateway wallet": ("کیف پول", "Wallet"),
    "wallets": ("کیف‌های پول", "Wallets"),
    "other wallets": ("کیف‌های دیگر", "All others"),
    "inquiry says": ("پاسخ استعلام", "An inquiry says"),
    "tracking number": ("شمارهٔ پیگیری", "Tracking number"),
    "reference": ("شمارهٔ مرجع", "Reference"),
    "created": ("ساخته‌شده در", "Created"),
    "expires": ("انقضا", "Expires"),
    "callback": ("نشانی بازگشت", "Callback"),
    "no orders": ("هنوز سفارشی نیست.", "No orders yet."),
    "traffic": ("ترافیک", "Traffic"),
    "no traffic": ("درخواستی پیدا نشد.", "No requests found."),
    "search": ("جستجو", "Search"),
    "search hint": ("fingerprint / order / reference", "fingerprint / order / reference"),
    "operation": ("عملیات", "Operation"),
    "all": ("همه", "all"),
    "filter": ("پالایش", "Filter"),
    "when": ("زمان", "When"),
    "request": ("درخواست", "Request"),
    "answer": ("پاسخ", "Answer"),
    "fate": ("سرانجام", "Fate"),
    "fate answered": ("پاسخ داده شد", "answered"),
    "fate being answered": ("در حال پاسخ", "being answered"),
    "fate never answered": ("بی‌پاسخ", "never answered"),
    "fate answer lost": ("پاسخ گم شد", "answer lost"),
    "fate cut in the body": ("میانهٔ بدنه بریده شد", "cut in the body"),
    "fate callback withheld": ("بازگشت نیامد", "callback withheld"),
    "fate not delivered": ("نرسید", "not delivered"),
    "source header": ("با سرآیند", "by header"),
    "source order": ("برای این سفارش", "for this order"),
    "source next calls": ("برای درخواست‌های بعدی", "for the next calls"),
    "source world": ("برای این پذیرنده", "for this merchant"),
    "source chaos": ("از آشوب", "by chaos"),
    "source test card": ("با کارت آزمایشی", "by test card"),
    "clock": ("ساعت", "Clock"),
    "clock real": ("واقعی", "real"),
    "clock frozen": ("ایستاده", "frozen"),
    "clock accelerated": ("تندشده", "accelerated"),
    "freeze": ("نگه‌دار", "Freeze"),
    "real time": ("زمان واقعی", "Real time"),
    "accelerate": ("۶۰ برابر تندتر", "60 times faster"),
    "advance by": ("جلو بردن (ثانیه)", "Advance by (seconds)"),
    "advance": ("جلو ببر", "Advance"),
    "behaviour": ("رفتار", "Behaviour"),
    "behaviours": ("رفتارها", "Behaviours"),
    "usual": ("هرجا بخورد", "wherever it fits"),
    "times": ("چند بار (۰ همیشه)", "Times (0 always)"),
    "arm": ("بگذار", "Arm"),
    "always": ("همیشه", "always"),
    "remove": ("بردار", "Remove"),
    "no rules": ("هیچ رفتاری در انتظار نیست.", "No behaviour is waiting."),
    "release": ("رها کردن درخواست‌های نگه‌داشته", "Release held calls"),
    "what they do": ("هر رفتار چه می‌کند", "What each one does"),
    "chaos": ("آشوب و خطاها", "Chaos and faults"),
    "chaos runs": ("آشوب در کار است؛ بذر", "Chaos is running; seed"),
    "seed": ("بذر", "Seed"),
    "start": ("آغاز", "Start"),
    "stop": ("پایان", "Stop"),
    "faults": ("خطاهای واردشده", "Faults injected"),
    "no faults": ("هنوز خطایی وارد نشده است.", "No faults injected yet."),
    "switches": ("نکته‌های باز مستند", "Open points of the document"),
    "save": ("ذخیره", "Save"),
    "magic amounts": ("مبلغ‌های ویژه (ریال)", "Magic amounts (Rials)"),
    "reset": ("پاک کردن این جهان", "Reset this world"),
    "reset note": (
        "سفارش‌ها، توکن‌ها، رفتارها و ترافیک این جهان پاک می‌شوند.",
        "Its orders, tokens, behaviours and traffic are removed.",
    ),
    "payment page": ("صفحهٔ پرداخت", "Payment page"),
    "replay callback": ("فرستادن دوبارهٔ بازگشت", "Send the callback again"),
    "replay": ("فرستادن دوباره", "Send again"),
    "fingerprint": ("اثر انگشت", "Fingerprint"),
    "copy": ("رونوشت", "Copy"),
    "other language": ("English", "فارسی"),
}


REASONS = {
    "created by the merchant": "پذیرنده آن را ساخت",
    "paid at the bank's page": "در صفحهٔ بانک پرداخت شد",
    "declined by the bank": "بانک نپذیرفت",
    "cancelled by the payer": "خریدار انصراف داد",
    "refused: insufficient funds": "موجودی کافی نبود",
    "verified by the merchant": "پذیرنده تأیید کرد",
    "verified before it was paid": "پیش از پرداخت تأیید خواسته شد",
    "not verified in time: the money is returned to the payer": "به‌موقع تأیید نشد: پول بازمی‌گردد",
    "nobody paid in time": "کسی به‌موقع پرداخت نکرد",
    "paid from the wallet": "از کیف پول پرداخت شد",
    "cancelled by the payer: the money is returned to the payer": (
        "خریدار انصراف داد: پول بازمی‌گردد"
    ),
}


def language_of(requested: Request) -> str:
    """``?lang=`` first, then Accept-Language; Persian where neither says."""
    said = requested.args.get("lang")
    if said in ("fa", "en"):
        return said
    return requested.accept_languages.best_match(["fa", "en"], "fa")


def speak(app: Flask) -> None:
    """Give every template its language: ``t`` for words, and filters for numbers and moments."""
    app.before_request(choose_language)
    app.context_processor(language_for_templates)
    app.template_filter("number")(number)
    app.template_filter("toman")(toman)
    app.template_filter("moment")(moment)
    app.template_filter("digits")(digits)
    app.template_filter("hour")(hour)
    app.template_filter("indented")(indented)


def choose_language() -> None:
    g.language = language_of(request)


def language_for_templates() -> dict[str, Any]:
    words: Callable[[str], str] = word
    return {
        "language": g.language,
        "t": words,
        "meaning": meaning,
        "why": why,
        "other_language": other_language(g.language),
    }


def meaning(behaviour: Behaviour) -> str:
    """What a behaviour rehearses, in the page's language."""
    return MEANINGS[behaviour.name] if g.language == "fa" else behaviour.description


def why(reason: str) -> str:
    """Why an order moved; what has no Persian yet stays as it was noted."""
    return REASONS.get(reason, reason) if g.language == "fa" else reason


def indented(body: str) -> str:
    """JSON as people read it; anything else as it is."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body


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


def hour(at: datetime) -> str:
    """The time of day, where the day goes without saying."""
    if g.language == "fa":
        return digits(at.astimezone(TEHRAN).strftime("%H:%M:%S"))
    return at.strftime("%H:%M:%S")


def moment(at: datetime) -> str:
    """In Tehran's time and the Jalali calendar where the page is Persian, otherwise ISO in UTC."""
    if g.language == "fa":
        local = JalaliDateTime(at.astimezone(TEHRAN))  # type: ignore[no-untyped-call] # untyped library
        return digits(local.strftime("%Y/%m/%d %H:%M:%S"))
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")
