"""The Persian catalogue of the sandbox; run as a module, it brings it up to date.

``python -m tests.sandbox.catalogue`` reads the sources, adds new messages to the ``.po``, removes
those that nobody uses, and compiles the ``.mo``.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import jibit_sandbox

FOLDER = Path(jibit_sandbox.__file__).parent
PO = FOLDER / "i18n" / "fa" / "LC_MESSAGES" / "jibit_sandbox.po"
MO = PO.with_suffix(".mo")
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS: dict[str, tuple[int, ...] | None] = {  # where a message stands among the arguments
    "_": None,
    "gettext": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "Behaviour": (2,),
    "response_edit": (2,),
    "callback_behaviour": (2,),
    "CardScenario": (3,),
    "Code": (2,),
    "Problem": (2,),
}


def sources() -> Catalog:
    """Return every message of the sources, with the files it stands in."""
    found = Catalog(domain="jibit_sandbox", charset="utf-8")
    for path, _line, message, comments, context in extract_from_dir(FOLDER, METHODS, {}, KEYWORDS):
        found.add(message, None, [(path, 0)], auto_comments=comments, context=context)
    return found


def translations() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="fa", domain="jibit_sandbox")


def update() -> None:
    catalogue = translations()
    catalogue.update(sources(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    with PO.open("wb") as po, MO.open("wb") as mo:
        write_po(po, catalogue, sort_output=True, width=100)
        write_mo(mo, catalogue)


if __name__ == "__main__":
    update()
