"""A merchant's name, look, texts and telephone, as browsers show them; and what is a sample."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import create_engine, text

from jibit_sandbox.testing import SandboxWorld
from testkit.browser import is_too_wide
from testkit.browsing import Browsing
from testkit.cases import naming
from testkit.databases import SqliteFiles
from testkit.live import LiveShop
from testkit.processes import wait_until

NAME = {"fa": "کفش باران", "en": "Baran Shoes"}
SLOGAN = {"fa": "کفش راحت برای همه", "en": "Comfortable shoes for everybody"}
PHONE_NUMBER = {"fa": "۰۲۱-۸۸۷۷۶۶۵۵", "en": "021-88776655"}
NATIONAL_ID = {"fa": "۱۰۳۸۰۲۸۴۷۹۰", "en": "10380284790"}
HOURS = {"fa": "هر روز، ۹ تا ۲۱", "en": "Every day, 9 to 21"}
OURS: dict[str, object] = {
    "SHOP_NAME_FA": NAME["fa"],
    "SHOP_NAME_EN": NAME["en"],
    "SHOP_SLOGAN_FA": SLOGAN["fa"],
    "SHOP_SLOGAN_EN": SLOGAN["en"],
    "SHOP_COLOUR": "#7a1fa2",
    "SHOP_LOGO": "logo.svg",
    "SHOP_PHONE": "021-88776655",
    "SHOP_EMAIL": "help@baran.example",
    "SHOP_HOURS_FA": HOURS["fa"],
    "SHOP_HOURS_EN": HOURS["en"],
    "SHOP_ADDRESS_FA": "تهران، خیابان آزادی، پلاک ۱",
    "SHOP_ADDRESS_EN": "1 Azadi St., Tehran",
    "SHOP_NATIONAL_ID": "10380284790",
    "SHOP_ECONOMIC_CODE": "4111-2345-6789",
    "ENAMAD": "id=123456&Code=AbCd9",
}
SQUARE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><path d="M0 0h40v40z"/></svg>'
)
FILES = {
    "pages/delivery.fa.md": "# ارسال {shop_name}\n\nهر سه‌شنبه.",
    "pages/delivery.en.md": "# How {shop_name} delivers\n\nEvery Tuesday.",
    "pages/privacy.fa.md": "از {shop_name} بپرسید.",
    "pages/privacy.en.md": "Ask {shop_name}.",
    "theme/static/logo.svg": SQUARE,
    "theme/static/theme.css": ".ours { color: rgb(1, 2, 3); }",
    "theme/templates/base.html": (
        '{% extends "bundled/base.html" %}{% block foot %}{{ super() }}<p class="ours">Ours</p>'
        "{% endblock %}"
    ),
}
SAMPLE = "This is a sample text, not this shop's own. The shop replaces it with the file %(file)s."
RETURNS = {"fa": "هفت روز کاری", "en": "seven working days"}
COLOUR = "part => getComputedStyle(part).backgroundColor"


@pytest.fixture(scope="module")
def shop(
    sqlite_files: SqliteFiles, running: SandboxWorld, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveShop]:
    """A shop with settings, texts and a theme of its own, whose text messages the sandbox shows."""
    folder = tmp_path_factory.mktemp("own")
    for name, content in FILES.items():
        path = folder / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    world = running.world(f"own-{folder.name}")
    with sqlite_files.fresh(folder / "data", stocked=True) as url:
        own = {"SHOP_FOLDER": folder / "shop", "SMS_URL": world.sms_url}
        shop = LiveShop(url, world, folder, worker=None, **(OURS | own))
        shop.start()
        yield shop
        shop.stop()


def test_the_merchants_name_look_texts_and_telephone_stand_where_the_samples_stood(
    either: Browsing,
) -> None:
    page, language = either.page, either.language
    seals: list[str] = []

    def answer_for_enamad(route: Route) -> None:
        seals.append(route.request.url)
        route.fulfill(body=SQUARE, content_type="image/svg+xml")

    either.context.route("https://trustseal.enamad.ir/**", answer_for_enamad)
    page.goto("/")
    expect(page).to_have_title(f"{SLOGAN[language]} · {NAME[language]}")
    either.expect_heading(SLOGAN[language])
    expect(page.locator(".shop-name")).to_contain_text(NAME[language])
    logo, seal = page.locator(".shop-name img"), page.locator("footer .seal img")
    seal.scroll_into_view_if_needed()
    expect(seal).to_be_visible()
    for image in (logo, seal):
        expect(image).to_have_js_property("naturalWidth", 40)
    assert len(seals) == 1
    expect(page.locator(".ours")).to_have_css("color", "rgb(1, 2, 3)")
    for path, title, own, sample in (
        ("/contact", "Contact", NATIONAL_ID, True),
        ("/terms", "Terms and returns", RETURNS, True),
        ("/delivery", "", {"fa": "هر سه‌شنبه", "en": "Every Tuesday"}, False),
        ("/privacy", "Privacy", NAME, False),
    ):
        with naming(path):
            page.goto(path)
            either.expect_heading(title or NAME[language])
            expect(page.get_by_role("main")).to_contain_text(own[language], ignore_case=True)
            expect(page.get_by_text(either.word(SAMPLE))).to_have_count(1 if sample else 0)
            expect(page.get_by_text("ایوان")).to_have_count(0)
            expect(page.get_by_text("Eyvan")).to_have_count(0)
            line = page.locator("footer .support")
            expect(line).to_contain_text(HOURS[language])
            call, write = line.get_by_role("link").all()
            expect(call).to_have_text(PHONE_NUMBER[language])
            expect(call).to_have_attribute("href", "tel:+982188776655")
            expect(write).to_have_attribute("href", "mailto:help@baran.example")
            assert not is_too_wide(page)
    page.goto("/products/speckled-mug")
    assert either.button("Add to cart").evaluate(COLOUR) == "rgb(122, 31, 162)"


def set_price(shop: LiveShop, price: object) -> None:
    """Change the price of a product behind the shop's back; what is no number is a defect."""
    engine = create_engine(shop.database_url)
    with engine.begin() as connection:
        price_of = text("UPDATE products SET price_rials = :price WHERE slug = 'khatam-box'")
        connection.execute(price_of, {"price": price})
    engine.dispose()


