"""The checkout form: what it accepts, what it keeps, and that one form is one order."""

from __future__ import annotations

import secrets

import pytest
from flask import Flask
from sqlalchemy import func, select

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db
from storefront.orders.models import Order
from storefront.orders.payments import Payment
from testkit.shopper import DETAILS, Page, Shopper

FULL = DETAILS | {"email": "maryam@example.com", "national_code": "0499370899", "note": "زنگ ۲"}


def orders(app: Flask) -> list[Order]:
    with app.app_context():
        return list(db.session.scalars(select(Order).order_by(Order.id)))


def kept(page: Page) -> dict[str, str]:
    """What the form holds; a text area begins with a line break that browsers do not show."""
    return {name: value.removeprefix("\r\n") for name, value in page.fields("Pay").items()}


def payments(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Payment)) or 0


def test_a_good_form_sends_the_shopper_to_the_gateway(
    shopper: Shopper, sandbox: SandboxWorld
) -> None:
    assert shopper.goes_to_pay().startswith(sandbox.base_url)
    assert shopper.open("/cart").heading == "Your cart is empty"


def test_a_number_that_another_order_has_is_drawn_anew(
    app: Flask, shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([7, 7, 7, 8])
    monkeypatch.setattr(secrets, "randbelow", lambda _most: next(drawn))
    for _ in range(2):
        shopper.goes_to_pay()
    assert [order.number for order in orders(app)] == ["1000000007", "1000000008"]
    assert payments(app) == 2


def test_an_empty_cart_cannot_be_checked_out(shopper: Shopper) -> None:
    assert shopper.open("/checkout").heading == "Your cart is empty"


def test_an_older_cookie_counts_no_pieces_beside_an_empty_cart(shopper: Shopper) -> None:
    """Whose shop was killed, or whose network broke, never got the answer that emptied the cart."""
    shopper.put_in_cart(pieces=2)
    before = shopper.client.get_cookie("storefront_session")
    assert before is not None
    shopper.check_out()
    shopper.client.set_cookie("storefront_session", before.value)
    page = shopper.open("/checkout")
    (count,) = page.soup.select("[data-cart-count]")
    assert page.heading == "Your cart is empty"
    assert (count.text, count.has_attr("hidden")) == ("0", True)


def test_a_wrong_form_keeps_every_word_and_leads_to_what_is_wrong(shopper: Shopper) -> None:
    shopper.put_in_cart()
    shopper.open("/checkout")
    typed = FULL | {"mobile": "۰۹۱۲", "full_name": "  مريم ", "address": "<b>کوتاه"}
    page = shopper.press("Pay", **typed)
    assert page.status == 422
    assert kept(page).items() >= typed.items()
    summary = {str(link["href"]) for link in page.soup.select("[role=alert] a")}
    assert summary == {"#mobile", "#address"}
    for name in ("mobile", "address"):
        field = page.soup.select_one(f"#{name}")
        assert field is not None
        assert field["aria-invalid"] == "true"
        assert page.soup.select_one(f"#{str(field['aria-describedby']).split()[-1]}.wrong")


@pytest.mark.parametrize(
    ("field", "typed", "complaint"),
    [
        ("full_name", "  ", "Write your first and last name."),
        ("full_name", "م" * 121, "Enter a name of 2 to 120 letters."),
        ("full_name", "م", "Enter a name of 2 to 120 letters."),
        ("mobile", "02112345678", "Enter a mobile number such as 09121234567."),
        ("address", "تهران", "Write the address in 10 to 500 letters."),
        (
            "postal_code",
            "12345",
            "This postal code is not valid: it has 10 digits and does not begin with 0.",
        ),
        ("email", "maryam@", "Enter a valid email address"),
        ("email", "=?utf-8?b?YQ==?=@example.com", "Enter a valid email address"),
        ("national_code", "0499370898", "This national code is not valid"),
        ("email", "علی@example.com", "Mail servers take only Latin letters before the @."),
        ("note", "ن" * 501, "Shorten the order note to 500 characters."),
    ],
)
def test_each_field_says_what_is_wrong_with_it(
    shopper: Shopper, field: str, typed: str, complaint: str
) -> None:
    shopper.put_in_cart()
    shopper.open("/checkout")
    page = shopper.press("Pay", **(FULL | {field: typed}))
    assert page.status == 422
    (wrong,) = page.soup.select(".wrong")
    assert wrong.text.startswith(complaint)
    assert wrong["id"] == f"{field}-wrong"


def test_complaints_are_in_the_pages_language(persian: Shopper) -> None:
    persian.open("/products/turquoise-bowl")
    persian.press("افزودن به سبد")
    persian.open("/checkout")
    page = persian.press("پرداخت", **(DETAILS | {"mobile": "1"}))
    assert "شمارهٔ موبایل معتبر نیست؛ نمونه: ۰۹۱۲۱۲۳۴۵۶۷." in page.text


def test_persian_and_arabic_typing_reaches_the_order_normalised(
    shopper: Shopper, app: Flask
) -> None:
    shopper.goes_to_pay(
        full_name=" علي كاظمي ",
        mobile="+۹۸ ۹۱۲ ۱۲۳ ۴۵۶۷",
        address="تهران، خیابان\r\nوليعصر، پلاک ۱۲",
        postal_code="١٥٩١٦-٣٤٣١١",
        national_code="۰۴۹۹۳۷۰۸۹۹",
        email=" maryam@example.com ",
        note="",
    )
    (order,) = orders(app)
    assert order.full_name == "علی کاظمی"
    assert order.mobile == "09121234567"
    assert order.address == "تهران، خیابان\nولیعصر، پلاک ۱۲"
    assert order.postal_code == "1591634311"
    assert order.national_code == "0499370899"
    assert order.email == "maryam@example.com"
    assert order.note is None
    assert order.language == "en"


def test_a_double_click_is_one_order_and_one_payment(shopper: Shopper, app: Flask) -> None:
    shopper.put_in_cart()
    form = shopper.open("/checkout").fields("Pay") | DETAILS
    with shopper.client.session_transaction() as session:
        before = dict(session)
    first = shopper.client.post("/checkout", data=form)
    again = shopper.client.post("/checkout", data=form)
    with shopper.client.session_transaction() as session:
        session.update(before)  # the other click left before the first answer came
    other = shopper.client.post("/checkout", data=form)
    assert [answer.status_code for answer in (first, again, other)] == [303, 303, 303]
    assert first.location == again.location == other.location
    assert len(orders(app)) == 1
    assert payments(app) == 1


def test_two_tabs_of_one_cart_share_the_one_time_key(shopper: Shopper) -> None:
    shopper.put_in_cart()
    keys = [shopper.open("/checkout").fields("Pay")["checkout_key"] for _ in range(2)]
    assert keys[0] == keys[1] != ""


def test_a_form_made_for_another_cart_asks_to_look_again(shopper: Shopper, app: Flask) -> None:
    shopper.put_in_cart("turquoise-bowl")
    stale = shopper.open("/checkout").fields("Pay")["checkout_key"]
    shopper.put_in_cart("speckled-mug")
    shopper.open("/checkout")
    page = shopper.press("Pay", **DETAILS, checkout_key=stale)
    assert page.status == 409
    assert "Your cart has changed" in page.text
    assert kept(page).items() >= DETAILS.items()
    assert orders(app) == []
    shopper.press("Pay")
    assert shopper.sent_to


def test_without_the_gateway_cart_and_typing_are_kept_and_the_page_says_what_to_do(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    sandbox.behave("reset", operation="create", times=None)
    shopper.put_in_cart()
    shopper.open("/checkout")
    page = shopper.press("Pay", **FULL)
    assert page.status == 503
    assert "Nothing was paid, and what you chose is kept." in page.text
    assert kept(page).items() >= FULL.items()
    sandbox.forget_behaviours()
    shopper.press("Pay")
    assert shopper.sent_to
    assert len(orders(app)) == 1


def test_a_mended_address_after_a_failed_departure_is_not_lost(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    sandbox.behave("reset", operation="create", times=None)
    shopper.put_in_cart()
    shopper.open("/checkout")
    shopper.press("Pay", **DETAILS)
    sandbox.forget_behaviours()
    shopper.press("Pay", address="شیراز، خیابان ارم، پلاک ۷")
    assert shopper.sent_to
    assert orders(app)[-1].address == "شیراز، خیابان ارم، پلاک ۷"


def test_when_the_last_piece_goes_to_somebody_else_the_typing_is_kept(
    shopper: Shopper, app: Flask
) -> None:
    shopper.put_in_cart("orsi-night-light")
    shopper.open("/checkout")
    Shopper(app).goes_to_pay("orsi-night-light")
    page = shopper.press("Pay", **DETAILS)
    assert page.status == 409
    assert "have just been sold" in page.text
    assert kept(page).items() >= DETAILS.items()
    assert len(orders(app)) == 1


def test_who_comes_back_from_the_gateway_finds_the_unpaid_order(
    shopper: Shopper, app: Flask
) -> None:
    shopper.goes_to_pay()
    page = shopper.open("/checkout")
    (order,) = orders(app)
    assert page.soup.select(f"a[href='/orders/{order.token}']")


def test_fields_tell_browsers_and_keyboards_what_they_are(shopper: Shopper) -> None:
    shopper.put_in_cart()
    page = shopper.open("/checkout")
    told = {
        field["name"]: (field.get("autocomplete"), field.get("inputmode"))
        for field in page.soup.select("form[action='/checkout'] :is(input, textarea)")
        if field.get("type") not in ("hidden", "radio")
    }
    assert told == {
        "full_name": ("name", None),
        "mobile": ("tel", "tel"),
        "email": ("email", "email"),
        "city": ("address-level2", None),
        "address": ("street-address", None),
        "postal_code": ("postal-code", "numeric"),
        "national_code": ("off", "numeric"),
        "note": ("on", None),
    }


def test_a_name_is_one_line_and_nothing_invisible_is_kept_of_any_field(
    app: Flask, shopper: Shopper
) -> None:
    odd = "\u202e\u200b\x1b"
    shopper.goes_to_pay(
        full_name=f"Maryam\r\n\r\nhttps://evil.example{odd}",
        address=f"Tehran,{odd}\r\n\r\n\r\nValiasr  12",
        note=f"{odd}\r\nring twice",
        email=f"{odd}maryam@example.com\u200e",
    )
    (order,) = orders(app)
    assert order.full_name == "Maryam https://evil.example"
    assert order.address == "Tehran,\n\nValiasr 12"
    assert order.note == "ring twice"
    assert order.email == "maryam@example.com"


@pytest.mark.parametrize(
    ("field", "complaint"),
    [
        ("full_name", "Write your first and last name."),
        ("address", "Write the address that the parcel goes to."),
        ("mobile", "Write your mobile number."),
        ("postal_code", "Write the postal code."),
    ],
)
def test_an_answer_of_nothing_visible_is_none(shopper: Shopper, field: str, complaint: str) -> None:
    shopper.put_in_cart()
    shopper.open("/checkout")
    page = shopper.press("Pay", **FULL | {field: "\u3164\u200c\u3164\u2800\u202a\ufe0f"})
    assert page.status == 422
    assert complaint in page.text


def test_answers_pasted_from_a_telephone_are_understood(app: Flask, shopper: Shopper) -> None:
    shopper.goes_to_pay(
        full_name="\u2068李明\u2069",
        mobile="\u202a+98 0912 123 4567\u202c",
        postal_code="\u200f۱۵۹۱۶–۳۴۳۱۱",
        national_code="۰۴۹.۹۳۷۰۸۹-۹",
        email="ali۱۲@مثال.ایران\u200f",
        note="\u202a\u202c",
    )
    (order,) = orders(app)
    assert (order.full_name, order.mobile) == ("李明", "09121234567")
    assert (order.postal_code, order.national_code) == ("1591634311", "0499370899")
    assert (order.email, order.note) == ("ali12@xn--mgbh0fb.xn--mgba3a4f16a", None)
