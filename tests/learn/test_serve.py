"""`make learn`: its buttons, who may press them, and the shop that is killed and starts again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
import requests

from jibit_sandbox.testing import SandboxWorld, browser
from learn.commands import main
from learn.controls import Addresses, Controls, remember_addresses
from learn.serving import exports
from learn.workshop import Workshop
from testkit.cases import naming
from testkit.processes import ROOT
from tests.learn.conftest import Served, served

PATIENCE = 20  # seconds
ELSEWHERE = "https://elsewhere.example"


def press(course: Served, button: str, language: str = "en", **fields: object) -> str:
    """Press a button as the page does; return the sentence that follows."""
    url = f"{course.url}/{language}/{button}"
    answer = browser().post(url, data=fields, headers={"Origin": course.url}, timeout=PATIENCE)
    assert answer.status_code == requests.codes.ok
    assert answer.url.startswith(f"{course.url}/{language}/controls?said=")
    found = re.search(r'role="status"[^>]*>(?:<b.*?</b>)?\s*(.*?)\s*</p>', answer.text, re.DOTALL)
    assert found
    return found[1]


def wait_for(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def answers(course: Served) -> bool:
    try:
        return browser().get(f"{course.shop}/ledger", timeout=PATIENCE).ok
    except requests.ConnectionError:
        return False


def begin(course: Served, number: int) -> None:
    assert press(course, "start", number=number).startswith(f"Chapter {number} begins.")
    wait_for(lambda: answers(course), "the shop starts")


def buy(course: Served) -> requests.Response:
    form = {"mobile": "09121234567"}
    return browser().post(f"{course.shop}/orders", form, timeout=PATIENCE, allow_redirects=False)


def world_of(course: Served) -> SandboxWorld:
    return Controls(course.workshop).world


@pytest.mark.parametrize("language", ["en", "fa"])
def test_a_page_has_no_script_and_a_strict_policy(course: Served, language: str) -> None:
    for path in ("", "controls"):
        answer = browser().get(f"{course.url}/{language}/{path}", timeout=PATIENCE)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'none'" in policy
        assert "style-src 'self'" in policy
        assert "unsafe" not in policy
        assert "<script" not in answer.text
        assert not re.search(r"<style|\sstyle=|\son\w+=", answer.text)
        assert (
            f'<html lang="{language}" dir="{"rtl" if language == "fa" else "ltr"}">' in answer.text
        )


def test_the_first_page_is_in_the_language_of_the_browser(course: Served) -> None:
    for language in ("en", "fa"):
        asked = {"Accept-Language": language}
        answer = browser().get(course.url, headers=asked, timeout=PATIENCE)
        assert answer.url == f"{course.url}/{language}/"


@pytest.mark.one_case_in(4)
@pytest.mark.parametrize("button", ["later", "behave", "behave-again", "kill", "start", "check"])
@pytest.mark.parametrize(
    "headers", [{"Origin": ELSEWHERE}, {"Origin": "null"}, {}], ids=["other", "null", "none"]
)
def test_a_form_of_another_site_is_refused(
    course: Served, button: str, headers: dict[str, str]
) -> None:
    url = f"{course.url}/en/{button}"
    answer = browser().post(url, {"number": 1}, headers=headers, timeout=PATIENCE)
    assert answer.status_code == requests.codes.forbidden
    assert not course.workshop.shop.exists()


def test_another_name_of_this_machine_is_refused(course: Served) -> None:
    for method in ("GET", "POST"):
        headers = {"Host": "rebound.example", "Origin": course.url}
        answer = browser().request(method, f"{course.url}/en/", headers=headers, timeout=PATIENCE)
        assert answer.status_code == requests.codes.forbidden
    port = course.url.rpartition(":")[2]
    named = {"Host": f"localhost:{port}"}
    page = f"{course.url}/en/"
    answer = browser().get(page, headers=named, timeout=PATIENCE, allow_redirects=False)
    assert answer.headers["Location"] == page


def test_the_sandbox_may_be_shown_on_this_page_only(course: Served) -> None:
    world = world_of(course)
    policy = browser().get(world.base_url, timeout=PATIENCE).headers["Content-Security-Policy"]
    assert f"frame-ancestors {course.url}" in policy.split("; ")


@pytest.mark.one_case_in(2)
@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_page_of_the_bank_is_in_the_language_of_the_course(
    course: Served, language: str
) -> None:
    begin(course, 3)
    reader = browser()
    reader.headers["Accept-Language"] = "en" if language == "fa" else "fa"
    reader.get(f"{course.url}/{language}/", timeout=PATIENCE)
    paying = reader.post(f"{course.shop}/orders", {"mobile": "09121234567"}, timeout=PATIENCE)
    assert paying.url.startswith(world_of(course).base_url)
    assert f'<html lang="{language}"' in paying.text
    (other,) = {"en", "fa"} - {language}
    chosen = reader.get(f"{paying.url}?lang={other}", timeout=PATIENCE)
    assert f'<html lang="{other}"' in chosen.text


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_pages_name_the_ports_that_the_shop_and_the_sandbox_have(
    course_site: Path, tmp_path: Path, language: str
) -> None:
    with served(tmp_path, course_site) as course:
        shown = {number: chapter_page(course, language, number) for number in ("02", "12", "15")}
        sandbox = Controls(course.workshop).addresses.sandbox
    assert f'href="{sandbox}"' in shown["02"]
    assert f'href="{course.shop}"' in shown["12"]
    for number, text in shown.items():
        with naming(number):
            assert "127.0.0.1:8001" not in outside_of_listings(text)
            assert "127.0.0.1:5000" not in outside_of_listings(text)
    assert 'os.environ.get("PUBLIC_URL", "http://127.0.0.1:5000")' in unescape(shown["15"])


def chapter_page(course: Served, language: str, number: str) -> str:
    url = f"{course.url}/course/{language}/learn/course/{language}/{number}.html"
    answer = browser().get(url, timeout=PATIENCE)
    assert answer.headers["Cache-Control"] == "no-cache"
    return answer.text


def outside_of_listings(html: str) -> str:
    return re.sub(r'<div class="code-block-caption">.*?</pre>', "", html, flags=re.DOTALL)


def test_both_clocks_move_together(course: Served) -> None:
    begin(course, 3)
    before = world_of(course).clock.now()
    assert "15 minutes later" in press(course, "later")
    ahead = float((course.workshop.shop / "clock.txt").read_text())
    assert 895 < ahead < 905
    assert 895 < (world_of(course).clock.now() - before).total_seconds() < 920


@pytest.mark.long
def test_a_new_chapter_begins_now_and_with_empty_ledgers(course: Served) -> None:
    begin(course, 3)
    buy(course)
    press(course, "later")
    begin(course, 4)
    assert world_of(course).orders() == []
    assert abs(float((course.workshop.shop / "clock.txt").read_text())) < 5
    assert abs((world_of(course).clock.now() - datetime.now(UTC)).total_seconds()) < 5


def test_a_behaviour_is_set_and_forgotten(course: Served) -> None:
    said = press(course, "behave", name="error_500", operation="create", times=2)
    assert said.startswith("error_500, at the next 2 calls of create: ")
    (rule,) = world_of(course).control("GET", "behaviours")["active"]
    assert (rule["name"], rule["operation"], rule["remaining"]) == ("error_500", "create", 2)
    assert press(course, "behave-again") == "The gateway behaves again."
    assert world_of(course).control("GET", "behaviours")["active"] == []
    assert press(course, "behave", name="nonsense").startswith("The sandbox refuses: ")


def test_the_shop_is_killed_and_starts_again(course: Served) -> None:
    assert press(course, "kill") == "The shop does not run."
    begin(course, 1)
    assert press(course, "kill") == "The shop was killed. It starts again."
    wait_for(lambda: answers(course), "it starts again")


def test_a_shop_dies_before_the_line_that_is_named_and_once(course: Served) -> None:
    begin(course, 3)
    said = press(course, "kill-at", line="INSERT INTO orders VALUES")
    assert said.startswith("The shop is killed when it is about to run line ")
    with pytest.raises(requests.ConnectionError):
        buy(course)
    assert [order["state"] for order in world_of(course).orders()] == ["awaiting"]
    wait_for(lambda: answers(course), "it starts again")
    assert browser().get(f"{course.shop}/ledger", timeout=PATIENCE).json() == []
    assert buy(course).status_code == requests.codes.see_other


@pytest.mark.long
def test_a_line_that_was_named_is_taken_back(
    course: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(course, 3)
    assert main(["kill", "INSERT INTO orders VALUES"], course.workshop) == 0
    assert main(["kill"], course.workshop) == 0
    assert capsys.readouterr().out.endswith("No line kills the shop any more.\n")
    assert buy(course).status_code == requests.codes.see_other


@pytest.mark.long
@pytest.mark.one_case_in(2)
@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("no such thing", "There is no line"),
        ("def write(statement", "The shop is killed"),
        ("return", "More than one line"),
        ("CREATE TABLE IF NOT EXISTS", "is never run"),
    ],
)
def test_a_line_that_cannot_be_meant_is_said(course: Served, line: str, says: str) -> None:
    course.workshop.start(3)
    assert says in press(course, "kill-at", line=line)


@pytest.mark.long
def test_a_shop_that_is_edited_starts_again_and_says_what_is_wrong(course: Served) -> None:
    begin(course, 1)
    program = course.workshop.shop / "shop.py"
    good = program.read_text()
    program.write_text("import nothing_of_this_name\n")

    def page() -> str:
        return browser().get(f"{course.url}/en/controls", timeout=PATIENCE).text

    wait_for(lambda: "nothing_of_this_name" in page(), "the error is shown")
    program.write_text(good)
    wait_for(lambda: "The shop runs at" in page(), "it starts again")


@pytest.mark.long
def test_a_check_says_what_is_missing_and_keeps_what_is_done(course: Served) -> None:
    assert press(course, "check", "fa", number=1).endswith("python -m learn start 1")
    begin(course, 1)
    assert press(course, "check", number=1).startswith("Chapter 1, not yet: ")
    assert press(course, "check", "fa", number=1).startswith("فصل ۱، هنوز نه: ")
    course.workshop.start(2)  # begins with the shop of chapter 1 as it should be
    assert press(course, "check", number=1) == "Chapter 1: right. Next: python -m learn start 2"
    assert course.workshop.done == [1]


def test_the_commands_speak_with_what_runs(
    course: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(course, 3)
    for command, says in (
        (["later", "60"], "1 minute later"),
        (["later", "90", "--lang", "fa"], "۹۰ ثانیه"),
        (["behave", "delay", "seconds=1", "--times", "0"], "at the calls from now on"),
        (["behave", "delay", "--operation", "verify"], "at the next call of verify"),
        (["behave"], "behaves again"),
        (["kill", "INSERT INTO orders VALUES"], "about to run line"),
    ):
        assert main(command, course.workshop) == 0
        assert says in capsys.readouterr().out
    with pytest.raises(requests.ConnectionError):
        buy(course)


def test_the_commands_speak_the_language_of_the_page_that_began_the_chapter(
    course: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    assert press(course, "start", "fa", number=3).startswith("فصل ۳ شروع شد")
    assert main(["behave"], course.workshop) == 0
    assert capsys.readouterr().out == "درگاه دوباره درست رفتار می‌کند.\n"


@pytest.mark.long
@pytest.mark.parametrize(
    "command", [["later", "1e300"], ["behave", "nonsense"], ["behave", "delay", "seconds=soon"]]
)
def test_what_the_sandbox_refuses_is_said(
    course: Served, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert main(command, course.workshop) == 2
    assert capsys.readouterr().out.startswith("The sandbox refuses: ")


def test_the_course_of_a_folder_is_served_once(
    course: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    ports = ["--port", "8390", "--shop-port", "8391", "--sandbox-port", "8392"]
    assert main(["serve", "--no-browser", *ports], course.workshop) == 2
    assert course.shop in capsys.readouterr().out
    begin(course, 1)  # the one that runs is left alone


@pytest.mark.long
def test_a_port_that_somebody_has_is_named(
    course: Served, course_site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(course, 1)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "site").symlink_to(course_site)
    taken = course.shop.rpartition(":")[2]
    other = Workshop(tmp_path / "other")
    remember_addresses(other, Addresses(sandbox="http://127.0.0.1:9"))  # its course was killed
    refused = subprocess.run(
        [sys.executable, "-m", "learn", "serve", "--no-browser", "--shop-port", taken],
        cwd=ROOT,
        env={**os.environ, "LEARN_FOLDER": str(tmp_path / "other")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = f"Cannot listen on port {taken}: is something else running there? See --help.\n"
    assert (refused.returncode, refused.stdout, refused.stderr) == (2, said, "")
    assert main(["behave"], other) == 2
    assert capsys.readouterr().out.startswith("The course does not run yet: ")


@pytest.mark.long
def test_a_new_chapter_begins_with_a_gateway_that_behaves(course: Served) -> None:
    begin(course, 3)
    press(course, "behave", name="error_500", times=5)
    assert main(["start", "4"], course.workshop) == 0
    assert Controls(course.workshop).world.control("GET", "behaviours")["active"] == []


def test_a_shop_in_another_terminal_is_told_where_everything_is() -> None:
    other = Addresses(sandbox="http://127.0.0.1:8490", shop="http://127.0.0.1:5390")
    assert exports(other).splitlines() == [
        "export GATEWAY_URL=http://127.0.0.1:8490/ppg/v2",
        "export PPG_V3_URL=http://127.0.0.1:8490/ppg/v3",
        "export WALLET_URL=http://127.0.0.1:8490/pg",
        "export PUBLIC_URL=http://127.0.0.1:5390",
    ]


@pytest.mark.long
def test_the_buttons_are_about_the_chapter_that_is_read(course: Served) -> None:
    begin(course, 3)
    window = browser().get(f"{course.url}/en/5", timeout=PATIENCE).text
    (buttons,) = re.findall(r'src="(/en/controls[^"]*)"', window)
    shown = browser().get(f"{course.url}{buttons}", timeout=PATIENCE).text
    assert '<option value="5" selected>' in shown
    assert browser().get(f"{course.url}/en/19", timeout=PATIENCE).status_code == 404
