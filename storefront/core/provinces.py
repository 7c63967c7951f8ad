"""List Iran's 31 provinces: the code that an order keeps, and the names in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

PROVINCES: Mapping[str, tuple[str, str]] = {
    "tehran": ("تهران", "Tehran"),
    "alborz": ("البرز", "Alborz"),
    "ardabil": ("اردبیل", "Ardabil"),
    "east-azerbaijan": ("آذربایجان شرقی", "East Azerbaijan"),
    "west-azerbaijan": ("آذربایجان غربی", "West Azerbaijan"),
    "bushehr": ("بوشهر", "Bushehr"),
    "chaharmahal-bakhtiari": ("چهارمحال و بختیاری", "Chaharmahal and Bakhtiari"),
    "fars": ("فارس", "Fars"),
    "gilan": ("گیلان", "Gilan"),
    "golestan": ("گلستان", "Golestan"),
    "hamadan": ("همدان", "Hamadan"),
    "hormozgan": ("هرمزگان", "Hormozgan"),
    "ilam": ("ایلام", "Ilam"),
    "isfahan": ("اصفهان", "Isfahan"),
    "kerman": ("کرمان", "Kerman"),
    "kermanshah": ("کرمانشاه", "Kermanshah"),
    "khuzestan": ("خوزستان", "Khuzestan"),
    "kohgiluyeh-boyerahmad": ("کهگیلویه و بویراحمد", "Kohgiluyeh and Boyer-Ahmad"),
    "kurdistan": ("کردستان", "Kurdistan"),
    "lorestan": ("لرستان", "Lorestan"),
    "markazi": ("مرکزی", "Markazi"),
    "mazandaran": ("مازندران", "Mazandaran"),
    "north-khorasan": ("خراسان شمالی", "North Khorasan"),
    "razavi-khorasan": ("خراسان رضوی", "Razavi Khorasan"),
    "south-khorasan": ("خراسان جنوبی", "South Khorasan"),
    "qazvin": ("قزوین", "Qazvin"),
    "qom": ("قم", "Qom"),
    "semnan": ("سمنان", "Semnan"),
    "sistan-baluchestan": ("سیستان و بلوچستان", "Sistan and Baluchestan"),
    "yazd": ("یزد", "Yazd"),
    "zanjan": ("زنجان", "Zanjan"),
}


_ALPHABET = {letter: place for place, letter in enumerate("آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی")}


@cache
def names_of_provinces(language: str) -> Sequence[tuple[str, str]]:
    """Return codes and names in the order of the language's alphabet."""
    named = [(code, province_name(code, language)) for code in PROVINCES]
    return sorted(named, key=lambda each: [_ALPHABET.get(c, ord(c)) for c in each[1]])


def province_name(code: str, language: str) -> str:
    """Return a province's name; a code that is not known stays as it is."""
    fa, en = PROVINCES.get(code, (code, code))
    return fa if language == "fa" else en
