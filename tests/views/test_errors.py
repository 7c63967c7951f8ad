"""Error pages: in the shopper's language, with a way out; and a form whose token is gone."""

from __future__ import annotations

import io

import pytest
from flask import Flask, abort
from werkzeug.exceptions import TooManyRequests

from storefront import create_app
from storefront.web.errors import WORDS
from storefront.web.security import MOST_BYTES
from testkit.cases import naming
from testkit.settings import quiet_settings
from testkit.shopper import DETAILS, Shopper

HEADINGS = {
    400: ("درخواست شما خوانده نشد", "We could not read your request"),
    403: ("این صفحه فقط برای مالک فروشگاه است", "This page is for owners of the shop"),
    404: ("صفحه‌ای که دنبالش بودید پیدا نشد", "Page not found"),
    405: ("این کار اینجا ممکن نیست", "This is not possible here"),
    413: ("حجم آنچه فرستادید زیاد است", "This is too large to send"),
    421: ("فروشگاه نشانی دیگری دارد", "The shop has another address"),
    429: ("لطفاً کمی صبر کنید", "One moment, please"),
    500: ("مشکلی از سمت ما پیش آمد", "Something went wrong on our side"),
    503: ("فروشگاه چند لحظه در دسترس نیست", "The shop is closed for a moment"),
}


@pytest.fixture
def app(app: Flask) -> Flask:
    """The shop, with pages that go wrong on purpose."""

    def fail(how: str) -> str:
        if how == "429":
            raise TooManyRequests(retry_after=30)
        if how == "crash":
            raise RuntimeError("a secret")
        abort(int(how))

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/goes-wrong/<how>", view_func=fail)
    return app


def test_every_error_has_a_page_in_both_languages(shopper: Shopper, persian: Shopper) -> None:
    for code in WORDS:
        with naming(code):
            for reader, heading in zip((persian, shopper), HEADINGS[code], strict=True):
                page = reader.open(f"/goes-wrong/{code}")
                assert page.status == code
                assert page.heading == heading


def test_a_wait_and_the_allowed_methods_are_passed_on(shopper: Shopper) -> None:
    assert shopper.open("/goes-wrong/429").headers["Retry-After"] == "30"
    assert "POST" in shopper.open("/cart/add/turquoise-bowl").headers["Allow"]


def test_an_error_without_words_of_its_own_borrows_some(shopper: Shopper) -> None:
    for code, like in ((409, 400), (418, 400), (502, 500)):
        with naming(code, like):
            page = shopper.open(f"/goes-wrong/{code}")
            assert page.status == code
            assert page.heading == HEADINGS[like][1]


def test_without_its_database_the_shop_is_closed_for_a_moment() -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    reader = Shopper(create_app(quiet_settings(DATABASE_URL=nowhere)))
    for path in ("/", "/products/saffron-tin", "/orders/none"):
        page = reader.open(path)
        assert page.status == 503
        assert page.heading == HEADINGS[503][1]
        assert page.headers["Retry-After"] == "30"


def test_a_crash_shows_no_trace_of_itself(shopper: Shopper) -> None:
    page = shopper.open("/goes-wrong/crash")
    assert page.status == 500
    assert page.heading == "Something went wrong on our side"
    assert "secret" not in page.html


def test_what_is_too_long_is_refused(shopper: Shopper) -> None:
    answer = shopper.client.post("/cart/add/turquoise-bowl", data={"quantity": "1" * MOST_BYTES})
    assert answer.status_code == 413


@pytest.mark.parametrize("value", ["\0", "a\0b"])
def test_a_null_byte_reaches_no_database_wherever_it_hides(shopper: Shopper, value: str) -> None:
    assert shopper.client.get("/search", query_string={"q": value}).status_code == 200
    assert shopper.client.get(f"/products/{value}").status_code == 404
    answer = shopper.client.post("/payments/none/callback", data={"q": value, value: "q"})
    assert answer.status_code == 404


class Unread(io.BytesIO):
    """A body that nobody may read."""

    def read(self, _size: int | None = -1) -> bytes:
        raise AssertionError("the body was read")


def test_a_body_is_read_where_one_is_expected_and_nowhere_else(shopper: Shopper) -> None:
    kind = "application/x-www-form-urlencoded"
    body = {"wsgi.input": Unread(), "CONTENT_LENGTH": "100", "CONTENT_TYPE": kind}
    for method, path, host in (
        ("POST", "/none", "localhost"),
        ("POST", "/products", "localhost"),
        ("PUT", "/cart/add/turquoise-bowl", "localhost"),
        ("GET", "/cart", "localhost"),
        ("POST", "/static/css/house.css", "localhost"),
        ("POST", "/checkout", "evil.example"),
    ):
        with naming(method, path, host):
            answer = shopper.client.open(
                path,
                method=method,
                base_url=f"http://{host}",
                environ_overrides=body,
            )
            assert answer.status_code in {200, 404, 405, 421}


def test_an_expired_form_is_offered_again_as_it_was_filled_in(shopper: Shopper) -> None:
    shopper.put_in_cart()
    shopper.open("/checkout")
    page = shopper.press("Pay", **DETAILS, csrf_token="from last week")
    assert page.status == 400
    assert page.heading == "This page expired"
    assert page.fields("Yes, send it again").items() >= DETAILS.items()
    shopper.press("Yes, send it again")
    assert shopper.sent_to


def test_what_another_site_sent_is_not_offered_again(shopper: Shopper) -> None:
    for header in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = shopper.client.post(
            "/cart/add/turquoise-bowl", data={"quantity": "7"}, headers=header
        )
        assert answer.status_code == 400
        assert 'value="7"' not in answer.text


def test_every_form_wants_its_token(shopper: Shopper) -> None:
    for path in ("/checkout", "/cart/add/x", "/cart/change", "/cart/restore/x", "/orders/x/pay"):
        with naming(path):
            assert shopper.client.post(path, data=DETAILS).status_code == 400
