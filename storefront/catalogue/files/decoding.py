"""Find out in which encoding a text file was saved."""

from __future__ import annotations

import codecs
import re

from storefront.catalogue.files.problems import N_, Problems

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOST_LETTER = re.compile(r"[\u0621-\u06ff]\?|\?[\u0621-\u06ff]")

FORMAT = "CSV UTF-8"  # as Excel names it
NOT_TEXT = N_("this is no text in an encoding that we know: save the file as “%(format)s”")
CUT = N_("the file ends in the middle of a letter, so its end is missing: save or copy it again")
LETTERS_LOST = N_(
    "Persian letters were replaced by question marks when the file was saved: save it anew as"
    " “%(format)s”"
)


def decoded(content: bytes, problems: Problems) -> str:
    """Return the text of a file. Raises WrongFile."""
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeError as error:
        if _is_cut(error, content) and encoding.startswith("utf-8"):
            raise problems.stop(CUT) from None
        raise problems.stop(NOT_TEXT, format=FORMAT) from None
    if "\0" in text:
        raise problems.stop(NOT_TEXT, text.count("\n", 0, text.index("\0")) + 1, format=FORMAT)
    lost = _LOST_LETTER.search(text) if encoding == "cp1256" else None
    if lost:
        raise problems.stop(LETTERS_LOST, text.count("\n", 0, lost.start()) + 1, format=FORMAT)
    return text


def _encoding(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    if (
        b"\0" in content[:200]
    ):  # UTF-16 whose mark was lost: every heading has Latin signs or commas
        return "utf-16-le" if content[1::2].count(0) >= content[::2].count(0) else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return "utf-8" if _is_cut(error, content) else "cp1256"
    return "utf-8"


def _is_cut(error: UnicodeError, content: bytes) -> bool:
    """Return whether UTF-8 stops in its last letter; one letter alone may be in Windows-1256."""
    if not isinstance(error, UnicodeDecodeError) or error.reason != "unexpected end of data":
        return False
    return not content[: error.start].isascii()
