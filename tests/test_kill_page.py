"""The page of the kill button: what it does, who may press it, and what the shop makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from jibit_sandbox.testing import SandboxWorld, running_sandbox
from storefront.devserver import kill_page
from storefront.devserver.kill_button import KillButton, Moment
from testkit.clock import MovingClock
from testkit.processes import free_port
from testkit.settings import at_gateways
from testkit.shopper import Shopper
from testkit.valid_html import parse_errors

FOREIGN = {"Host": "shop.example", "Origin": "http://shop.example"}


class Deaths:
    """Kills nobody, and knows whom it was asked to kill; the worker is not there."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def kill(self, name: str) -> bool:
        self.names.append(name)
        return name != "worker"


@pytest.fixture
def deaths() -> Deaths:
    return Deaths()


@pytest.fixture
def button(deaths: Deaths, clock: MovingClock) -> KillButton:
    button = KillButton(deaths, clock.now)
    for number, name in enumerate(("shop", "worker"), 4001):
        button.started(name, number)
        button.ready(name)
    return button


@pytest.fixture
def client(button: KillButton) -> FlaskClient:
    return kill_page.make_page(
        button, {"shop": "http://127.0.0.1:8000", "sandbox": ""}
    ).test_client()


def press(client: FlaskClient, **changed: str) -> TestResponse:
    """Press a button as the page has it, with some of it changed."""
    page = client.get("/?lang=en").text
    (token, *_) = re.findall(r'name="token" value="([^"]+)"', page)
    form = {"token": token, "process": "shop", "moment": "now", **changed}
    return client.post("/kill?lang=en", data=form)


def test_it_kills_now_and_tells_who_runs_and_how_often_it_was_killed(
    client: FlaskClient, button: KillButton, deaths: Deaths, clock: MovingClock
) -> None:
    assert press(client).location == "/?lang=en"
    button.ended("shop", by_itself=False)
    assert "does not run" in client.get("/?lang=en").text
    clock.advance(2)
    button.started("shop", 4003)
    button.ready("shop")
    assert deaths.names == ["shop"]
    page = client.get("/?lang=en").text
    assert "The shop was killed (SIGKILL): now" in page
    assert "4003" in page
    (killed,) = [e for e in client.get("/events.json").json["events"] if e["event"] == "killed"]  # type: ignore[index]
    assert (killed["process"], killed["moment"]) == ("shop", "now")
    assert killed["back_at"] == (button.happenings[-1].at).isoformat() > killed["at"]


def test_it_waits_for_the_moment_that_was_asked_for_and_for_no_other(
    client: FlaskClient, button: KillButton, deaths: Deaths
) -> None:
    press(client, moment="answer")
    assert "To be killed:" in client.get("/?lang=en").text
    assert not button.reached("shop", "call", "ppg.verify")
    assert not button.reached("worker", "answer", "ppg.verify")
    assert button.reached("shop", "answer", "ppg.verify")
    assert not button.reached("shop", "answer", "ppg.verify"), "once"
    press(client, moment="commit")
    press(client, moment="never")
    assert not button.reached("shop", "commit", "checkout.pay")
    assert deaths.names == ["shop"]
    assert '<bdi class="code">ppg.verify</bdi>' in client.get("/?lang=en").text
    for number in range(30):
        button.ready("shop" if number % 2 else "worker")
    assert client.get("/").text.count('<li class="') == 20


