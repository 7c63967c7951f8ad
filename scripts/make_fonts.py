"""Cuts the shop's typeface down to the letters it needs: `python scripts/make_fonts.py`.

IBM Plex Sans Arabic comes as a package, under the SIL Open Font License; a page that needs Persian
and English needs an eighth of it. The licence reserves the typeface's name for the whole, so the
part carries none but its copyright. Its Persian zero is a fine dot; among prices that is too easily
missed, so it is drawn larger.
"""

from __future__ import annotations

import logging
from pathlib import Path

import fontpkg_ibm_plex_sans_arabic as typeface
from fontTools.misc.transform import Identity
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph

FONTS = Path(__file__).resolve().parents[1] / "static" / "fonts"
WEIGHTS = {"Regular": "regular.woff2", "SemiBold": "semibold.woff2"}
COPYRIGHT_AND_LICENCE = [0, 13, 14]
ZEROS = (0x0660, 0x06F0)
LARGER = {"Regular": 1.9, "SemiBold": 1.5}
FRACTIONS = {"frac", "numr", "dnom"}  # browsers apply these only where a style asks for them
LETTERS = [
    *range(0x0020, 0x007F),  # Latin
    *range(0x00A0, 0x0100),  # its accents, ×
    *(0x060C, 0x061B, 0x061F),  # the comma, the semicolon, the question mark
    *range(0x0621, 0x0653),  # Arabic: letters and vowels
    *(0x0654, 0x0655, 0x0670),  # its marks above and below
    *(0x067E, 0x0686, 0x0698, 0x06A9, 0x06AF, 0x06BE, 0x06C0, 0x06CC),  # Persian
    *(0x0695, 0x06B5, 0x06C6, 0x06CE, 0x06D5),  # Kurdish
    *range(0x0660, 0x066D),  # digits and their signs
    *range(0x06F0, 0x06FA),  # Persian digits
    *range(0x200C, 0x2010),  # joiners and marks of direction
    *range(0x2010, 0x2027),  # dashes, quotes, …
    0x2212,  # −
]


def cut(weight: str) -> TTFont:
    """One weight with our letters, and the rules that browsers apply to them by themselves."""
    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)  # it names tables it drops
    options = Options(hinting=False, name_IDs=COPYRIGHT_AND_LICENCE, name_legacy=False)
    options.layout_features = set(options.layout_features) - FRACTIONS
    font = TTFont(typeface.ROOT / "files" / f"IBMPlexSansArabic-{weight}.ttf")
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(font)
    letters = font.getBestCmap()
    drawn = {name: larger(font, name, LARGER[weight]) for name in map(letters.get, ZEROS)}
    for name, (glyph, room) in drawn.items():  # only now: one of them may be made of another
        font["glyf"][name], font["hmtx"][name] = glyph, room
    font.flavor = "woff2"
    return font


def larger(font: TTFont, name: str, times: float) -> tuple[Glyph, tuple[int, int]]:
    """A glyph drawn larger in its own place, and the room that it takes then."""
    glyphs, (room, before) = font.getGlyphSet(), font["hmtx"][name]
    bounds = BoundsPen(glyphs)
    glyphs[name].draw(bounds)
    left, bottom, right, top = bounds.bounds
    more = round((right - left) * (times - 1) * 1.5)
    middle = Identity.translate((left + right + more) / 2, (bottom + top) / 2).scale(times)
    pen = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(pen)
    outline = TTGlyphPen(None)
    pen.replay(TransformPen(outline, middle.translate(-(left + right) / 2, -(bottom + top) / 2)))
    return outline.glyph(), (room + more, before)


def main() -> None:
    """Write each weight, and the licence beside them."""
    FONTS.mkdir(parents=True, exist_ok=True)
    for former in FONTS.glob("*.woff2"):
        former.unlink()  # a page asks for each font that lies here
    for weight, name in WEIGHTS.items():
        cut(weight).save(FONTS / name)
    (FONTS / "LICENSE").write_bytes((typeface.ROOT / "LICENSE").read_bytes())


if __name__ == "__main__":
    main()
