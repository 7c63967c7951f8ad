"""Who gets into the back office, how long, and what everybody else is told."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from storefront.staff import accounts
from storefront.staff.models import Role
from testkit.clock import MovingClock
from testkit.shopper import Page, Shopper
from testkit.staff import PASSWORD, Person, clerk, owner

OPEN = {"admin_login"}  # these say who somebody is
OF_MONEY = {"admin_money", "admin_refunding", "admin_refunds", "admin_discrepancies"}
OWNERS = {
    "admin_letters",
    "admin_messages",
    "admin_sales",
    "admin_staff",
    "admin_system",
} | OF_MONEY
HOUR = 3600


def rules(app: Flask) -> list[Rule]:
    """Every address of the back office that wants somebody who is logged in."""
    found = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/admin")]
    return [rule for rule in found if rule.endpoint.split(".")[0] not in OPEN]


def called(person: Shopper, rule: Rule) -> list[int]:
    """The answers to each method of an address, with something in its places."""
    path = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)
    path = re.sub(r"<int:\w+>", "999999", re.sub(r"<\w+>", "1234567890", path))
    methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
    return [person.client.open(path, method=method).status_code for method in sorted(methods)]


@pytest.fixture
def unprotected(app: Flask) -> Flask:
    """The shop without tokens in forms: what is refused is refused for the role alone."""
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def test_nobody_who_is_not_logged_in_gets_anything(unprotected: Flask) -> None:
    visitor = Shopper(unprotected)
    for rule in rules(unprotected):
        answers = called(visitor, rule)
        assert set(answers) <= {303, 401}, rule
    assert len(rules(unprotected)) > 15


def test_a_clerk_gets_nothing_that_needs_an_owner(unprotected: Flask) -> None:
    person = clerk(unprotected)
    for rule in rules(unprotected):
        is_owners = rule.endpoint.split(".")[0] in OWNERS
        answers = called(person, rule)
        assert (set(answers) == {403}) is is_owners, (rule, answers)


def test_who_may_not_see_a_page_or_misses_one_is_led_back_to_the_back_office(app: Flask) -> None:
    person = clerk(app)
    page = person.open("/admin/staff")
    assert page.heading == "This page is for owners of the shop"
    assert page.soup.select("main a[href='/admin']")
    assert person.open("/admin/orders/1234567890").soup.select("nav a[href='/admin/orders']")


def test_an_owner_gets_everywhere(unprotected: Flask) -> None:
    person = owner(unprotected)
    for rule in rules(unprotected):
        assert not {401, 403, 500} & set(called(person, rule)), rule


def test_each_form_wants_its_token(app: Flask) -> None:
    person = owner(app)
    for rule in rules(app):
        if "POST" in (rule.methods or set()):
            assert called(person, rule)[-1] == 400, rule


def test_who_was_sent_to_the_login_comes_back_to_the_page_that_was_asked_for(app: Flask) -> None:
    person = owner(app)
    person.open("/admin")
    person.press("Log out")
    person.open("/admin/orders?stage=sent")
    assert person.page.path == "/admin/login"
    person.press("Log in", name=person.name, password=PASSWORD)
    assert person.page.path == "/admin/orders"


@pytest.mark.long
@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_a_login_leads_to_no_other_site(app: Flask, evil: str) -> None:
    person = owner(app)
    person.open("/admin")
    person.press("Log out")
    person.open(f"/admin/login?next={evil}")
    person.press("Log in", name=person.name, password=PASSWORD)
    assert (person.page.path, person.sent_to) == ("/admin", None)


def test_a_link_works_once_and_for_a_day(app: Flask, clock: MovingClock) -> None:
    with app.app_context():
        _member, used = accounts.add("sara", Role.CLERK, clock.now(), by="a test")
    Shopper(app).open(f"/admin/welcome/{used}")
    first = Shopper(app)
    first.open(f"/admin/welcome/{used}")
    first.press("Set the password", password=PASSWORD, again=PASSWORD)
    assert Shopper(app).open(f"/admin/welcome/{used}").status == 410
    with app.app_context():
        member = accounts.named("sara")
        assert member
        late = accounts.new_link(member.id, clock.now(), by="a test")
    clock.advance(24 * HOUR + 1)
    assert Shopper(app).open(f"/admin/welcome/{late}").status == 410


@pytest.mark.parametrize(
    ("password", "again"),
    [("short", "short"), ("aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa"), (PASSWORD, "another one")],
)
def test_a_weak_or_mistyped_password_is_refused_in_words(
    app: Flask, clock: MovingClock, password: str, again: str
) -> None:
    with app.app_context():
        _member, token = accounts.add("sara", Role.CLERK, clock.now(), by="a test")
    person = Shopper(app)
    person.open(f"/admin/welcome/{token}")
    page = person.press("Set the password", password=password, again=again)
    assert page.status == 422
    assert page.soup.select(".wrong")


def test_a_session_ends_without_a_page_for_two_hours_and_after_a_working_day(
    app: Flask, clock: MovingClock
) -> None:
    person = owner(app)
    clock.advance(2 * HOUR - 1)
    assert person.open("/admin").path == "/admin"
    clock.advance(2 * HOUR + 1)
    assert person.open("/admin").path == "/admin/login"
    person.press("Log in", name=person.name, password=PASSWORD)
    for _ in range(7):
        assert person.open("/admin").path == "/admin"
        clock.advance(HOUR * 1.9)
    assert person.open("/admin").path == "/admin/login"


def test_what_was_sent_after_the_session_ended_changes_nothing_and_is_not_lost(
    app: Flask, clock: MovingClock
) -> None:
    person = owner(app)
    person.open("/admin/staff")
    clock.advance(3 * HOUR)
    page = person.press("Add, and show the link", name="sara", role="clerk")
    assert page.status == 401
    assert "Nothing was changed." in page.text
    with app.app_context():
        assert accounts.named("sara") is None


def test_a_new_password_ends_every_session_and_so_does_being_disabled(app: Flask) -> None:
    boss, person = owner(app), clerk(app)
    boss.open("/admin/staff")
    with app.app_context():
        member = accounts.named(person.name)
        assert member
    boss.client.post(
        f"/admin/staff/{member.id}/disable", data=boss.page.fields("Add, and") | {"sure": "yes"}
    )
    assert person.open("/admin").path == "/admin/login"
    person.press("Log in", name=person.name, password=PASSWORD)
    assert "Name or password is wrong." in person.page.text


def test_a_cookie_from_before_the_login_opens_nothing(app: Flask) -> None:
    person = owner(app)
    person.open("/admin")
    before = person.client.get_cookie("storefront_session")
    person.press("Log out")
    person.open("/admin/login")
    person.press("Log in", name=person.name, password=PASSWORD)
    other = Shopper(app)
    assert before
    other.client.set_cookie("storefront_session", before.value)
    assert other.open("/admin").path == "/admin/login"


def test_what_changes_somebodys_rights_is_asked_before_it_is_done(app: Flask) -> None:
    boss, person = owner(app), clerk(app)
    for button, role in (("Make an owner", "Owner"), ("Remove access", "not let in")):
        boss.open("/admin/staff")
        asking = boss.press(f"{button} : {person.name}")
        assert person.name in asking.heading
        row = rows_of(boss.open("/admin/staff"))[person.name]
        assert role not in row, "nothing yet"
        boss.open("/admin/staff")
        row = rows_of(boss.confirm(f"{button} : {person.name}", button))[person.name]
        assert role in row
    assert "not let in" in row


def rows_of(page: Page) -> dict[str, str]:
    """What the list of the staff says of each."""
    rows = page.soup.select("table.rows tbody tr")
    return {str(row.select_one("bdi").string): row.get_text(" ") for row in rows}  # type: ignore[union-attr]


def test_the_last_owner_stays(app: Flask) -> None:
    boss = owner(app)
    boss.open("/admin/staff")
    page = boss.confirm("Make a clerk")
    assert page.status == 409
    assert "The shop needs one owner at least." in page.text


def test_wrong_passwords_are_limited_logged_and_seen_by_the_owner(app: Flask) -> None:
    boss, visitor = owner(app), Shopper(app)
    visitor.open("/admin/login")
    for _ in range(10):
        assert visitor.press("Log in", name=boss.name, password="a guess").status == 422
    refused = visitor.press("Log in", name=boss.name, password=PASSWORD)
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert boss.open("/admin/system").text.count("wrong name or password") == 10


def test_who_is_added_in_the_browser_gets_in_with_the_link(app: Flask) -> None:
    boss = owner(app)
    boss.open("/admin/staff")
    page = boss.press("Add, and show the link", name="Sara", role="clerk")
    link = page.soup.select_one("#link")
    assert link
    sara = Shopper(app)
    sara.open(link.text)
    sara.press("Set the password", password=PASSWORD, again=PASSWORD)
    assert sara.open("/admin/orders").heading == "Orders"
    assert sara.open("/admin/staff").status == 403
    again = boss.press("Add, and show the link", name="sara", role="clerk")
    assert "Somebody has this name already." in again.text


def test_the_pages_speak_persian(app: Flask) -> None:
    person = Person(app, Role.OWNER, "fa")
    assert person.open("/admin").heading == "امروز"
    assert person.open("/admin/orders").heading == "سفارش‌ها"
