"""Before anything is paid: what it is, what it costs, how and when it comes, and what is wrong."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from storefront.core.formats import toman
from testkit.browser import Surface, is_too_wide
from testkit.browsing import GOOD, Browsing
from testkit.cases import naming

EACH, POST, COURIER = 3_900_000, 850_000, 600_000  # Rials
TOP = "part => part.getBoundingClientRect().top"
TWICE = "document.documentElement.style.fontSize = '200%'"
# What stands beside a field, or is read out, for each control: nobody should hear a name twice.
NAMES = """() => [...document.querySelectorAll("main :is(input, select, textarea)")]
  .filter(each => each.checkVisibility() && each.type !== "radio")
  .map(each => [...each.labels].map(label => label.innerText.trim()).join(" / "))"""
WAYS = {
    "fa": ("۳ تا ۶ روز کاری", "۱ تا ۲ روز کاری", "رایگان"),
    "en": ("3 to 6 working days", "1 to 2 working days", "free"),
}
WRONG = {
    "full_name": {
        "fa": "نام و نام خانوادگی را بنویسید.",
        "en": "Write your first and last name.",
    },
    "mobile": {"fa": "شمارهٔ موبایل را بنویسید.", "en": "Write your mobile number."},
    "city": {"fa": "نام شهر را بنویسید.", "en": "Write the city."},
    "national_code": {
        "fa": "کد ملی معتبر نیست؛ دوباره بررسی کنید.",
        "en": "This national code is not valid. Please check it again.",
    },
}


def sum_of(browsing: Browsing, rials: int) -> str:
    return toman(rials, browsing.language)


def chosen(browsing: Browsing, part: str) -> Locator:
    """The sum of the delivery method that is chosen, of those the page holds."""
    return browsing.page.locator(f"{part} .by-delivery > *").filter(visible=True)


def test_a_buyer_knows_goods_price_tax_and_delivery_before_paying(
    either: Browsing, surface: Surface
) -> None:
    page = either.page
    page.goto(f"/products/{GOOD}")
    for part in (page.locator(".price").filter(visible=True).first, either.button("Add to cart")):
        expect(part).to_be_in_viewport(ratio=1)
    expect(page.get_by_text(either.word("The price includes tax."))).to_be_visible()
    ways = page.locator(".deliveries > li")
    for way, said in zip(ways.all(), WAYS[either.language], strict=True):
        expect(way).to_contain_text(said)
    expect(ways.first).to_contain_text(sum_of(either, POST))
    page.locator("#quantity").fill("2")
    either.button("Add to cart").click()
    either.look_at_cart()
    expect(page.locator("#tally dd.total")).to_have_text(sum_of(either, 2 * EACH + POST))
    to_pay = "#next .price" if surface.touch else "#tally dd.total"  # a small screen has a bar
    for part in (page.locator(to_pay), either.button("Continue to your details")):
        expect(part).to_be_in_viewport(ratio=1)
    either.go_to_details()
    (line,) = page.locator(".bought > li").all()
    expect(line.locator(".picture")).to_be_visible()
    name = {"fa": "ماگ سفالی خال‌خالی", "en": "Speckled mug"}[either.language]
    pieces = f"{'۲' if either.language == 'fa' else '2'} × {sum_of(either, EACH)}"
    for said in (name, pieces, sum_of(either, 2 * EACH)):
        expect(line).to_contain_text(said)
    province, city = page.locator("#province"), page.locator("#city")
    assert province.evaluate(TOP) <= city.evaluate(TOP) < page.locator("#address").evaluate(TOP)
    for key, fee in (("courier", COURIER), ("pickup", 0), ("post", POST)):
        with naming(key):
            page.locator(f"input[name=delivery][value={key}]").check()
            total = sum_of(either, 2 * EACH + fee)
            expect(chosen(either, "button")).to_have_text(total)
            expect(chosen(either, ".sums").locator("dd.total")).to_have_text(total)
            expect(page.locator("#address")).to_be_visible(visible=key != "pickup")
            assert not is_too_wide(page)
    pays = page.locator("#details .bar button")
    if surface.touch:
        expect(pays).to_be_in_viewport(ratio=1)
    page.evaluate(TWICE)
    assert not is_too_wide(page)


def test_what_is_wrong_is_listed_in_the_order_of_the_page_and_each_label_stands_once(
    either: Browsing,
) -> None:
    page = either.page
    either.put_in_cart()
    either.go_to_details()
    either.fill_in()
    for name in ("full_name", "mobile", "city"):
        page.locator(f"#{name}").fill("")
    page.locator("#national_code").fill("1111111111")
    either.button("Pay %(amount)s").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(
        {
            "fa": "لطفاً این موارد را درست کنید و دوباره بفرستید",
            "en": "Please fix these and try again",
        }[either.language]
    )
    links = alert.get_by_role("link")
    expect(links).to_have_text([said[either.language] for said in WRONG.values()])
    places = []
    for name, link in zip(WRONG, links.all(), strict=True):
        with naming(name):
            link.click()
            field = page.locator(f"#{name}")
            expect(field).to_be_focused()
            expect(field).to_have_attribute("aria-invalid", "true")
            expect(field).to_have_accessible_description(
                re.compile(re.escape(WRONG[name][either.language]))
            )
            places.append(field.evaluate("field => field.getBoundingClientRect().top + scrollY"))
    assert places == sorted(places)
    names = page.evaluate(NAMES)
    assert len(names) == len(set(names)) > 5
    assert all(names)


def test_every_page_speaks_as_good_shops_do(either: Browsing) -> None:
    page, language = either.page, either.language
    for path, part, said in (
        ("/", ".category-row .page-head a", {"fa": "مشاهدهٔ همه", "en": "See all"}),
        ("/", ".good button", {"fa": "افزودن به سبد", "en": "Add to cart"}),
        ("/products", ".sort-orders", {"fa": "گران‌ترین", "en": "Price: high to low"}),
        ("/cart", "main .button", {"fa": "دیدن کالاها", "en": "See the products"}),
        ("/none", "main .button", {"fa": "دیدن کالاها", "en": "See the products"}),
    ):
        with naming(path, part):
            page.goto(path)
            expect(page.locator(part).first).to_contain_text(said[language])
    either.put_in_cart()
    expect(page.locator("#sums")).to_have_text(
        {"fa": "خلاصهٔ سفارش", "en": "Order summary"}[language]
    )
    expect(page.locator(".removes").first).to_contain_text({"fa": "حذف", "en": "Remove"}[language])
    either.go_to_details()
    means = page.locator("#gateway legend")
    expect(means).to_have_text({"fa": "روش پرداخت", "en": "Payment method"}[language])
    page.locator("#details [name=csrf_token]").evaluate("field => field.value = 'old'")
    either.button("Pay %(amount)s").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        {"fa": "این صفحه منقضی شده است", "en": "This page expired"}[language]
    )
    expect(page.locator("main form button")).to_have_text(
        {"fa": "ارسال دوباره", "en": "Yes, send it again"}[language]
    )
