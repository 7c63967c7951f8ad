"""Whatever a stranger asks for or fills in, on any route: an answer, and no fault of the shop."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Flask

from testkit.cases import naming
from testkit.hostile import NUMBERS, PLACES, TEXTS, VALUES, Stranger, filled, queries
from testkit.shopper import DETAILS

ASKED = ("q", "sort", "after", "before", "lang", "next", "order_number", "v", "orderId", "amount")


def test_no_address_is_a_fault(app: Flask, stranger: Stranger) -> None:
    assert len(VALUES) >= 91
    rules = [rule for rule in app.url_map.iter_rules() if rule.arguments]
    for number, rule in enumerate(rules):
        for value in VALUES if rule.endpoint == "robots.pages" else VALUES[number % 3 :: 3]:
            with naming(rule.endpoint, value[:80]):
                method = "GET" if "GET" in (rule.methods or ()) else "POST"
                assert stranger.sends(method, filled(rule, value)) < 500


def test_no_question_is_a_fault(stranger: Stranger) -> None:
    for query in queries(ASKED, quoted=True):
        with naming(query[:80]):
            assert stranger.sends("GET", "/search", query) < 500
    for query in queries(ASKED, quoted=False):
        with naming(query[:80]):
            assert stranger.sends("GET", "/language/en", query) < 500


def test_no_mark_is_a_fault(stranger: Stranger) -> None:
    for sort in ("newest", "cheapest"):
        for name in ("after", "before"):
            for value in NUMBERS:
                with naming(name, sort, value[:80]):
                    query = urlencode({name: value, "sort": sort})
                    assert stranger.sends("GET", "/categories/textiles", query) == 200


def test_no_form_is_a_fault(stranger: Stranger) -> None:
    for path, fields in (
        ("/checkout", (*DETAILS, "email", "national_code", "note", "gateway", "checkout_key")),
        ("/orders", ("order_number", "mobile")),
        ("/cart/add/turquoise-bowl", ("quantity",)),
        ("/payments/x/callback", ("refnum", "amount", "state", "orderId")),
    ):
        for value in (*NUMBERS[::6], *PLACES[::6], *TEXTS[::2]):
            form = dict.fromkeys(fields, value)
            with naming(path, value[:80]):
                assert stranger.sends("POST", path, body=urlencode(form).encode()) < 500
