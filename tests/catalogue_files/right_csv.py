"""CSV files that can be imported, as Excel, LibreOffice and text editors save them."""

from __future__ import annotations

from tests.catalogue_files.building import (
    CUP,
    HEADS,
    POT,
    RIALS,
    Case,
    changed,
    right,
    rows_of,
    text_of,
)

PLAIN = text_of(rows_of())
PERSIAN = (
    "شناسه",
    "دسته",
    "نام دسته",
    "نام",
    "نام انگلیسی",
    "توضیح",
    "تصویر",
    "قیمت (تومان)",
    "موجودی",
)
ODD_PERSIAN = (
    *("شناسه *", "دسته", "نام‌دسته", "نام كالا", "نام انگليسي", "توضيحات", "عکس"),
    *("قیمت به تومان", "موجودی"),
)
LINES = changed(CUP, description_fa='سفید\r\n"دست‌ساز"\r\n\r\nشش تکه')


def priced(name: str, cup: str, pot: str, head: str = "price_toman") -> Case:
    """The two products with their prices written in some way."""
    heads = [head if each == "price_toman" else each for each in HEADS]
    rows = rows_of(heads, changed(CUP, price_toman=cup), changed(POT, price_toman=pot))
    return right(name, text_of(rows))


CASES = [
    right("excel: CSV UTF-8", b"\xef\xbb\xbf" + PLAIN.encode()),
    right("excel: semicolons", b"\xef\xbb\xbf" + text_of(rows_of(), ";").encode()),
    right("excel: Unicode text", b"\xff\xfe" + text_of(rows_of(), "\t").encode("utf-16-le")),
    right(
        "excel: ANSI of a Persian Windows",
        text_of(rows_of(HEADS, changed(CUP, name_fa="فنجان كمرباريك چاي"), POT))
        .replace("ی", "ي")
        .encode("cp1256"),
        values={"tea-cup": {"name_fa": "فنجان کمرباریک چای"}},
    ),
    right(
        "excel: ANSI, one Persian letter at the very end",
        "slug,price_toman,name_fa\r\ntea-cup,120000,چ".encode("cp1256"),
        {"tea-cup": 1_200_000},
        values={"tea-cup": {"name_fa": "چ"}},
    ),
    right(
        "questions, and a word that only looks like lost letters",
        text_of(rows_of(HEADS, changed(CUP, name_fa="غژغژ؟", description_fa="چای? آری ??"), POT)),
        values={"tea-cup": {"name_fa": "غژغژ؟", "description_fa": "چای? آری ??"}},
    ),
    right("excel: sep=; above the headings", "sep=;\r\n" + text_of(rows_of(), ";")),
    right(
        "excel: empty rows and columns at the end",
        text_of([*([*row, "", ""] for row in rows_of()), [""] * 11, [""] * 11]),
    ),
    right("excel: an empty column between", text_of([[*r[:3], "", *r[3:]] for r in rows_of()])),
    right("libreoffice: every cell quoted", text_of(rows_of(), end="\n", quoted=True)),
    right("libreoffice: semicolons, no mark", text_of(rows_of(), ";", "\n")),
    right("libreoffice: tabs", text_of(rows_of(), "\t", "\n")),
    right("editor: no line break at the end", text_of(rows_of(), end="\n").rstrip()),
    right("editor: line ends of an old Mac", text_of(rows_of(), end="\r")),
    right("editor: UTF-16, big end first", b"\xfe\xff" + PLAIN.encode("utf-16-be")),
    right("editor: UTF-16 without its mark", PLAIN.encode("utf-16-le")),
    right("editor: spaces after commas", PLAIN.replace(",", ", ")),
    right(
        "editor: a quotation mark inside a text",
        text_of(rows_of(), end="\n").replace("سفید", 'قطر 24" سفید'),
        values={"tea-cup": {"description_fa": 'قطر 24" سفید'}},
    ),
    right(
        "line breaks inside a cell",
        text_of(rows_of(HEADS, LINES, POT)),
        values={"tea-cup": {"description_fa": 'سفید\n"دست‌ساز"\n\nشش تکه'}},
    ),
    right("empty lines between", PLAIN.replace("\r\n", "\r\n\r\n , ,\r\n")),
    right("a title above the headings", text_of([["فهرست کالاها"], ["", ""], *rows_of()])),
    right("headings in capitals", text_of(rows_of([h.upper().replace("_", " ") for h in HEADS]))),
    right("headings in Persian", text_of(rows_of(PERSIAN))),
    right("headings in Persian, as typed", text_of(rows_of(ODD_PERSIAN))),
    right("columns in another order", text_of([list(reversed(row)) for row in rows_of()])),
    priced("Persian digits", "۱۲۰٬۰۰۰", "۹۰۰۰۰۰"),
    priced("Arabic digits", "١٢٠،٠٠٠", "٩٠٠,٠٠٠"),
    priced("full-width digits", "１２００００", "９００，０００"),
    priced("groups by spaces", "120 000", "900\xa0000"),
    priced("groups by dots", "1.200.000", "9.000.000,00", "price_rials"),
    priced("fractions of nothing", "120000.0", "900,000.00"),
    priced("a fraction after a Persian point", "۱۲۰۰۰۰٫۰۰", "۹۰۰٬۰۰۰٫۰"),
    priced("groups by apostrophes", "120'000", "900’000"),
    priced("Rials", "1,200,000", "۹٬۰۰۰٬۰۰۰", "قیمت (ریال)"),
    priced("the unit in the cell", "۱۲۰٬۰۰۰ تومان", "900000 Toman"),
    priced("the Rial sign", "﷼ 1,200,000", "9,000,000 ﷼", "price_rials"),
    priced("a leading apostrophe", "'120000", "‏900000‎"),
    right(
        "invisible marks and half a Toman",
        text_of(
            rows_of(HEADS, changed(CUP, slug="\u200ftea-cup\u200e", price_toman="120000.5"), POT)
        ),
        RIALS | {"tea-cup": 1_200_005},
    ),
    right(
        "no English texts, no pictures",
        text_of([[c for p, c in enumerate(row) if p not in {4, 6}] for row in rows_of()]),
    ),
    right(
        "a small price beside three digits of stock",
        "slug,price_toman,stock,\ntea-cup,450,500,\ntea-pot,90,12,\n",
        {"tea-cup": 4_500, "tea-pot": 900},
        values={"tea-cup": {"stock": 500}},
    ),
    right(
        "a stock with zeros before it, after a semicolon",
        "slug;price_toman;stock\ntea-cup;450;050\n",
        {"tea-cup": 4_500},
        values={"tea-cup": {"stock": 50}},
    ),
    right("prices alone", "slug;price_toman\ntea-cup;130000\n", {"tea-cup": 1_300_000}),
    right(
        "a price whose unit the command says",
        "slug,قیمت\ntea-cup,130000\n",
        {"tea-cup": 1_300_000},
        prices_in="toman",
    ),
    right(
        "a guarded formula",
        text_of(rows_of(HEADS, changed(CUP, name_fa="'=1+1"), POT)),
        values={"tea-cup": {"name_fa": "=1+1"}},
    ),
]
