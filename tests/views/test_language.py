"""Two languages, and the switch that is remembered."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup

from testkit.cases import naming
from testkit.shopper import Shopper


def spoken(reader: Shopper, path: str = "/") -> tuple[str, str]:
    page = reader.open(path).soup.html
    assert page is not None
    return str(page["lang"]), str(page["dir"])


def test_the_shop_speaks_persian_unless_told_otherwise(persian: Shopper) -> None:
    assert spoken(persian) == ("fa", "rtl")


def test_the_switch_is_remembered_and_comes_back_to_the_same_page(persian: Shopper) -> None:
    page = persian.open("/products/saffron-tin")
    switch = page.soup.select_one("a[hreflang=en]")
    assert switch is not None
    page = persian.open(str(switch["href"]))
    assert page.path == "/products/saffron-tin"
    assert page.heading == "Qaenat saffron, one mesghal"
    assert spoken(persian, "/cart") == ("en", "ltr")


def test_the_switch_on_an_answer_to_a_form_leads_to_the_page_with_the_form(
    shopper: Shopper,
) -> None:
    for sender, leads_to in (
        ("http://localhost/products/saffron-tin?a=b", "/products/saffron-tin?a=b"),
        ("https://evil.example/products", "/cart/change"),
        ("http://[", "/cart/change"),
    ):
        with naming(sender):
            answer = shopper.client.post("/cart/change", headers={"Referer": sender})
            switch = BeautifulSoup(answer.text, "html.parser").select_one("a[hreflang=fa]")
            assert switch is not None
            assert parse_qs(urlsplit(str(switch["href"])).query)["next"] == [leads_to]


def test_the_switch_never_leads_out_of_the_shop(shopper: Shopper) -> None:
    for elsewhere in (
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil",
        "/\t/evil.example",
        "",
    ):
        with naming(elsewhere):
            answer = shopper.client.get("/language/fa", query_string={"next": elsewhere})
            assert answer.status_code == 303
            assert answer.location == "/"


def test_a_language_that_nobody_speaks_here_is_not_found(shopper: Shopper) -> None:
    assert shopper.open("/language/de").status == 404


def test_a_strange_cookie_changes_nothing(persian: Shopper) -> None:
    persian.client.set_cookie("language", "../../etc")
    assert spoken(persian) == ("fa", "rtl")