def test_whoever_meets_a_defect_is_told_whom_to_call(either: Browsing, shop: LiveShop) -> None:
    (before,) = shop.rows("SELECT price_rials FROM products WHERE slug = 'khatam-box'")
    set_price(shop, "unreadable")
    try:
        answer = either.page.goto("/products/khatam-box")
        assert answer
        assert answer.status == 500
    finally:
        set_price(shop, before["price_rials"])
    expect(either.page.get_by_role("heading", level=1)).to_have_text(
        {"fa": "مشکلی از سمت ما پیش آمد", "en": "Something went wrong on our side"}[either.language]
    )
    line = either.page.locator("main .support")
    expect(line).to_contain_text(PHONE_NUMBER[either.language])
    expect(line.get_by_role("link").first).to_be_visible()
    assert not is_too_wide(either.page)


@pytest.mark.long
@pytest.mark.usefixtures("worker")
def test_who_gave_a_mobile_number_alone_is_told_by_sms_which_the_inbox_shows(
    either: Browsing, shop: LiveShop
) -> None:
    page, world = either.page, shop.sandbox
    either.hurry_to_bank()
    either.at_bank("pay")
    either.expect_heading("Paid. Thank you!")
    receipt = page.url
    wait_until(
        lambda: any(receipt in str(each["text"]) for each in world.text_messages()),
        "the text was sent",
        patience=90,
    )
    page.goto(f"{world.base_url}/_sandbox/pages/sms?world={world.name}&lang={either.language}")
    link = page.locator(f"a[href='{receipt}']")
    paid = {"fa": "پرداخت شد", "en": "paid"}[either.language]
    expect(page.locator("#texts .said").filter(has=link)).to_contain_text(paid, ignore_case=True)
    expect(page.locator("#texts h2").first).to_contain_text("09121234567")
    assert not is_too_wide(page)
    link.click()
    either.expect_heading("Paid. Thank you!")
