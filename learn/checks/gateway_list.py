"""Chapter 14: the pages of the gateway's list, and those that do not come."""

from __future__ import annotations

import json
import re

from learn.chapters import Bench
from learn.checks.proxy import Proxy, a_proxy
from learn.checks.reconciling import (
    OtherProgram,
    buy,
    names_of,
    pages_asked_for,
    reconcile,
    require_agreement,
    require_silence,
)
from learn.lab import Lab, require

WINDOW = 1000  # seconds; longer than the gateway's 15 minutes
USUAL_PAGE, LARGEST_PAGE = 25, 250  # orders on a page of the gateway's list


class SecondPageLost(Proxy):
    """Passes on a list of two pages, of which only the first arrives: all but the oldest order."""

    lost = (500, b'{"errors": [{"code": "service.internal_error"}]}')

    def loses(self) -> bool:
        """Return whether a later page is asked for."""
        return page_of(self) > 1

    def changed(self, said: bytes) -> bytes:
        """Leave out the oldest order, and promise another page."""
        if not page_of(self):
            return said
        page = json.loads(said)
        return json.dumps(page | {"elements": page["elements"][:-1], "hasNext": True}).encode()


class EndNotTold(Proxy):
    """Passes on pages of the list that do not say whether another one follows."""

    def loses(self) -> bool:
        """Return False: every call reaches the gateway."""
        return False

    def changed(self, said: bytes) -> bytes:
        """Leave out `hasNext`."""
        if not page_of(self):
            return said
        kept = {name: one for name, one in json.loads(said).items() if name != "hasNext"}
        return json.dumps(kept).encode()


def page_of(call: Proxy) -> int:
    """Return which page of the list a call asks for; 0 for another call."""
    if call.command != "GET" or not re.search(r"/orders(\?|$)", call.path):
        return 0
    found = re.search(r"[?&]page=(\d+)", call.path)
    return int(found[1]) if found else 1


def size_of_a_page(shop: Lab) -> int:
    """Return how many orders the shop asks for at once."""
    reconcile(shop)
    asked = pages_asked_for(shop)
    found = re.search(r"[?&]size=(\d+)", asked[-1]) if asked else None
    return min(int(found[1]), LARGEST_PAGE) if found else USUAL_PAGE


def every_page_is_read(bench: Bench) -> None:
    with bench.shop() as shop:
        other = OtherProgram(shop.world)
        unknown = [other.create(f"UNKNOWN-{number}") for number in range(size_of_a_page(shop))]
        shop.later(WINDOW)
        unknown.append(other.create("UNKNOWN-AND-OPEN"))
        code, said = reconcile(shop)
        lines = len(said.strip().splitlines())
        require(
            code == 1 and lines == len(unknown),
            f"The gateway lists {len(unknown)} orders under your keys that the shop never made, one"
            " of them still IN_PROGRESS."
            f" `reconcile` exits with {code} and prints {lines} lines: exit code 1 and one line for"
            " each is right. Does it read every page,"
            " until `hasNext` is false?",
            f"درگاه با کلید شما {len(unknown)} سفارش دارد که فروشگاه آن‌ها را نساخته؛ یکی از آن‌ها"
            " هنوز IN_PROGRESS است. «reconcile»"
            f" با کد {code} تمام می‌شود و {lines} خط چاپ می‌کند؛ درستش کد ۱ و یک خط"
            " برای هر کدام است. همهٔ صفحه‌ها خوانده می‌شوند، تا وقتی «hasNext» نادرست شود؟",
        )


def what_the_list_leaves_out_is_asked_for(bench: Bench) -> None:
    with bench.shop() as shop:
        buy(shop)
        shop.world.behave("list_gap", operation="list", times=None)
        require_agreement(
            shop,
            "Both ledgers have one paid order, and a page of the gateway's list has a gap: it"
            " leaves this order out. Ask for each payment that the list does not have (inquiry)"
            " before you call it unknown.",
            "هر دو دفتر یک سفارش پرداخت‌شده دارند و صفحه‌ای از فهرست درگاه جا افتادگی دارد: همین"
            " سفارش در آن نیست. هر پرداختی که در فهرست نیست باید جداگانه استعلام شود، پیش از آنکه"
            " ناشناس اعلام شود.",
        )


def silence_is_no_agreement(bench: Bench) -> None:
    with bench.shop() as shop:
        buy(shop)
        for behaviour, en, fa in (
            ("error_500", "The gateway's list cannot be read.", "فهرست درگاه خوانده نمی‌شود."),
            (
                "refused_with_code",
                "The gateway refuses the list with 400: nothing was compared, so this counts as no"
                " answer.",
                "درگاه فهرست را با 400 رد می‌کند: چیزی مقایسه نشده، پس بی‌جواب حساب می‌شود.",
            ),
        ):
            shop.world.forget_behaviours()
            shop.world.behave(behaviour, operation="list", times=None)
            require_silence(shop, en, fa)


def a_page_that_does_not_come_is_no_agreement(bench: Bench) -> None:
    with a_proxy(SecondPageLost) as (url, handler), bench.shop(GATEWAY_URL=url) as shop:
        handler.gateway = shop.world.ppg_base_url
        names = [name for _ in range(2) for name in names_of(shop, buy(shop))]
        said = require_silence(
            shop,
            "Both ledgers have two paid orders. The first page of the gateway's list says that"
            " another one follows, and that one is answered with 500.",
            "هر دو دفتر دو سفارش پرداخت‌شده دارند. صفحهٔ اول فهرست درگاه می‌گوید صفحهٔ دیگری هم"
            " هست و جواب آن صفحه ۵۰۰ است.",
        )
        require(
            not any(name in said for name in names),
            "Both ledgers have two paid orders, and the second page of the gateway's list was not"
            f" answered. `reconcile` prints: {said} An order on a page that nobody has read is no"
            " discrepancy.",
            "هر دو دفتر دو سفارش پرداخت‌شده دارند و صفحهٔ دوم فهرست درگاه جواب نگرفت. «reconcile»"
            f" این را چاپ می‌کند: {said} سفارشی که در صفحهٔ خوانده‌نشده است مغایرت نیست.",
        )


def a_page_that_may_not_be_the_last_is_no_agreement(bench: Bench) -> None:
    with a_proxy(EndNotTold) as (url, handler), bench.shop(GATEWAY_URL=url) as shop:
        handler.gateway = shop.world.ppg_base_url
        buy(shop)
        require_silence(
            shop,
            "A page of the gateway's list has no `hasNext`, so nobody knows whether the list ends"
            " there: such an answer counts as none.",
            "صفحه‌ای از فهرست درگاه «hasNext» ندارد و معلوم نیست فهرست همان جا تمام می‌شود یا نه:"
            " چنین جوابی جواب حساب نمی‌شود.",
        )


STEPS = [
    every_page_is_read,
    what_the_list_leaves_out_is_asked_for,
    silence_is_no_agreement,
    a_page_that_does_not_come_is_no_agreement,
    a_page_that_may_not_be_the_last_is_no_agreement,
]
