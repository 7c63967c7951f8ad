"""The staff's passwords: what may be one, and how they are typed and kept."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from storefront.core.database import db
from storefront.staff import accounts
from storefront.staff.models import Role, StaffMember
from testkit.clock import MovingClock
from testkit.shopper import Shopper
from testkit.staff import PASSWORD, owner

LONG = ("گذرواژه‌ای با حروف، 'نشانه' و : " * 7)[:200]


def test_a_password_may_be_long_and_of_any_letters_and_is_taken_as_it_is(
    app: Flask, clock: MovingClock
) -> None:
    with app.app_context():
        _member, token = accounts.add("sara", Role.CLERK, clock.now(), by="a test")
    person = Shopper(app)
    person.open(f"/admin/welcome/{token}")
    assert person.press("Set the password", password=LONG, again=LONG).path == "/admin"
    for typed, path in (
        (LONG[:72], "/admin/login"),
        (LONG + "x", "/admin/login"),
        (LONG, "/admin"),
    ):
        somebody = Shopper(app)
        somebody.open("/admin/login")
        assert somebody.press("Log in", name="sara", password=typed).path == path


def test_password_fields_hide_what_is_typed_and_let_password_managers_fill_them_in(
    app: Flask, clock: MovingClock
) -> None:
    with app.app_context():
        _member, token = accounts.add("sara", Role.CLERK, clock.now(), by="a test")
    login = Shopper(app).open("/admin/login").soup.select('input[type="password"]')
    assert [field["autocomplete"] for field in login] == ["current-password"]
    welcome = Shopper(app).open(f"/admin/welcome/{token}").soup.select('input[type="password"]')
    assert [field["autocomplete"] for field in welcome] == ["new-password"] * 2


def test_the_database_holds_no_password_that_a_reader_could_use(app: Flask) -> None:
    owner(app)
    with app.app_context():
        (kept,) = db.session.scalars(select(StaffMember.password_hash))
    assert kept
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept
