"""A shopper with a plain browser on the network, whose shop may die at any moment."""

from __future__ import annotations

import secrets
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from bs4 import BeautifulSoup, Tag
from bs4.filter import SoupStrainer
from requests.adapters import HTTPAdapter

from jibit_sandbox.core.callback import Callback
from testkit.shopper import DETAILS

TIMEOUT = 20  # seconds
BANK_PAGES = ("/payments", "/payment")  # the card's and the wallet's


def some_address() -> str:
    """An address in a network (a /64) that nobody else has, as far as chance goes."""
    return str(ip_address(0x20010DB8 << 96 | secrets.randbits(32) << 64 | 1))


class FromAddress(HTTPAdapter):
    """Connects from an address of this machine, such as 127.0.0.2."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Have every connection begin there."""
        super().init_poolmanager(*args, **kwargs, source_address=(self._address, 0))


class HttpShopper:
    """Keeps cookies, fills in forms, runs no script; sees a dead shop as ConnectionError.

    Each has an address of its own, which a shop with TRUSTED_PROXIES=1 believes; a web server in
    front sees the one given as ``address``. ``certificate`` is what a shop with https shows.
    """

    def __init__(
        self, shop: str, *, address: str | None = None, certificate: Path | None = None
    ) -> None:
        self._shop = shop
        self._browser = requests.Session()
        self._browser.trust_env = False
        self._browser.verify = str(certificate) if certificate else True
        if address is not None:
            self._browser.mount(shop, FromAddress(address))
        self._browser.headers["X-Forwarded-For"] = some_address()
        self._browser.cookies.set("language", "en", domain=urlsplit(shop).hostname)
        self.page = requests.Response()

    @property
    def cookies(self) -> dict[str, str]:
        """What the browser would send along."""
        return {each.name: each.value or "" for each in self._browser.cookies}

    def open(self, address: Callback | str) -> None:
        """Open a page, or post a callback's form, and follow where it leads inside the shop."""
        called = Callback(address) if isinstance(address, str) else address
        method = "GET" if called.form is None else "POST"
        url = urljoin(self._shop, called.url)
        self.page = self._browser.request(method, url, data=called.form, timeout=TIMEOUT)

    def return_from_bank(self, callback: Callback) -> None:
        """Go where the bank sends the browser. A form comes from another site: without cookies."""
        if callback.form is None:
            self.open(callback.url)
            return
        with requests.Session() as without_cookies:
            without_cookies.trust_env, without_cookies.verify = False, self._browser.verify
            without_cookies.headers["X-Forwarded-For"] = self._browser.headers["X-Forwarded-For"]
            answer = without_cookies.post(
                callback.url, callback.form, timeout=TIMEOUT, allow_redirects=False
            )
        if answer.is_redirect:
            self.open(urljoin(callback.url, answer.headers["Location"]))
        else:
            self.page = answer

    def get(self, address: str, seconds: float = TIMEOUT) -> requests.Response:
        """Ask for something that is no page to stay on, and wait so long for it."""
        return self._browser.get(urljoin(self._shop, address), timeout=seconds)

    def post(self, address: str, body: str) -> requests.Response:
        """Send something that no form of a page sends."""
        return self._browser.post(urljoin(self._shop, address), body, timeout=TIMEOUT)

    def put_in_cart(self) -> None:
        """Put two pieces of a good into the cart."""
        self.open("/products/turquoise-bowl")
        self.send("/cart/add/", quantity="2")

    def check_out(self, **changed: str) -> str | None:
        """Fill in and send the checkout form. Gives the bank page's address if sent there."""
        self.open("/checkout")
        return self.send("/checkout", **(DETAILS | changed))

    def offers(self, action: str) -> bool:
        """Whether the page, loaded anew, has a form for this action."""
        self.open(self.page.url)
        return form_is_on(self.page.text, action)

    def send(self, action: str, **typed: str) -> str | None:
        """Send the page's form for this action. Gives the bank page's address if sent there."""
        path, hidden = form_on(self.page.text, action)
        to = urljoin(self.page.url, path)
        from_here = {"Referer": self.page.url}  # under https the shop asks for it
        answer = self._browser.post(
            to, hidden | typed, headers=from_here, timeout=TIMEOUT, allow_redirects=False
        )
        there = urljoin(to, answer.headers.get("Location", ""))
        if there.endswith(BANK_PAGES):
            return there
        if answer.is_redirect:
            self.open(there)
        else:
            self.page = answer
        return None

    def upload(self, action: str, field: str, content: bytes) -> None:
        """Send a file with the page's form for this action, and follow where that leads."""
        path, hidden = form_on(self.page.text, action)
        to, file = urljoin(self.page.url, path), {field: ("picture.jpg", content)}
        from_here = {"Referer": self.page.url}
        self.page = self._browser.post(to, hidden, files=file, headers=from_here, timeout=TIMEOUT)


def form_is_on(page: str, action: str) -> bool:
    """Whether the page has a form for this action."""
    return _form(page, action) is not None


def form_on(page: str, action: str) -> tuple[str, dict[str, str]]:
    """Where the page's form for this action is sent, and its hidden fields."""
    form = _form(page, action)
    assert form is not None, f"no form for {action} on {page}"
    hidden = form.find_all("input", type="hidden")
    return str(form["action"]), {str(field["name"]): str(field["value"]) for field in hidden}


def _form(page: str, action: str) -> Tag | None:
    only_forms = SoupStrainer("form")
    forms = BeautifulSoup(page, "html.parser", parse_only=only_forms).find_all(
        "form", method="post"
    )
    return next((form for form in forms if action in str(form.get("action"))), None)
