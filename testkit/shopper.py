"""A shopper with a plain browser: reads pages, fills in forms, keeps cookies, runs no script."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.test import TestResponse

from jibit_sandbox.core.callback import Callback
from testkit.valid_html import parse_errors

DETAILS = {
    "full_name": "مریم حسینی",
    "mobile": "09121234567",
    "province": "tehran",
    "city": "تهران",
    "address": "خیابان ولیعصر، پلاک ۱۲",
    "postal_code": "1591634311",
}
FURTHEST = 5  # redirects inside the shop before something is clearly wrong


class Page:
    """An answer of the shop, as somebody reads it; what claims to be HTML must be right HTML."""

    def __init__(self, response: TestResponse) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.path = response.request.path
        self.html = response.get_data().decode(errors="replace")  # a file is no text
        if response.mimetype == "text/html":
            assert parse_errors(self.html) == [], self.path

    @cached_property
    def soup(self) -> BeautifulSoup:
        """The page, taken apart."""
        return BeautifulSoup(self.html, "html.parser")

    @property
    def text(self) -> str:
        """All its words, with single blanks between them."""
        return " ".join(self.soup.get_text(" ").split())

    @property
    def heading(self) -> str:
        """Its one `h1`."""
        (heading,) = self.soup.find_all("h1")
        return " ".join(heading.get_text(" ").split())

    def form_with(self, button: str) -> tuple[Tag, Tag]:
        """The first form that has a button beginning with these words, and the button."""
        for form in self.soup.find_all("form"):
            outside = self.soup.select(f"button[form='{form.get('id')}']")
            for found in [*form.find_all("button"), *outside]:
                if found.get_text(" ", strip=True).startswith(button):
                    return form, found
        raise AssertionError(f"no button {button!r} on {self.path}: {self.text}")

    def fields(self, button: str) -> dict[str, str]:
        """What the form would send as it stands."""
        form, pressed = self.form_with(button)
        given = [field for field in form.find_all("input") if _is_sent(field)]
        pairs = [(field["name"], field.get("value", "")) for field in given]
        pairs += [(area["name"], area.text.lstrip("\n")) for area in form.find_all("textarea")]
        pairs += [(each["name"], _chosen(each)) for each in form.find_all("select")]
        pairs += [(pressed["name"], pressed["value"])] if pressed.get("name") else []
        return {str(name): str(value) for name, value in pairs}


def _is_sent(field: Tag) -> bool:
    """A radio button is sent if it is the chosen one, a box if it is ticked, a file never."""
    if field.get("type") == "file" or not field.get("name"):
        return False
    return field.get("type") not in ("radio", "checkbox") or field.has_attr("checked")


def _chosen(select: Tag) -> str:
    """What a list sends: the option that is chosen, else its first."""
    options = select.find_all("option")
    chosen = [option for option in options if option.has_attr("selected")]
    return str((chosen or options)[0].get("value", ""))


class Shopper:
    """One browser. ``page`` is what it shows; ``sent_to`` is where the shop sent it, if away."""

    page: Page

    def __init__(self, app: Flask, language: str = "en", **client: Any) -> None:
        self.client = app.test_client(**client)
        self.sent_to: str | None = None
        self.client.get(f"/language/{language}")  # for its cookie: where it leads, nobody looks

    def open(self, address: Callback | str) -> Page:
        """Open an address of the shop, or post a callback's form, and follow where it leads."""
        called = Callback(address) if isinstance(address, str) else address
        if called.form is not None:
            return self._follow(self.client.post(_inside(called.url), data=called.form))
        return self._follow(self.client.get(_inside(called.url)))

    def press(self, button: str, **typed: Any) -> Page:
        """Fill in the form that has this button, send it and follow.

        A list of texts ticks several boxes of one name; ``(stream, "name.png")`` is a file.
        """
        form, pressed = self.page.form_with(button)
        values: dict[str, Any] = {**self.page.fields(button), **typed}
        action = str(pressed.get("formaction") or form.get("action") or "")
        to = urljoin(self.page.path, action)
        if str(pressed.get("formmethod") or form.get("method") or "get").lower() == "get":
            values.pop("csrf_token", None)
            return self._follow(self.client.get(to, query_string=values))
        return self._follow(self.client.post(to, data=values))

    def confirm(self, button: str, yes: str = "") -> Page:
        """Press a button, and ``yes`` (the same word, if none) on the page that asks first."""
        asking = self.press(button)
        assert asking.status == 200, asking.text
        assert asking.heading.endswith("?"), asking.heading
        return self.press(yes or button)

    def put_in_cart(self, slug: str = "turquoise-bowl", pieces: int | str = 1) -> Page:
        """Put pieces of a good into the cart, from its page."""
        self.open(f"/products/{slug}")
        return self.press("Add to cart", quantity=str(pieces))

    def check_out(self, **changed: str) -> str:
        """Fill in the details and go to pay, by card unless told otherwise. Gives the switching
        URL."""
        self.open("/checkout")
        self.press("Pay", **(DETAILS | changed))
        assert self.sent_to, f"not sent to the gateway: {self.page.text}"
        return self.sent_to

    def goes_to_pay(self, slug: str = "turquoise-bowl", pieces: int = 1, **changed: str) -> str:
        """Buy, from the product page on. Gives the switching URL."""
        self.put_in_cart(slug, pieces)
        return self.check_out(**changed)

    def _follow(self, response: TestResponse) -> Page:
        self.sent_to = None
        for _ in range(FURTHEST):
            to = response.headers.get("Location")
            if to is None:
                break
            if urlsplit(to).netloc not in ("", "localhost"):
                self.sent_to = to
                break
            response = self.client.get(_inside(to))
        self.page = Page(response)
        return self.page


def _inside(address: str) -> str:
    """The part after the host: the test client has its own."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
