"""The receipt leads back to itself: by a code for cameras, by an address to copy."""

from __future__ import annotations

from bs4 import Tag
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from testkit.shopper import Shopper


def test_a_receipt_carries_a_code_of_its_own(shopper: Shopper, sandbox: SandboxWorld) -> None:
    page = shopper.open(sandbox.pay(shopper.goes_to_pay()))
    picture = page.soup.select_one(".own-address img")
    assert picture is not None
    assert picture["alt"]
    answer = shopper.client.get(str(picture["src"]))
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<path" in answer.text
    assert "style" not in answer.text


def test_two_orders_have_two_codes_and_no_order_has_none(
    shopper: Shopper, sandbox: SandboxWorld
) -> None:
    codes = []
    for _ in range(2):
        page = shopper.open(sandbox.pay(shopper.goes_to_pay()))
        codes.append(shopper.client.get(f"{page.path}/code.svg").text)
    assert codes[0] != codes[1]
    assert shopper.client.get("/orders/none/code.svg").status_code == 404


def test_what_is_copied_tells_the_receipt_and_its_public_address(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    page = shopper.open(sandbox.pay(shopper.goes_to_pay(pieces=2)))
    button = page.soup.select_one("[data-copy]")
    assert button is not None
    assert "scripted" in button["class"], "without scripts it could do nothing"
    lines = str(button["data-copy"]).split("\n")
    (there,) = sandbox.orders()
    assert lines[1:4] == ["Paid", "1,445,000 Toman", "14,450,000 Rials"]
    assert lines[-2:] == [
        f"Tracking number of the gateway: {there['identifier']}",
        app.config["PUBLIC_URL"] + page.path,
    ]


def read(fact: Tag) -> tuple[str, str]:
    """Give what a fact is called, and what it says."""
    assert fact.dt is not None
    assert fact.dd is not None
    return fact.dt.text, fact.dd.text


def test_a_receipt_says_what_shoppers_look_for(shopper: Shopper, sandbox: SandboxWorld) -> None:
    page = shopper.open(sandbox.pay(shopper.goes_to_pay(pieces=2)))
    facts = dict(read(fact) for fact in page.soup.select(".facts div") if fact.dt)
    (there,) = sandbox.orders()
    assert facts["Tracking number of the gateway"].strip() == there["identifier"]
    assert facts["Payment method"] == "Bank card"
    assert "*" in facts["Card"]
    assert facts["Order number"].strip().isdigit()
    assert "1,445,000 Toman" in page.text
    assert "14,450,000 Rials" in page.text
