"""Find slips of the pen in Persian text: spaces, letters, punctuation, and words with two forms."""

from __future__ import annotations

import re

_LETTER = "[آ-ی\u200c]"
SLIPS = {
    "a letter or digit of Arabic": r"[يىكة٠-٩]",
    "no half-space behind می": rf"(?<!{_LETTER})ن?می (?=[آ-ی])",
    "a space before ها, تر or ای": rf"[آ-ی] (?:ها|های|هایی|هایتان|تر|ترین|ای|اند)(?!{_LETTER})",
    "ه ی apart": rf"ه[ \u200c]ی(?!{_LETTER})",
    "a half-space beside no letter": r"(?<![آ-یٔ])\u200c|\u200c(?![آ-ی])",
    "a space before punctuation": r"[آ-ی] +[،؛:؟.!»](?!\w)",
    "no space behind punctuation": r"[،؛؟][آ-ی]",
    "Latin punctuation": rf"{_LETTER}[,;?]",
    "a mobile number is موبایل": r"(?:شماره|شمارهٔ|تلفن) همراه",
    "written otherwise elsewhere": r"این‌جا|آن‌جا|جستجو|همزمان|نخست(?!ین)|لینک|موسسه",
}
_QUOTES = re.compile(r"گیومه")


def slips(persian: str, english: str = "") -> list[str]:
    """Return what is wrong with a text, with the place; straight quotes stay as in the English."""
    found = [
        f"{what}: …{persian[max(0, match.start() - 15) : match.end() + 15]}…"
        for what, shape in SLIPS.items()
        for match in re.finditer(shape, persian)
    ]
    if '"' in persian and '"' not in english and not _QUOTES.search(persian):
        found.append("straight quotes: write «»")
    return found
