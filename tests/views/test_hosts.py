"""Under which names the shop answers, and what becomes of who comes by another."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jibit_sandbox.testing import SandboxWorld
from testkit.cases import naming
from testkit.settings import at_gateways
from testkit.shopper import Shopper
from tests.test_config import REAL

OpenShop = Callable[..., Flask]
PUBLIC = "https://shop.example"


@pytest.fixture
def real(database_url: str, another_shop: OpenShop) -> FlaskClient:
    """A browser at a shop with a real gateway, whose one name is shop.example."""
    return another_shop(DATABASE_URL=database_url, **REAL).test_client()


@pytest.fixture
def tried_out(database_url: str, another_shop: OpenShop) -> FlaskClient:
    """A browser at a shop as `make run` starts it: in test mode, at 127.0.0.1:8000."""
    return another_shop(DATABASE_URL=database_url, PUBLIC_URL="http://127.0.0.1:8000").test_client()


def test_another_name_is_redirected_to_the_same_page_of_the_shop(real: FlaskClient) -> None:
    for host in ("www.shop.example", "evil.example", "10.0.0.7", "localhost", "shop.example:8443"):
        for method in ("GET", "HEAD"):
            with naming(host, method):
                answer = real.open(
                    "/products?sort=newest&lang=en", method=method, base_url=f"https://{host}"
                )
                assert answer.status_code == 308
                assert answer.location == f"{PUBLIC}/products?sort=newest&lang=en"


def test_the_redirect_leads_nowhere_but_to_the_shop(real: FlaskClient) -> None:
    for path in ("//evil.example/", "/\\evil.example", "/@evil.example", "/a\r\nX: b", "/%0d%0aX"):
        with naming(path):
            answer = real.get("/", base_url="https://a", environ_overrides={"PATH_INFO": path})
            assert answer.status_code == 308
            assert answer.headers["Location"].startswith(f"{PUBLIC}/")
            assert "\r" not in answer.headers["Location"]
            assert "X" not in answer.headers


def test_its_own_name_may_be_written_in_any_way(real: FlaskClient) -> None:
    for host in ("shop.example", "SHOP.Example", "shop.example:443"):
        for scheme in ("https", "http"):  # behind a proxy that speaks https for it
            with naming(host, scheme):
                assert real.get("/robots.txt", base_url=f"{scheme}://{host}").status_code == 200


def test_a_name_in_persian_letters_is_the_one_that_browsers_send(
    database_url: str, another_shop: OpenShop
) -> None:
    settings = REAL | {"PUBLIC_URL": "https://فروشگاه.example"}
    browser = another_shop(DATABASE_URL=database_url, **settings).test_client()
    own = f"https://{'فروشگاه'.encode('idna').decode()}.example"
    assert browser.get("/robots.txt", base_url=own).status_code == 200
    assert browser.get("/robots.txt", base_url="https://a").headers["Location"].startswith(own)


def test_a_form_under_another_name_is_refused_in_the_language_of_its_sender(
    real: FlaskClient,
) -> None:
    for language, words in (("en", "The shop has another address"), ("fa", "نشانی دیگری")):
        answer = real.post(f"/checkout?lang={language}", base_url="https://www.shop.example")
        assert answer.status_code == 421
        assert words in answer.text


def test_machines_are_answered_under_any_name(real: FlaskClient) -> None:
    for host in ("shop.example", "10.0.0.7:8000", "web-1", "localhost"):
        with naming(host):
            at = {"base_url": f"http://{host}"}
            assert real.get("/healthz", **at).status_code == 200
            assert real.get("/readyz", **at).status_code == 200
            assert real.get("/metrics", **at).status_code == 404  # no password is set
            assert real.get("/payments/none/callback", **at).status_code == 404
            assert real.post("/payments/none/callback", **at).status_code == 404


def test_a_callback_by_another_name_ends_at_the_order_under_the_shops_own(
    stocked_database_url: str, sandbox: SandboxWorld, another_shop: OpenShop
) -> None:
    shop = another_shop(
        DATABASE_URL=stocked_database_url,
        PUBLIC_URL="http://127.0.0.1:8000",
        **at_gateways(sandbox),
    )
    shopper = Shopper(shop)
    back = sandbox.pay(shopper.goes_to_pay())
    browser = shop.test_client()
    to_order = browser.post(
        back.removeprefix("http://127.0.0.1:8000"), base_url="http://localhost:8000"
    )
    assert to_order.status_code == 303
    answer = browser.get(to_order.headers["Location"], base_url="http://localhost:8000")
    assert answer.headers["Location"] == f"http://127.0.0.1:8000{to_order.headers['Location']}"


def test_in_test_mode_the_local_names_lead_to_the_one_that_the_bank_leads_back_to(
    tried_out: FlaskClient,
) -> None:
    for host in ("localhost:8000", "[::1]:8000"):
        answer = tried_out.get("/cart?lang=en", base_url=f"http://{host}")
        assert (answer.status_code, answer.location) == (
            308,
            "http://127.0.0.1:8000/cart?lang=en",
        )
    assert tried_out.get("/cart", base_url="http://127.0.0.1:8000").status_code == 200


def test_in_test_mode_a_local_name_with_another_port_is_answered(tried_out: FlaskClient) -> None:
    """Behind a container's port, or beside the one that PUBLIC_URL names, nobody may listen."""
    for host in ("127.0.0.1:5000", "localhost:5000", "[::1]:5000", "localhost"):
        assert tried_out.get("/cart", base_url=f"http://{host}").status_code == 200


def test_in_test_mode_no_other_name_is_answered(tried_out: FlaskClient) -> None:
    for host in ("evil.example:8000", "192.168.1.5:8000", "localhost.evil.example:8000"):
        assert tried_out.get("/admin/system", base_url=f"http://{host}").status_code == 308
