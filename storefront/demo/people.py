"""Invent customers: names as they are common in Iran, streets of its towns, numbers of nobody."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

WOMEN = (
    "مریم", "زهرا", "فاطمه", "سارا", "نرگس", "الهام", "نیلوفر", "پریسا", "شیرین", "مهسا",
    "لیلا", "آزاده", "سمیرا", "مینا", "نگار", "هانیه", "ریحانه", "شکیبا", "ترانه", "بهار",
)  # fmt: skip
MEN = (
    "علی", "محمد", "حسین", "رضا", "امیر", "مهدی", "سعید", "حمید", "بهنام", "کاوه", "آرش",
    "سیاوش", "فرهاد", "نیما", "پوریا", "داوود", "کیوان", "مسعود", "بابک", "پیمان",
)  # fmt: skip
FAMILIES = (
    "حسینی", "احمدی", "رضایی", "محمدی", "کریمی", "موسوی", "جعفری", "صادقی", "رحیمی", "هاشمی",
    "نوری", "اکبری", "قاسمی", "یزدانی", "شریفی", "فرهادی", "کاظمی", "زارعی", "باقری", "میرزایی",
    "عباسی", "طاهری", "نجفی", "سلیمانی", "حیدری", "شفیعی", "امینی", "فلاحی", "جوادی", "ملکی",
)  # fmt: skip
TOWNS = (
    ("tehran", "تهران", "خیابان ولیعصر", 34),
    ("tehran", "تهران", "خیابان شریعتی", 12),
    ("isfahan", "اصفهان", "خیابان چهارباغ بالا", 11),
    ("razavi-khorasan", "مشهد", "بلوار وکیل‌آباد", 10),
    ("fars", "شیراز", "خیابان زند", 9),
    ("east-azerbaijan", "تبریز", "خیابان امام", 7),
    ("alborz", "کرج", "بلوار طالقانی", 6),
    ("gilan", "رشت", "خیابان لاکانی", 4),
    ("khuzestan", "اهواز", "خیابان نادری", 3),
    ("yazd", "یزد", "خیابان قیام", 2),
    ("kerman", "کرمان", "خیابان شریعتی", 2),
)
_SHARES = tuple(share for *_place, share in TOWNS)
_NOBODYS = "0900000"  # the first digits of numbers that no operator gives out
CARDS = ("603799", "610433", "627353", "589210", "622106", "502229", "639347")


@dataclass(frozen=True, slots=True)
class Person:
    """Who buys, and where it is sent."""

    full_name: str
    mobile: str
    province: str
    city: str
    address: str
    postal_code: str


def somebody(rng: Random) -> Person:
    """Invent a customer."""
    ((province, town, street, _share),) = rng.choices(TOWNS, _SHARES)
    first = rng.choice(WOMEN if rng.random() < 0.6 else MEN)
    return Person(
        full_name=f"{first} {rng.choice(FAMILIES)}",
        mobile=f"{_NOBODYS}{rng.randrange(10_000):04}",
        province=province,
        city=town,
        address=f"{street}، پلاک {rng.randint(1, 240)}، واحد {rng.randint(1, 12)}",
        postal_code=f"{rng.randint(1, 9)}{rng.randrange(10**9):09}",
    )


def card(rng: Random) -> str:
    """Invent a card, masked."""
    return f"{rng.choice(CARDS)}******{rng.randrange(10_000):04}"
