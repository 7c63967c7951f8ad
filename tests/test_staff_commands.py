"""`flask staff ...`: who gets in, without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from storefront.cli.first_start import link_for_first_owner
from storefront.staff import accounts
from testkit.clock import MovingClock
from testkit.settings import NOWHERE
from testkit.shopper import Shopper
from testkit.staff import PASSWORD, clerk, owner

LINK = re.compile(rf"{re.escape(NOWHERE)}(/admin/welcome/[\w-]{{32}})\n")


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["staff", *words])
    return result.exit_code, result.output


def linked(printed: str) -> str:
    """The path of the link that a command printed, alone on its line."""
    found = LINK.fullmatch(printed)
    assert found, printed
    return found[1]


def sets_password(app: Flask, path: str) -> Shopper:
    person = Shopper(app)
    person.open(path)
    person.press("Set the password", password=PASSWORD, again=PASSWORD)
    return person


def test_who_is_added_sets_a_password_with_the_link_and_is_listed(app: Flask) -> None:
    code, printed = run(app, "add", "Sara", "--role", "clerk")
    assert code == 0
    assert run(app, "list") == (0, "sara: clerk, last login never\n")
    person = sets_password(app, linked(printed))
    assert person.open("/admin/orders").status == 200
    assert person.open("/admin/system").status == 403
    assert re.fullmatch(r"sara: clerk, last login \d{4}-\d\d-\d\d \d\d:\d\d\n", run(app, "list")[1])


def test_a_new_link_takes_the_place_of_the_one_before(app: Flask) -> None:
    first = linked(run(app, "add", "sara", "--role", "owner")[1])
    second = linked(run(app, "link", "SARA")[1])
    assert Shopper(app).open(first).status == 410
    assert sets_password(app, second).open("/admin/system").heading == "System"


def test_a_role_is_changed_at_once(app: Flask) -> None:
    person = clerk(app)
    assert run(app, "role", person.name, "owner") == (0, "")
    assert person.open("/admin/system").heading == "System"


def test_who_is_disabled_is_out_at_once_and_may_come_back(app: Flask) -> None:
    person = clerk(app)
    assert run(app, "disable", person.name) == (0, "")
    assert person.open("/admin").path == "/admin/login"
    assert f"{person.name}: clerk, disabled, last login" in run(app, "list")[1]
    assert run(app, "enable", person.name) == (0, "")
    person.open("/admin/login")
    assert person.press("Log in", name=person.name, password=PASSWORD).path == "/admin"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("add", "boss", "--role", "clerk"), "somebody has this name already"),
        (("add", "x", "--role", "clerk"), "a name has 2 to 40 letters"),
        (("disable", "boss"), "the shop needs one owner at least"),
        (("role", "boss", "clerk"), "the shop needs one owner at least"),
        (("link", "nobody"), "there is nobody nobody"),
        (("enable", "nobody"), "there is nobody nobody"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    app: Flask, words: tuple[str, ...], reason: str
) -> None:
    run(app, "add", "boss", "--role", "owner")
    code, printed = run(app, *words)
    assert code == 1
    assert printed.startswith(f"Error: {reason}")


def test_each_start_of_a_trial_shop_makes_a_new_link_until_somebody_has_a_password(
    bare_app: Flask, clock: MovingClock
) -> None:
    links = [link_for_first_owner(bare_app, clock.now()) for _ in range(2)]
    first, second = (str(each).removeprefix(NOWHERE) for each in links)
    assert Shopper(bare_app).open(first).status == 410
    assert run(bare_app, "list") == (0, "owner: owner, last login never\n")
    assert sets_password(bare_app, second).open("/admin/system").heading == "System"
    assert link_for_first_owner(bare_app, clock.now()) is None


def test_a_shop_that_has_staff_gets_no_first_owner(bare_app: Flask, clock: MovingClock) -> None:
    run(bare_app, "add", "sara", "--role", "owner")
    assert link_for_first_owner(bare_app, clock.now()) is None
    with bare_app.app_context():
        assert accounts.named("owner") is None


def test_who_disabled_the_first_owner_gets_no_new_one(bare_app: Flask, clock: MovingClock) -> None:
    link_for_first_owner(bare_app, clock.now())
    boss = owner(bare_app)
    assert run(bare_app, "disable", "owner") == (0, "")
    assert link_for_first_owner(bare_app, clock.now()) is None
    assert boss.open("/admin/system").status == 200


def test_a_shop_whose_database_does_not_serve_is_opened_without_a_link(
    another_shop: Callable[..., Flask], clock: MovingClock
) -> None:
    shop = another_shop(DATABASE_URL="sqlite:///:memory:")
    assert link_for_first_owner(shop, clock.now()) is None
