"""The shop in one hand: two columns, the next step under the thumb, and no connection at times."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from testkit.browser import (
    LARGE,
    NARROW,
    NARROW_ENGLISH,
    PHONE,
    Surface,
    troubles_on_the_smallest_screens,
)
from testkit.browsing import GOOD, Browsing
from testkit.cases import naming
from testkit.live import LiveShop
from testkit.shopper import DETAILS
from testkit.states import STATES

on_narrow = pytest.mark.parametrize("surface", [NARROW, NARROW_ENGLISH], indirect=True, ids=str)
larger = [pytest.param(each, marks=pytest.mark.long) for each in (PHONE, LARGE)]
on_phones = pytest.mark.parametrize("surface", [NARROW, *larger], indirect=True, ids=str)
TOP = "part => part.getBoundingClientRect().top"
HEIGHT = "document.documentElement.scrollHeight"
LANGUAGES = ("fa", "en")
THUMB = 44  # pixels
UNREACHED = (
    "There is no connection to the shop just now. What you typed is still here: please try again in"
    " a moment."
)
# What has its line for itself; of a label with its box, the label is what is touched.
TOO_LOW = """least => [...document.querySelectorAll(
  "a[href], button, input:not([type=hidden], [type=radio], [type=checkbox]), textarea, summary"
)].filter(each => {
  const {width, height} = each.getBoundingClientRect();
  const beside = [...each.parentElement.childNodes].filter(other => other !== each);
  const isInText = getComputedStyle(each).display === "inline"
    && beside.some(other => other.textContent.trim());
  const isWhole = getComputedStyle(each, "::after").position === "absolute";  // the whole card
  const isSeen = each.checkVisibility() && !each.closest(".unseen") && width;
  return isSeen && !isInText && !isWhole && height < least;
}).map(each => each.outerHTML)"""


def speak(browsing: Browsing, language: str) -> None:
    """Go on in another language."""
    browsing.page.goto(f"/language/{language}?next=/")
    browsing.language = language


def first_good(page: Page) -> Locator:
    return page.locator(".good").first


@on_phones
def test_the_first_screen_has_a_product_its_price_and_a_way_to_buy(either: Browsing) -> None:
    browsing, page = either, either.page
    for language in LANGUAGES:
        speak(browsing, language)
        with naming(language):
            good = first_good(page)
            for part in (
                good.get_by_role("link"),
                good.locator(".price"),
                good.get_by_role("button"),
            ):
                expect(part).to_be_in_viewport(ratio=1)
            places = [page.locator(".good").nth(number).bounding_box() for number in (0, 1)]
            assert all(places)
            assert places[0]["y"] == places[1]["y"], "two columns"  # type: ignore[index]
            assert page.evaluate(HEIGHT) < 6000
            head = page.get_by_role("banner").bounding_box()
            assert head
            assert head["height"] < NARROW.height / 4
            page.goto(f"/products/{GOOD}")
            for part in (page.locator(".bar .price"), browsing.button("Add to cart")):
                expect(part).to_be_in_viewport(ratio=1)


def test_from_the_first_page_to_the_bank_it_takes_five_taps_at_most(
    browsing: Browsing, surface: Surface
) -> None:
    page, taps = browsing.page, 0

    def tap(there: Locator) -> None:
        nonlocal taps
        if surface.touch:
            expect(there).to_be_in_viewport(ratio=0.9)
        there.click()
        taps += 1

    page.goto("/")
    tap(first_good(page).get_by_role("button"))
    added = page.get_by_role("main").get_by_role("status").nth(1)
    expect(added).to_be_in_viewport(ratio=1)
    assert added.evaluate(TOP) > surface.height / 2, "where the thumb is"
    tap(browsing.link("View cart"))
    browsing.expect_heading("Your cart")
    tap(browsing.button("Continue to your details"))
    browsing.expect_heading("Your details")
    browsing.fill_in()
    tap(browsing.button("Pay %(amount)s"))
    browsing.expect_bank()
    assert taps <= 5


@on_narrow
def test_the_bar_hides_no_field_and_no_paper_has_it(browsing: Browsing) -> None:
    page = browsing.page
    browsing.put_in_cart()
    browsing.go_to_details()
    bar = page.locator(".bar")
    for label in ("Postal code", "Full name", "National code", "Order note"):
        field = browsing.field(label)
        field.focus()
        with naming(label):
            end = field.evaluate("field => field.getBoundingClientRect().bottom")
            assert end <= bar.evaluate("bar => bar.getBoundingClientRect().top")
    page.emulate_media(media="print")
    assert bar.evaluate("bar => getComputedStyle(bar).position") == "static"


@pytest.mark.long
def test_without_a_connection_a_sentence_says_so_and_all_that_was_typed_stays(
    browsing: Browsing,
) -> None:
    page, sentence = browsing.page, browsing.page.get_by_role("alert")
    page.goto(f"/products/{GOOD}")
    browsing.context.set_offline(True)
    browsing.button("Add to cart").click()
    expect(sentence).to_contain_text(browsing.word(UNREACHED))
    expect(sentence).to_be_in_viewport(ratio=1)
    browsing.context.set_offline(False)
    browsing.put_in_cart()
    browsing.go_to_details()
    browsing.fill_in()
    page.get_by_role("link").first.focus()
    browsing.context.set_offline(True)
    for step in (browsing.button("Pay %(amount)s"), browsing.link("Back to the cart")):
        step.click()
        expect(sentence).to_be_in_viewport(ratio=1)
    browsing.context.set_offline(False)
    expect(sentence).to_have_count(0)
    for name in ("Full name", "Address"):
        expect(browsing.field(name)).not_to_have_value("")
    browsing.go_to_bank()


def test_the_button_that_pays_says_what_it_does_and_back_keeps_what_was_typed(
    browsing: Browsing, shop: LiveShop
) -> None:
    page = browsing.page
    browsing.put_in_cart()
    browsing.go_to_details()
    browsing.fill_in()
    browsing.field("Order note").fill("...")
    browsing.link("Back to the cart").click()
    browsing.expect_heading("Your cart")
    page.go_back()
    browsing.expect_heading("Your details")
    for label, typed in (("Address", DETAILS["address"]), ("Order note", "...")):
        expect(browsing.field(label)).to_have_value(typed)
    pays, held = page.locator(".bar [data-once]"), list[Route]()
    page.route("**/forms.js*", lambda asked: held.append(asked))  # the shop is slow to answer
    before = len(shop.sandbox.orders())
    pays.click()
    expect(pays).to_have_text(browsing.word("Opening the payment page…"))
    pays.click()
    assert len(shop.sandbox.orders()) == before
    page.unroute_all()  # the form may leave now


def test_pictures_are_chosen_swiped_and_enlarged_with_scripts_and_without(
    either: Browsing,
) -> None:
    page = either.page
    page.goto("/products/turquoise-bowl")
    expect(either.button("Add to cart")).to_be_in_viewport(ratio=1)
    second, third = page.locator(".gallery li").nth(1), page.locator(".gallery li").nth(2)
    expect(second).not_to_be_in_viewport()
    page.locator(".thumbs a").nth(1).click()
    expect(second).to_be_in_viewport(ratio=0.9)
    onward = -1 if either.language == "fa" else 1
    page.locator(".gallery").evaluate(f"row => row.scrollBy({{left: row.clientWidth * {onward}}})")
    expect(third).to_be_in_viewport(ratio=0.9)
    texts = [image.get_attribute("alt") for image in page.locator(".gallery img").all()]
    assert len(set(texts)) == 3
    assert all(texts)
    third.get_by_role("link").click()
    page.wait_for_url("**/goods/more/turquoise-bowl-size.svg*")


@pytest.mark.one_case_in(13)
@pytest.mark.parametrize("surface", [NARROW, NARROW_ENGLISH], indirect=True, ids=str)
@pytest.mark.parametrize("state", STATES)
def test_a_page_has_room_for_thumbs_and_for_text_of_twice_the_size(
    browsing: Browsing, shop: LiveShop, state: str
) -> None:
    STATES[state](browsing, shop)
    browsing.page.wait_for_load_state()  # a page that has just turned has no styles yet
    assert browsing.page.evaluate(TOO_LOW, THUMB) == []
    assert troubles_on_the_smallest_screens(browsing.page) == []
