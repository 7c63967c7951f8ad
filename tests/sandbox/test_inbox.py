"""The inbox of text messages: what a shop in test mode sends by SMS."""

from __future__ import annotations

import pytest
import requests
from bs4 import BeautifulSoup

from jibit_sandbox.control.inbox import LONGEST_TEXT
from jibit_sandbox.core.inbox import MOST_KEPT
from jibit_sandbox.testing import SandboxWorld
from testkit.cases import naming

MESSAGE = {"id": "order_paid:1:sms", "to": "09121234567", "text": "پرداخت شد\nhttp://127.0.0.1/o"}


@pytest.fixture
def inbox(world: SandboxWorld) -> str:
    return world.sms_url


def send(url: str, **changed: object) -> int:
    return requests.post(url, json=MESSAGE | changed, timeout=10).status_code


def test_a_message_that_comes_twice_is_one(inbox: str, world: SandboxWorld) -> None:
    assert [send(inbox), send(inbox), send(inbox, id="another")] == [202] * 3
    newest, oldest = world.text_messages()
    assert (newest["id"], newest["times"]) == ("another", 1)
    assert (oldest["id"], oldest["times"], oldest["text"]) == (MESSAGE["id"], 2, MESSAGE["text"])
    assert world.world("elsewhere").text_messages() == []


def test_what_no_telephone_could_get_is_refused(inbox: str, world: SandboxWorld) -> None:
    wrong: tuple[dict[str, object], ...] = (
        {"to": "02112345678"},
        {"to": 9121234567},
        {"to": "09121234567\n"},
        {"text": ""},
        {"text": "x" * (LONGEST_TEXT + 1)},
        {"text": "\ud800"},
        {"id": None},
        {"id": "x" * 201},
    )
    for changed in wrong:
        with naming(changed):
            assert send(inbox, **changed) == 422
    assert requests.post(inbox, data="[]", timeout=10).status_code == 400
    assert world.text_messages() == []


@pytest.mark.long
def test_the_oldest_messages_leave(inbox: str, world: SandboxWorld) -> None:
    for number in range(MOST_KEPT + 2):
        send(inbox, id=f"m{number}")
    kept = [each["id"] for each in world.text_messages()]
    assert (len(kept), kept[0], kept[-1]) == (MOST_KEPT, f"m{MOST_KEPT + 1}", "m2")


def test_the_page_shows_each_message_and_leads_to_its_link(inbox: str, world: SandboxWorld) -> None:
    send(inbox, text="<b>x</b>\nhttp://127.0.0.1:8000/orders/abc")
    for language, title in (("fa", "پیامک‌ها"), ("en", "Text messages")):
        of_world = {"world": world.name, "lang": language}
        overview = requests.get(f"{world.base_url}/", params=of_world, timeout=10)
        assert title in overview.text
        address = f"{world.base_url}/_sandbox/pages/sms"
        page = BeautifulSoup(requests.get(address, params=of_world, timeout=10).text, "html.parser")
        text = page.select_one("#texts")
        assert text
        assert "<b>x</b>" in text.get_text()
        assert [link["href"] for link in text.select("a")] == ["http://127.0.0.1:8000/orders/abc"]
