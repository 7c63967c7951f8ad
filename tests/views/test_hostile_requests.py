"""Whatever a stranger asks for or fills in, on any route: an answer, and no fault of the shop."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Flask

from testkit.cases import naming
from testkit.hostile import NUMBERS, PLACES, TEXTS, VALUES, Stranger, filled, in_thirds, queries
from testkit.shopper import DETAILS

ASKED = ("q", "sort", "after", "before", "lang", "next", "order_number", "v", "orderId", "amount")


@in_thirds
def test_no_address_is_a_fault(app: Flask, stranger: Stranger, third: slice) -> None:
    assert len(VALUES) >= 91
    rules = [rule for rule in app.url_map.iter_rules() if rule.arguments]
    for number, rule in enumerate(rules):
        values = VALUES if rule.endpoint == "robots.pages" else VALUES[number % 3 :: 3]
        for value in values[third]:
            with naming(rule.endpoint, value[:80]):
                method = "GET" if "GET" in (rule.methods or ()) else "POST"
                assert stranger.sends(method, filled(rule, value)) < 500


@in_thirds
def test_no_question_is_a_fault(stranger: Stranger, third: slice) -> None:
    for query in list(queries(ASKED, quoted=True))[third]:
        with naming(query[:80]):
            assert stranger.sends("GET", "/search", query) < 500
    for query in list(queries(ASKED, quoted=False))[third]:
        with naming(query[:80]):
            assert stranger.sends("GET", "/language/en", query) < 500


@in_thirds
def test_no_mark_is_a_fault(stranger: Stranger, third: slice) -> None:
    for sort in ("newest", "cheapest"):
        for name in ("after", "before"):
            for value in NUMBERS[third]:
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
