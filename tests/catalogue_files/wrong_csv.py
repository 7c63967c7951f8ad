"""CSV files that cannot be imported, each with a mistake that merchants make."""

from __future__ import annotations

from tests.catalogue_files.building import (
    CUP,
    HEADS,
    POT,
    Case,
    changed,
    rows_of,
    text_of,
    wrong,
    wrong_cell,
)

PLAIN = text_of(rows_of())
NO_PRICE = [head for head in HEADS if head != "price_toman"]


def headed(name: str, old: str, new: str, *says: str) -> Case:
    """The two products with a heading changed."""
    return wrong(name, PLAIN.replace(old, new, 1), "line 1", *says)


MANY = rows_of(HEADS, *(changed(CUP, slug=f"cup-{n}", stock="many") for n in range(25)))


def shown_as_1256(text: str) -> str:
    """A text in UTF-8 as a program shows it that takes it for Windows-1256."""
    return text.encode().decode("cp1256")


CUT = {n: PLAIN.encode() + "🫖".encode()[:n] for n in (1, 2, 3)}


def in_pieces(name: str, row: str, price: str, heads: str = "slug,price_toman,stock") -> Case:
    """A row of a short CSV whose price is divided by its own commas."""
    said = f"line 2, {heads.split(',')[1]}: the price {price} stands without"
    return wrong(name, f"{heads}\n{row}\n", said, prices_in="toman")


