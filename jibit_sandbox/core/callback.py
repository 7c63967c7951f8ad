"""How the payer's browser returns to the shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

TO_SHOP = "to-shop"  # the id of the form in templates/bank/to_shop.html


@dataclass(frozen=True, slots=True)
class Callback:
    """The browser opens ``url``, or posts ``form`` to it."""

    url: str
    form: Mapping[str, str] | None = None


def callback_in(page: str) -> Callback | None:
    """Return what the form of such a page posts; None if the page has no such form."""
    reader = FormReader()
    reader.feed(page)
    return None if reader.address is None else Callback(reader.address, reader.fields)


class FormReader(HTMLParser):
    """Reads address and hidden fields of the form that returns to the shop."""

    def __init__(self) -> None:
        super().__init__()
        self.address: str | None = None
        self.fields: dict[str, str] = {}
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the form's address, and each field in it."""
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = said.get("id") == TO_SHOP
            self.address = said["action"] if self._inside else self.address
        elif tag == "input" and self._inside:
            self.fields[said["name"]] = said["value"]
