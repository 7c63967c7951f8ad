"""What strangers do to a shop, each as a generator that yields the status of every request.

The malicious know the shop well: they read the form before they send it, keep its token, and press
on when they are refused. The careless are in a hurry.
"""

from __future__ import annotations

import itertools
import json
import re
import secrets
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Generator, Iterator
from functools import partial
from random import Random
from urllib.parse import quote

from drills.plain_client import Answer, PlainClient
from testkit.shopper import DETAILS

Visit = Iterator[int]
Step = Generator[int, None, Answer]
GOODS = "turquoise-bowl"
HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')
ORDER_PAGE = re.compile(r"/orders/[\w-]{20,}")
PATHOLOGICAL = (
    "%" * 100,
    "_" * 100,
    "\\" * 100,
    "ي" * 100,
    "\u200c" * 100,
    "a " * 50,
    "' OR 1=1 --",
    '"*" NEAR "*"',
    "\u202e\u0000\ufdfa" * 30,
    "ۀة" * 5000,  # 30 kB in an address
)

known_payments: deque[tuple[str, str]] = deque(maxlen=200)
"""Reference and the gateway's own id of payments that strangers have begun, in this process."""


def flood_checkout(client: PlainClient) -> Visit:
    """Order again and again, a piece each time, and never pay."""
    while True:
        yield from fill_cart(client)
        form = yield from persist(lambda: client.get("/checkout"))
        answer = yield from persist(partial(client.post, "/checkout", DETAILS | hidden(form.text)))
        if answer.location:
            yield from _note_payment(client, answer.location)
        client.forget()


def fill_cart(client: PlainClient) -> Step:
    """Put a piece into a new cart, as somebody new."""
    client.forget()
    page = yield from persist(lambda: client.get(f"/products/{GOODS}"))
    fields = hidden(page.text) | {"quantity": "1"}
    return (yield from persist(lambda: client.post(f"/cart/add/{GOODS}", fields)))


def persist(ask: Callable[[], Answer]) -> Step:
    """Ask until it is neither refused nor lost."""
    while True:
        answer = ask()
        yield answer.status
        if answer.status and answer.status < 500 and not answer.refused:
            return answer


def _note_payment(client: PlainClient, bank_page: str) -> Step:
    """Read the payment's reference from the order, as its shopper can."""
    cart = yield from persist(lambda: client.get("/cart"))
    found = ORDER_PAGE.search(cart.text)
    if found is None:
        return cart
    status = yield from persist(lambda: client.get(f"{found[0]}/status"))
    if status.status == 200:
        reference = str(json.loads(status.text)["reference_number"])
        known_payments.append((reference, bank_page.split("/")[-2]))
    return status


def flood_callbacks(client: PlainClient) -> Visit:
    """Call back for payments that are known, with the gateway's id and without, and for others."""
    for number in itertools.count():
        unknown = (secrets.token_hex(8), "1")
        known = list(known_payments)
        reference, theirs = known[number % len(known)] if known else unknown
        identifier = (theirs, secrets.token_hex(8), "")[number % 3]
        claim = f"refnum={identifier}&amount=1000&state=SUCCESSFUL"
        yield client.get(f"/payments/{reference}/callback?{claim}").status


def search_oddly(client: PlainClient) -> Visit:
    """Search for what is expensive or impossible to look for."""
    for text in itertools.cycle(PATHOLOGICAL):
        yield client.get(f"/search?q={quote(text)}").status


def guess_passwords(client: PlainClient) -> Visit:
    """Try one token after another at the metrics, as the password of HTTP Basic."""
    for number in itertools.count():
        guess = b64encode(f"admin:password{number}".encode()).decode()
        yield client.get("/metrics", Authorization=f"Basic {guess}").status


def guess_orders(client: PlainClient) -> Visit:
    """Try mobiles for orders of others, with the token of a form that was read once."""
    chance = Random()  # noqa: S311 - nothing here needs to be a secret
    form = yield from persist(lambda: client.get("/orders"))
    fields = hidden(form.text)
    while True:
        guess = {"order_number": f"{chance.randrange(10**10):010}", "mobile": DETAILS["mobile"]}
        yield client.post("/orders", fields | guess).status


def begin_carts(client: PlainClient) -> Visit:
    """Fill one cart after another, and leave each where it stands."""
    while True:
        yield from fill_cart(client)


def reload(client: PlainClient) -> Visit:
    """Open the same pages over and over."""
    for path in itertools.cycle(("/", f"/products/{GOODS}", "/products", "/search?q=tea")):
        yield client.get(path).status


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of all forms on a page."""
    pairs = [dict(ATTRIBUTE.findall(field)) for field in HIDDEN.findall(page)]
    return {pair["name"]: pair.get("value", "") for pair in pairs if "name" in pair}
