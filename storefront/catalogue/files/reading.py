"""Read a catalogue file of any format into a table; the content says which format it is."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from storefront.catalogue.files import delimited, json_file, sheets
from storefront.catalogue.files.decoding import decoded
from storefront.catalogue.files.problems import N_, Problems
from storefront.catalogue.files.tables import EMPTY, MOST_BYTES, TOO_LARGE, Table

OLD_EXCEL = N_(
    "this is an old Excel file, or one with a password: save it as .xlsx without a password"
)
WEB_PAGE = N_("this is a web page, whatever its name says: open it in Excel and save it as .xlsx")
UNREADABLE = N_("the file cannot be read: %(reason)s")


def read_table(path: Path, foreign: Collection[str], problems: Problems) -> Table:
    """Return the file's table.

    ``foreign`` are keys of headings that belong to other shops' exports. Raises WrongFile where
    nothing can be read; smaller problems are noted.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise problems.stop(UNREADABLE, reason=error.strerror or error) from None
    if len(content) > MOST_BYTES:
        raise problems.stop(TOO_LARGE, most=MOST_BYTES // 10**6)
    if content.startswith(b"PK\x03\x04"):
        return sheets.read(content, foreign, problems)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise problems.stop(OLD_EXCEL)
    return _read_text(decoded(content, problems), foreign, problems)


def _read_text(text: str, foreign: Collection[str], problems: Problems) -> Table:
    start = text.lstrip().lstrip("\ufeff")[:200].casefold()
    if not start:
        raise problems.stop(EMPTY)
    if start.startswith(("<html", "<!doctype", "<table", "<?xml", "<meta")):
        raise problems.stop(WEB_PAGE)
    if start.startswith(("{", "[")):
        return json_file.read(text.lstrip("\ufeff"), problems)
    return delimited.read(text, foreign, problems)
