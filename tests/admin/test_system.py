"""The page of the system: what it shows of the shop, and what it never shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import text, update

from jibit_sandbox.testing import SandboxWorld
from payment_engine.errors import NoAnswer
from storefront.admin.job_words import counted
from storefront.admin.log_words import WORDS
from storefront.admin.setting_words import SETTING_TITLES
from storefront.core.database import db, transaction
from storefront.core.settings import SETTINGS
from storefront.core.tables import TABLES
from storefront.monitoring.installation import installation
from storefront.staff.models import StaffMember, StaffSession
from storefront.worker import jobs
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.processes import ROOT
from testkit.scenario import ScenarioDriver
from testkit.settings import at_gateways
from testkit.shopper import Page, Shopper
from testkit.staff import PASSWORD, clerk, owner, system_page

OpenShop = Callable[..., Flask]
SECRETS = {
    "SECRET_KEY": "the key of this shop, drawn for a test of secrets 1",
    "SECRET_KEY_FALLBACKS": "the former key of this shop for a test of secrets 2",
    "SMTP_URL": "smtp://shop:mail-password-3@127.0.0.1:2525?token=mail-query-4",
    "WEBHOOK_URL": "http://erp:erp-password-5@127.0.0.1:9/secret-path-6",
    "WEBHOOK_SECRET": "the key of the calls to the merchant's system 7",
    "METRICS_TOKEN": "the token of the monitoring program 8",
    "SMS_URL": "kavenegar://key-of-the-sms-account-9@/?sender=10004346",
    "SMS_SECRET": "the key of the calls for text messages 10",
}
HIDDEN = (
    *("drawn for a test", "the former key", "mail-password-3", "mail-query-4", "erp-password-5"),
    *("secret-path-6", "the key of the calls", "the token of the monitoring"),
    "key-of-the-sms-account-9",
)


@pytest.fixture
def driver(app: Flask) -> ScenarioDriver:
    return ScenarioDriver(app)


def setting(page: Page, name: str) -> list[str]:
    """Value and source of a setting, as the table shows them."""
    row = next(row for row in page.soup.select("tr") if name in row.get_text(" ").split())
    return [" ".join(cell.get_text(" ").split()) for cell in row.select("td")]


def in_both_languages(app: Flask, words: Callable[[], list[str]]) -> tuple[list[str], list[str]]:
    with app.test_request_context("/?lang=en"):
        english = words()
    with app.test_request_context("/?lang=fa"):
        return english, words()


def test_each_setting_says_where_it_comes_from_and_is_named_in_both_languages(
    app: Flask,
) -> None:
    page = system_page(app)
    assert set(SETTING_TITLES) == {each.name for each in SETTINGS}
    assert setting(page, "GATEWAY_READ_TIMEOUT") == ["5", "the program that started the shop"]
    assert setting(page, "WORKER_THREADS")[0] == "16"
    assert setting(page, "SMTP_URL") == ["not set", "default"]
    assert setting(page, "PPG_SECRET_KEY")[0] == "set, and not shown"
    titles = in_both_languages(app, lambda: [str(each) for each in SETTING_TITLES.values()])
    assert not [one for one, other in zip(*titles, strict=True) if one == other]


def test_of_an_address_with_credentials_only_the_place_is_shown(
    another_shop: OpenShop, database_url: str
) -> None:
    page = system_page(another_shop(DATABASE_URL=database_url, **SECRETS))
    assert setting(page, "SMTP_URL")[0] == "smtp://127.0.0.1:2525"
    assert setting(page, "WEBHOOK_URL")[0] == "http://127.0.0.1:9"
    assert setting(page, "SMS_URL")[0] == "kavenegar://"
    assert "@" not in setting(page, "DATABASE_URL")[0]
    assert not [each for each in HIDDEN if each in page.html]


@pytest.mark.long
def test_tokens_are_shown_by_account_age_and_end(
    app: Flask, driver: ScenarioDriver, clock: MovingClock
) -> None:
    assert "none yet" in system_page(app).text
    driver.send_shopper()
    clock.advance(2 * 3600)
    page = system_page(app)
    assert re.search(
        r"Bank card ppg-[0-9a-f]{12} issued 2 hours ago valid until \d+ \w+ 20\d\d", page.text
    )
    clock.advance(30 * 3600)
    assert "over since" in system_page(app).text


def test_tokens_that_no_key_opens_are_told_so(
    driver: ScenarioDriver, another_shop: OpenShop, stocked_database_url: str
) -> None:
    driver.send_shopper()
    stranger = another_shop(
        DATABASE_URL=stocked_database_url, SECRET_KEY="another key than the one of the first shop"
    )
    assert "cannot be read: new ones are fetched" in system_page(stranger).text


def test_refused_keys_and_a_gateway_that_does_not_answer_are_seen(
    app: Flask, driver: ScenarioDriver, clock: MovingClock
) -> None:
    assert "(ppg) takes payments" in system_page(app).text
    driver.send_shopper()
    with app.app_context(), transaction():
        until = clock.now().replace(year=2090)
        db.session.execute(update(TABLES.tokens).values(refusals=3, refused_until=until))
    breaker = driver.services.engine.services.bulkheads["ppg"].breaker
    for _ in range(5):
        with suppress(NoAnswer), breaker.watching():
            raise NoAnswer("create", "silence")
    seen = system_page(app).text
    assert "the keys were refused, 3 times in a row" in seen
    assert "new payments pause: it does not answer · look here" in seen


def test_what_a_run_has_counted_is_said_in_words(
    app: Flask, driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    _, switching_url = driver.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    clock.advance(61)
    jobs.run_job(app, "recover_payments")
    jobs.run_job(app, "refresh_tokens")
    seen = system_page(app).text
    assert re.search(r"Recover payments whose callback never came 0 \w+ · Paid: 1", seen)
    assert "Renew the gateways' tokens" in seen
    assert counted("forget_carts", {"carts_forgotten": 0}) == []
    assert counted("forget_carts", {"nobody_knows_this": 2}) == [("nobody knows this", 2)]


def test_versions_and_the_database_are_shown(app: Flask) -> None:
    page = system_page(app).text
    for name in ("storefront", "payment_engine", "jibit_client", "jibit_sandbox", "Python"):
        assert re.search(rf"{name} \d+\.\d+", page), name
    assert re.search(r"Database (SQLite|PostgreSQL) \d+", page)
    assert re.search(r"Its tables up to date \(\d{4}\)", page)
    assert "Can it be read and written? yes" in page


def test_a_database_that_lacks_migrations_is_told_with_what_to_do(app: Flask) -> None:
    with app.app_context(), transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = '0022'"))
    page = system_page(app).text
    assert "changes are missing · look here" in page
    assert "0023: " in page
    assert "0022: " not in page
    assert "flask --app storefront db upgrade" in page
    with app.app_context():
        assert installation().missing[0].startswith("0023")


def test_every_word_of_the_log_is_a_sentence_in_both_languages(app: Flask) -> None:
    noted = {
        word
        for file in (ROOT / "storefront").rglob("*.py")
        for word in re.findall(r'\blog\.note\(\s*"(\w+)"', file.read_text(encoding="utf-8"))
    }
    assert noted <= set(WORDS)
    english, persian = in_both_languages(app, lambda: [str(each) for each in WORDS.values()])
    assert not set(english) & set(persian)


def test_the_log_says_who_did_what_to_whom(app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["staff", "add", "Nasrin", "--role", "clerk"])
    page = system_page(app)
    entry = next(each for each in page.soup.select("#log ~ ul li") if "nasrin" in each.text)
    said = " ".join(entry.get_text(" ").split())
    assert said.endswith("the command line : added somebody · nasrin · Clerk")
    assert "set a password with a one-time link · 127.0.0.1" in page.text


@pytest.mark.long
def test_the_gateways_are_checked_with_a_button(app: Flask, sandbox: SandboxWorld) -> None:
    person = owner(app)
    person.open("/admin/system")
    page = person.press("Check the gateways")
    assert page.heading == "Check of the gateways"
    assert page.text.count("All that was seen is as expected.") == 2
    assert "Token: A new pair leaves an earlier one alive" in page.text
    assert {order["state"] for order in sandbox.orders()} == {"awaiting"}
    assert "checked the gateways" in person.open("/admin/system").text
    assert person.open("/admin/system/check").heading == "Check of the gateways"


def test_what_differs_at_a_gateway_or_keeps_it_from_being_asked_is_told(
    another_shop: OpenShop, stocked_database_url: str, sandbox: SandboxWorld
) -> None:
    wrong = {"PSP_HOSTS": "psp.example", "WALLET_PASSWORD": "a-mistyped-password"}
    shop = another_shop(DATABASE_URL=stocked_database_url, **at_gateways(sandbox) | wrong)
    person = owner(shop)
    person.open("/admin/system/check")
    page = person.press("Check the gateways")
    assert "The gateway behaves otherwise than expected in 1 points." in page.text
    assert "The payer is sent to a host in PSP_HOSTS" in page.text
    assert "The gateway could not be asked. The gateway issues no token for these keys" in page.text
    person.client.get("/language/fa")
    persian = person.press("Check the gateways")
    assert "نتوانستیم از درگاه بپرسیم." in persian.text


def test_the_gateways_are_not_checked_without_end(app: Flask, sandbox: SandboxWorld) -> None:
    person = owner(app)
    person.open("/admin/system/check")
    sandbox.behave("generate_refused", times=None)
    assert [person.press("Check the gateways").status for _ in range(7)] == [200] * 6 + [429]
    assert "too many tries" in person.page.text


def test_no_secret_is_on_any_page_of_the_back_office(
    another_shop: OpenShop, stocked_database_url: str, sandbox: SandboxWorld
) -> None:
    # The gateways' own keys are sandbox worlds' random ones.
    shop = another_shop(DATABASE_URL=stocked_database_url, **at_gateways(sandbox) | SECRETS)
    driver, person = ScenarioDriver(shop), owner(shop)
    clerk(shop)
    order_id, switching_url = driver.send_shopper()
    driver.come_back(sandbox.pay(switching_url))
    hidden = {*HIDDEN, PASSWORD, sandbox.api_key, sandbox.secret_key, sandbox.password, "$argon2"}
    hidden |= stored_secrets(shop)
    pages = paths(shop, driver.number(order_id))
    assert {"/admin", "/admin/staff", "/admin/system", "/admin/system/check"} <= set(pages)
    for path in pages:
        with naming(path):
            shown = person.open(path).html
            assert not [each for each in hidden if each in shown]
    person.open("/admin/system/check")
    shown = person.press("Check the gateways").html
    assert not [each for each in hidden if each in shown]


def stored_secrets(shop: Flask) -> set[str]:
    """Tokens of the gateways as they are stored and as they are; digests of the staff's secrets."""
    with shop.app_context():
        columns = TABLES.tokens.c
        rows = db.session.execute(db.select(columns.account, columns.access_token)).all()
        assert rows
        store = shop.extensions["services"].engine.services.store
        pairs = [store.tokens(row.account).read() for row in rows]
        found = {row.access_token for row in rows}
        found |= {token for each in pairs for token in (each.access_token, each.refresh_token)}
        found |= set(db.session.scalars(db.select(StaffSession.token_hash)))
        hashes = db.session.scalars(db.select(StaffMember.password_hash))
        return found | {each for each in hashes if each}


def paths(shop: Flask, number: str) -> list[str]:
    """Every address of the back office that can be looked at, about this order."""
    rules = [rule for rule in shop.url_map.iter_rules() if rule.rule.startswith("/admin")]
    looked_at = [rule.rule for rule in rules if "GET" in (rule.methods or set())]
    filled = [re.sub(r"<int:\w+>", "1", path.replace("<number>", number)) for path in looked_at]
    return [re.sub(r"<[^>]+>", "x", path) for path in filled]


def test_the_page_speaks_persian(app: Flask) -> None:
    page = system_page(app, "fa")
    assert page.heading == "سامانه"
    assert "هرگز" in page.text
    assert "تنظیمات را مسئول فنی روی سرور" in page.text


def test_a_stranger_gets_neither_the_page_nor_the_check(app: Flask, sandbox: SandboxWorld) -> None:
    stranger = Shopper(app)
    assert stranger.open("/admin/system/check").path == "/admin/login"
    assert sandbox.orders() == []
