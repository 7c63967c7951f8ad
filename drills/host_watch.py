"""Somebody who looks at the shop through its front once in a moment, and asks each host by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import suppress
from itertools import groupby
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from testkit.http_shopper import HttpShopper, some_address

if TYPE_CHECKING:
    from drills.host_system import HostSystem

LOOK_EVERY = 0.25  # seconds
HOSTS_EVERY = 12  # looks
PATIENCE = 10.0  # seconds that a person waits for a page
GOODS = "turquoise-bowl"
PAGES = ("/", f"/products/{GOODS}", "/cart")
EMPTY = "Your cart is empty"
FAILED = 500
SAME, OTHER, SILENT = "the same", "not the same", "no answer"


def ask(url: str, **how: Any) -> requests.Response:
    """Get a page as a new browser does, whatever proxies the environment names."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, **how)


class HostWatch:
    """``seconds`` has what became of the looks of each second; ``carts`` and ``pictures`` what each
    host answered of one cart, and of one picture."""

    def __init__(self, system: HostSystem) -> None:
        self._system = system
        self.seconds: defaultdict[int, Counter[bool]] = defaultdict(Counter)
        self.carts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.pictures: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.picture: tuple[str, bytes] | None = None
        self.statuses: Counter[str] = Counter()
        self.slowest = 0.0  # seconds until a look had its page
        self._shopper = HttpShopper(system.shop_urls["ppg"])

    def run(self, over: Event) -> None:
        """Look until it is over."""
        began, looks = monotonic(), 0
        while not over.wait(LOOK_EVERY):
            second = int(monotonic() - began)
            self.seconds[second][self._look(PAGES[looks % len(PAGES)])] += 1
            self.slowest = max(self.slowest, monotonic() - began - second)
            if looks % HOSTS_EVERY == 0:
                self.ask_all_hosts()
            looks += 1

    def fill_cart(self) -> None:
        """Put something into the cart that all hosts must have."""
        self._shopper.put_in_cart()

    def ask_all_hosts(self) -> None:
        """Ask each host that is not cut off for the cart and for the picture."""
        for host in self._system.connected():
            self.carts[host][self._cart_on(host)] += 1
            if self.picture:
                self.pictures[host][self._picture_on(host, *self.picture)] += 1

    def _look(self, page: str) -> bool:
        """Return whether a person was shown a page."""
        headers = {"X-Forwarded-For": some_address()}
        try:
            url = f"{self._system.shop_urls['ppg']}{page}"
            answer = ask(url, headers=headers, timeout=PATIENCE)
        except requests.RequestException as error:
            self.statuses[f"{type(error).__name__}"] += 1
            return False
        self.statuses[str(answer.status_code)] += 1
        return answer.status_code < FAILED

    def _cart_on(self, host: str) -> str:
        answer = self._ask(host, "/cart", self._shopper.cookies)
        if answer is None or answer.status_code >= FAILED:
            return SILENT
        is_same = f"/products/{GOODS}" in answer.text and EMPTY not in answer.text
        return SAME if is_same else OTHER

    def _picture_on(self, host: str, name: str, content: bytes) -> str:
        answer = self._ask(host, f"/pictures/{name}", {})
        if answer is None or answer.status_code >= FAILED:
            return SILENT
        return SAME if answer.content == content else OTHER

    def _ask(self, host: str, page: str, cookies: dict[str, str]) -> requests.Response | None:
        front = urlsplit(self._system.shop_urls["ppg"]).netloc
        headers = {"Host": front, "X-Forwarded-For": some_address()}
        with suppress(requests.RequestException):
            url = self._system.direct(host) + page
            return ask(
                url, headers=headers, cookies=cookies, timeout=PATIENCE, allow_redirects=False
            )
        return None

    def bad_seconds(self) -> list[int]:
        """Return the seconds in which somebody was shown no page, in order."""
        return sorted(second for second, looks in self.seconds.items() if looks[False])

    def longest_gap(self) -> int:
        """Return for how many seconds in a row nobody was shown a page."""
        silent = [not looks[True] for _, looks in sorted(self.seconds.items())]
        return max((len(list(run)) for is_silent, run in groupby(silent) if is_silent), default=0)

    def share_failed(self) -> float:
        """Return how many of a hundred looks were shown no page."""
        looks = sum((each for each in self.seconds.values()), Counter[bool]())
        return 100 * looks[False] / max(1, looks.total())