CASES = [
    in_pieces("a price in pieces, no stock", "tea-pot,450,000", "450,000"),
    in_pieces("a price in pieces, the stock empty", "tea-pot,450,000,", "450,000"),
    in_pieces("a price in odd pieces, the stock empty", "tea-pot,450,500,", "450,500"),
    in_pieces("a price in pieces, fifty at its end", "tea-pot,1,050", "1,050"),
    in_pieces("a long price in pieces, the stock empty", "tea-pot,1,200,000,", "1,200,000"),
    in_pieces("a Persian price in pieces", "tea-pot,۴۵۰,۰۰۰", "450,000"),
    in_pieces("a price in pieces, no unit", "tea-pot,450,000", "450,000", "slug,price,stock"),
    in_pieces(
        "a regular price in pieces", "tea-pot,450,000", "450,000", "slug,Regular price,stock"
    ),
    in_pieces(
        *("a price in pieces over three columns", "tea-pot,1,200,000", "1,200,000"),
        heads="slug,price_toman,stock,position",
    ),
    wrong(
        "a price without quotation marks",
        PLAIN.replace(",120000,", ",1,200,000,"),
        *("line 2", "price_toman", "1,200,000", "became 3 cells", "write 1200000"),
    ),
    wrong(
        "a Persian price without quotation marks",
        PLAIN.replace(",120000,", ",۱۲۰,۰۰۰,"),
        *("line 2", "120,000", "2 cells"),
    ),
    wrong(
        "a cell too many", PLAIN.replace("بزرگ", "بزرگ,سنگین"), "line 3", "10 cells for 9 headings"
    ),
    wrong("a cell too few", PLAIN.replace(",بزرگ", ""), "line 3", "8 cells for 9 headings"),
    headed("a heading twice", "name_en", "نام", "means the same as the column name_fa"),
    headed("an unknown heading", "name_en", "supplier", "supplier", "remove the column"),
    headed("a misspelt heading", "name_en", "name_enn", "did you mean name_en?"),
    headed("a price in no unit", "price_toman", "price", "price", "Toman or Rials"),
    headed("two prices", "name_en", "price_rials", "price_rials", "price_toman"),
    headed("two stocks", "name_en", "stock_add", "stock", "stock_add"),
    headed("no column of slugs", "slug,", "description_en,", "no column slug"),
    wrong(
        "a column without a heading",
        PLAIN.replace("name_en", ""),
        *("line 2", "column 5 has cells, but no heading"),
    ),
    wrong(
        "two names for a category",
        text_of(rows_of(HEADS, CUP, changed(POT, category_name_fa="نوشیدنی"))),
        *("line 3", "category_name_fa", "نوشیدنی", "“چای” in line 2"),
    ),
    wrong(
        "a slug twice, after line breaks inside a cell",
        text_of(rows_of(HEADS, changed(CUP, description_fa="یک\nدو\nسه"), POT, CUP)),
        *("line 6, slug «tea-cup»", "stands in line 2 already"),
    ),
    wrong_cell("a Persian slug", "slug", "استکان کمرباریک", "for example astkan-kmrbarik"),
    wrong_cell("a slug with capitals", "slug", "Tea Pot", "for example tea-pot"),
    wrong_cell("a slug that became a date", "slug", "01-Feb", "made a date"),
    wrong_cell("a slug that is too long", "slug", "a" * 81, "81 characters", "room for 80"),
    wrong_cell("a name that is too long", "name_fa", "ن" * 201, "201 characters", "room for 200"),
    wrong_cell("an empty name", "name_fa", " \u200f ", "is empty"),
    wrong_cell("an invisible name", "name_fa", "\u3164\u2800", "is empty"),
    wrong_cell("an error of a formula", "name_fa", "#NAME?", "error of the spreadsheet"),
    wrong_cell("garbled letters", "name_fa", "Ù‚ÙˆØ±ÛŒ", "has lost its letters", "CSV UTF-8"),
    wrong_cell("a price in words", "price_toman", "توافقی", "is no number"),
    wrong_cell("an empty price", "price_toman", "", "is empty"),
    wrong_cell("a shortened price", "price_toman", "9E+05", "shortened by the spreadsheet"),
    wrong_cell("a price to be read in two ways", "price_toman", "1.200", "write 1, or 1200 if"),
    wrong_cell("a comma and two digits", "price_toman", "450,00", "write 450 if", "else 45,000"),
    wrong_cell("a comma and one digit", "price_toman", "12,5 تومان", "write 12.5 if", "else 125"),
    wrong_cell("a space and two digits", "price_toman", "450 00", "is no number"),
    wrong_cell("a hard space and two digits", "price_toman", "450\xa000", "is no number"),
    wrong_cell("an apostrophe and two digits", "price_toman", "450'00", "is no number"),
    wrong_cell("a thousands mark and two digits", "price_toman", "۴۵۰٬۰۰", "is no number"),
    wrong_cell("a Persian comma and two digits", "price_toman", "۴۵۰،۰۰", "is no number"),
    wrong_cell("groups by dots, then a space", "price_toman", "1.200.000 00", "is no number"),
    wrong_cell("pieces with a space", "stock", "12 3", "is no number"),
    wrong_cell("pieces with a comma", "stock", "12,3", "can be read in two ways"),
    wrong(
        "Rials with a space and two digits",
        PLAIN.replace("price_toman", "price_rials").replace("900000", "9000 00"),
        *("line 3, price_rials «9000 00»", "is no number"),
    ),
    wrong_cell("a price in another unit", "price_toman", "900000 ریال", "names another unit"),
    wrong_cell("a price of nothing", "price_toman", "0", "from 1 to 181,818,181"),
    wrong_cell("a price below zero", "price_toman", "-5", "from 1 to"),
    wrong_cell("a price no card can pay", "price_toman", "210,000,000", "from 1 to 181,818,181"),
    wrong_cell("groups that are none", "price_toman", "12,00,000", "is no number"),
    wrong_cell("a price of 5000 digits", "price_toman", "9" * 5000, "is no number"),
    wrong_cell("pieces in words", "stock", "۳ عدد", "is no number"),
    wrong_cell("half a piece", "stock", "1.5", "a whole number"),
    wrong_cell("pieces below zero", "stock", "-1", "from 0 to 1,000,000,000"),
    wrong_cell("a picture that is not there", "image", "goods/tea-glas.svg", "static/goods"),
    wrong_cell("a picture nearly there", "image", "copper-samowar.svg", "copper-samovar.svg?"),
    wrong_cell("a picture elsewhere", "image", "https://a.ir/cup.jpg", "another site"),
    wrong_cell("a picture outside", "image", "../../etc/passwd.png", "no such picture"),
    wrong_cell("no picture", "image", "cup.pdf", "is no picture"),
    wrong("25 mistakes", text_of(MANY), "line 2, stock «many»", "line 21, stock", "and 5 more"),
    wrong("an open quotation mark", PLAIN.replace("بزرگ", '"بزرگ'), "line 3", "quotation mark"),
    wrong("an empty file", b"", "no rows of products"),
    wrong("headings alone", text_of([HEADS]), "no rows of products"),
    wrong("letters lost by Windows", PLAIN.encode("cp1256", "replace"), "question marks"),
    wrong(
        "all letters lost",
        PLAIN.encode("ascii", "replace"),
        *("line 2, category_name_fa «???»: Persian letters", "line 3, name_fa «????»"),
    ),
    wrong_cell("most letters lost", "name_fa", "????? 24 cm", "question marks"),
    wrong_cell("a word lost", "name_fa", "??? Earl Grey", "question marks"),
    wrong_cell("a description lost", "description_fa", "???? ??????.\n???", "question marks"),
    wrong(
        "UTF-8 opened as Windows-1256 and saved again",
        text_of(rows_of(HEADS, CUP, [shown_as_1256(cell) for cell in POT])),
        *("line 3, name_fa", "has lost its letters", "CSV UTF-8"),
    ),
    wrong_cell("one name so", "name_fa", f"{shown_as_1256('گل')} Rose", "has lost its letters"),
    *(wrong(f"cut after {n} of a letter", CUT[n], "ends in the middle of a letter") for n in CUT),
    wrong(
        "cut in a letter, with its mark",
        b"\xef\xbb\xbf" + PLAIN.encode() + "قوری".encode()[:-1],
        "ends in the middle of a letter",
    ),
    wrong("no text at all", b"slug,stock\n\0\1\2\3" * 99, "no text"),
    wrong("a web page named .xls", "<html><table><tr><td>1", "web page", file="goods.xls"),
    wrong("an old Excel file", b"\xd0\xcf\x11\xe0" + bytes(600), "save it as .xlsx", file="a.xls"),
]
