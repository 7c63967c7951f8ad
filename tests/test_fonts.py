"""The typeface that is cut for the shop can write whatever the shop says."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import fontpkg_ibm_plex_sans_arabic as typeface
from babel.messages.pofile import read_po
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

from scripts.make_fonts import LARGER, LETTERS, ZEROS, cut

# The half-space only keeps letters apart; the mark after a Persian comma only gives a direction.
DRAW_NOTHING = {"\n", "\u200c", "\u200f"}
typeface_of = cache(cut)  # a second of work for each weight
SHOP = Path(__file__).parents[1] / "storefront"


def written() -> set[str]:
    """Every sign of the shop's words and of the bundled goods, in both languages."""
    with (SHOP / "translations/fa/LC_MESSAGES/messages.po").open("rb") as file:
        words = [f"{message.id}{message.string}" for message in read_po(file, locale="fa")]
    goods = json.loads((SHOP / "catalogue/data/catalogue.json").read_text(encoding="utf-8"))
    return set("".join(words) + json.dumps(goods, ensure_ascii=False)) - DRAW_NOTHING


def height(font: TTFont, letter: int) -> float:
    glyphs = font.getGlyphSet()
    pen = BoundsPen(glyphs)
    glyphs[font.getBestCmap()[letter]].draw(pen)
    _, bottom, _, top = pen.bounds
    return float(top - bottom)


def test_every_sign_the_shop_writes_is_in_the_typeface() -> None:
    font = typeface_of("Regular")
    assert written() - set(map(chr, LETTERS)) == set()
    assert written() - set(map(chr, font.getBestCmap())) == set()


def test_persian_letters_still_join_and_carry_their_vowels() -> None:
    rules = {
        record.FeatureTag
        for table in ("GSUB", "GPOS")
        for record in typeface_of("SemiBold")[table].table.FeatureList.FeatureRecord
    }
    assert {"init", "medi", "fina", "rlig", "mark", "kern"} <= rules


def test_a_persian_zero_is_larger_than_it_was_drawn() -> None:
    whole = TTFont(typeface.ROOT / "files" / "IBMPlexSansArabic-Regular.ttf")
    for zero in ZEROS:
        ratio = height(typeface_of("Regular"), zero) / height(whole, zero)
        assert abs(ratio - LARGER["Regular"]) < 0.05