def test_a_stranger_neither_presses_nor_reads(client: FlaskClient, deaths: Deaths) -> None:
    assert press(client, token="guessed").status_code == 403
    assert press(client, process="sandbox").status_code == 400
    assert press(client, moment="later").status_code == 400
    assert client.get("/", headers={"Host": "shop.example:8002"}).status_code == 421
    assert client.get("/events.json", headers={"Host": "127.0.0.1.nip.example"}).status_code == 421
    assert client.post("/kill", headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post("/kill", headers=FOREIGN).status_code == 421
    assert client.get("/kill").status_code == 405
    assert deaths.names == []
    answer = client.get("/events.json", headers={"Origin": "http://evil.example"})
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_the_page_is_in_both_languages_and_has_nothing_inline(client: FlaskClient) -> None:
    for language, words in (("fa", "دکمهٔ توقف ناگهانی"), ("en", "Kill button")):
        page = client.get(f"/?lang={language}")
        assert words in page.text
        assert f'<html lang="{language}"' in page.text
        assert parse_errors(page.text) == []
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert not re.search(r"<style| style=| on[a-z]+=", page.text)
    client.set_cookie("language", "en")
    assert "Kill button" in client.get("/").text, "the shop's cookie counts here, too"


@pytest.fixture
def served(button: KillButton) -> Iterator[str]:
    """The page over HTTP; gives its address."""
    port = free_port()
    server = kill_page.serve(kill_page.make_page(button, {}), "127.0.0.1", port)
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    server.server_close()


def test_the_shop_and_the_dashboard_link_to_it_and_show_the_gap(
    another_shop: Callable[..., Flask],
    stocked_database_url: str,
    button: KillButton,
    served: str,
    clock: MovingClock,
) -> None:
    with running_sandbox(
        kill_url=served, shop_order_url="http://shop.example/{reference}"
    ) as world:
        world.clock.freeze(clock.now())
        app = another_shop(DATABASE_URL=stocked_database_url, KILL_URL=served, **at_gateways(world))
        shopper = Shopper(app)
        switching_url = shopper.goes_to_pay(gateway="ppg")
        clock.advance(1)
        button.press("shop", Moment.NOW)
        clock.advance(3)
        button.ready("shop")
        world.clock.freeze(clock.now())
        shopper.open(world.callback(switching_url))
        history = shopper.open(f"{shopper.page.path}/history")
        assert f'href="{served}/?lang=en"' in history.html
        (kill,) = history.soup.select(".side-kill")
        assert "The shop was killed. It was back 3.0 seconds later." in kill.get_text()
        assert "The gateway captured the money." in history.text
        assert "verify: 200" in history.text
        _dashboard_shows_the_order(world, served)


def _dashboard_shows_the_order(world: SandboxWorld, kill_url: str) -> None:
    (order,) = world.orders()
    path = f"{world.base_url}/_sandbox/pages/orders/{order['identifier']}?lang=en"
    page = requests.get(path, timeout=10).text
    assert f'href="http://shop.example/{order["reference_number"]}"' in page
    assert f'href="{kill_url}/?lang=en"' in page
    assert [named["identifier"] for named in world.orders(reference=order["reference_number"])] == [
        order["identifier"]
    ]
    assert world.orders(reference="another") == []


def test_without_the_sandbox_the_shops_side_stands_alone(
    another_shop: Callable[..., Flask], stocked_database_url: str, sandbox: SandboxWorld
) -> None:
    gateways = at_gateways(sandbox)
    app = another_shop(DATABASE_URL=stocked_database_url, **gateways)
    shopper = Shopper(app)
    shopper.open(sandbox.callback(shopper.goes_to_pay(gateway="ppg")))
    address = f"{shopper.page.path}/history"
    silent = f"http://127.0.0.1:{free_port()}"
    elsewhere = gateways | {"PPG_BASE_URL": f"{silent}/ppg/v2"}
    later = Shopper(another_shop(DATABASE_URL=stocked_database_url, KILL_URL=silent, **elsewhere))
    page = later.open(address)
    assert "The sandbox does not answer" in page.text
    assert "So the payment is confirmed" in page.text
    assert not page.soup.select("li:not(.side-shop).card")


def test_the_dashboard_leads_to_the_history_by_the_reference_in_test_mode_alone(
    shopper: Shopper, sandbox: SandboxWorld
) -> None:
    shopper.open(sandbox.callback(shopper.goes_to_pay(gateway="ppg")))
    (order,) = sandbox.orders()
    page = shopper.open(f"/payments/{order['reference_number']}/history")
    assert page.path.endswith("/history")
    assert page.status == 200
    for wrong in ("0" * 32, "%00", "x" * 300):
        assert shopper.open(f"/payments/{wrong}/history").status == 404
