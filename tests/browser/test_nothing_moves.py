"""What is on the page stays where it is when the scripts arrive late, as on a slow telephone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from testkit.browsing import Browsing
from testkit.live import LiveShop
from testkit.states import STATES

WATCH = """
globalThis.shifts = [];
new PerformanceObserver(list => globalThis.shifts.push(...list.getEntries().flatMap(
  shift => shift.sources.map(source => source.node?.parentElement?.outerHTML ?? "gone")
))).observe({type: "layout-shift", buffered: true});
"""
TWO_FRAMES = "() => new Promise(seen => requestAnimationFrame(() => requestAnimationFrame(seen)))"
PAINTED = """
() => new Promise(seen => new PerformanceObserver(() => seen())
  .observe({type: "paint", buffered: true}))
"""


@pytest.mark.one_case_in(2)
@pytest.mark.parametrize("state", ["front", "product", "cart", "order-paid"])
def test_nothing_moves_when_the_scripts_arrive(
    browsing: Browsing, shop: LiveShop, state: str
) -> None:
    browsing.page.add_init_script(WATCH)
    STATES[state](browsing, shop)
    scripts: list[Route] = []
    browsing.page.route("**/*.js*", lambda script: scripts.append(script))
    browsing.page.reload(wait_until="commit")
    browsing.page.evaluate(PAINTED)
    for script in scripts:
        script.continue_()
    browsing.page.wait_for_load_state()
    assert scripts
    browsing.page.evaluate(TWO_FRAMES)
    assert browsing.page.evaluate("shifts") == []


def test_who_has_no_scripts_sees_no_buttons_that_need_them(plain_browsing: Browsing) -> None:
    plain_browsing.page.goto("/products/speckled-mug")
    expect(plain_browsing.button("One more")).to_have_count(0)


def test_more_and_less_count_within_the_stock(browsing: Browsing) -> None:
    browsing.page.goto("/products/orsi-night-light")
    field = browsing.page.get_by_role("textbox", name=browsing.word("Quantity"))
    browsing.button("One more").click()
    expect(field).to_have_value({"fa": "۱", "en": "1"}[browsing.language])
    browsing.page.goto("/products/speckled-mug")
    browsing.button("One more").click()
    expect(field).to_have_value({"fa": "۲", "en": "2"}[browsing.language])
    browsing.button("One less").click()
    expect(field).to_have_value({"fa": "۱", "en": "1"}[browsing.language])
