"""What the engine's README shows is run as it stands there."""

from __future__ import annotations

import builtins
import re
import secrets
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from cryptography.fernet import Fernet
from packaging.requirements import Requirement
from sqlalchemy import Engine, MetaData, create_engine, text

import payment_engine
from jibit_sandbox.testing import SandboxWorld
from payment_engine import Actor, Hooks, NotRefundable, PaymentEngine, PaymentState, Policy
from payment_engine.gateway import RefundStatus, Verification, VerificationStatus
from payment_engine.services import utc_now
from payment_engine.sqlalchemy_store import SqlAlchemyStore
from payment_engine.sqlalchemy_tables import payment_tables
from payment_engine.testing import GatewayContract, ScriptedGateway
from payment_engine.tokens import StoredTokens
from testkit.processes import ROOT
from tests.engine.databases import empty_postgresql
from tests.examples import example_pay
from tests.examples.example_pay import ExamplePayServer
from tests.examples.shop import DJANGO, FLASK

README = (Path(payment_engine.__file__).parent / "README.md").read_text()
LISTINGS: list[str] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def listing(words: str) -> str:
    """Return the one listing that has these words."""
    (found,) = [each for each in LISTINGS if words in each]
    return found


def run(code: str, **names: Any) -> dict[str, Any]:
    """Run a listing with these names defined; return all names after it."""
    space = {"__builtins__": builtins, "__name__": "readme", **names}
    program = compile(code, "README.md", "exec", dont_inherit=True)
    exec(program, space)  # noqa: S102 - our own README
    return space


# the shop


@pytest.fixture
def shop(
    tmp_path: Path, running: SandboxWorld, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """Give the names of a Flask shop after the README's listing was added to it."""
    world = running.world(f"w{secrets.token_hex(6)}")
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/shop.sqlite3",
        "SHOP_JIBIT_BASE_URL": world.ppg_base_url,
        "SHOP_JIBIT_API_KEY": world.api_key,
        "SHOP_JIBIT_SECRET_KEY": world.secret_key,
        "SHOP_CALLBACK_URL": "http://shop.test/pay/{reference}/callback",
        "SHOP_PAY_HOST": urlsplit(world.base_url).netloc,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    shop = run((FLASK.folder / "shop.py").read_text())
    shop = run(listing("class ShopHooks"), **shop, world=world)
    yield shop
    shop["gateway"].close()
    with shop["app"].app_context():
        shop["db"].engine.dispose()


def place_order(shop: dict[str, Any]) -> str:
    answer = shop["app"].test_client().post("/orders", data={"mobile": "09121234567"})
    return str(answer.location)


def test_thirty_lines_take_a_payment(shop: dict[str, Any]) -> None:
    browser, order_page = shop["app"].test_client(), place_order(shop)
    sent_to = browser.post(f"{order_page}/pay").location
    back = browser.get(shop["world"].pay(sent_to), follow_redirects=True)
    assert back.request.path == order_page
    assert "<p>paid</p>" in back.text


def test_a_callback_for_an_unknown_reference_is_not_found(shop: dict[str, Any]) -> None:
    answer = shop["app"].test_client().get("/pay/nonsense/callback?state=SUCCESSFUL")
    assert answer.status_code == 404


def test_recovery_from_the_command_line_prints_what_it_did(shop: dict[str, Any]) -> None:
    said = shop["app"].test_cli_runner().invoke(args=["recover"])
    assert (said.exit_code, said.stdout) == (0, "{}\n")


def test_pip_understands_what_is_installed_from_the_repository() -> None:
    client, engine, sandbox = map(Requirement, re.findall(r'"(\S+ @ git\+\S+)"', README))
    names = (client.name, engine.name, sandbox.name)
    assert names == ("jibit-client", "payment-engine", "jibit-sandbox")
    assert str(sandbox.url).endswith("#subdirectory=jibit_sandbox")
    assert engine.extras == {"sqlalchemy", "jibit"}
    assert str(engine.url).endswith("#subdirectory=payment_engine")


def test_the_listing_is_that_of_the_example_that_is_tested_as_processes() -> None:
    lines = [line for line in listing("class ShopHooks").splitlines() if line.strip()]
    example = (FLASK.folder / "shop_with_payments.py").read_text().splitlines()
    assert [line for line in lines if line not in example] == []
    assert len(lines) <= 32  # the example needs one line for its page, and has two of these before


def test_an_order_that_is_being_captured_cannot_be_cancelled(shop: dict[str, Any]) -> None:
    with_order = listing("engine.locked(order_key)")
    key = place_order(shop).rpartition("/")[2]
    run(with_order, **{**shop, "order_key": key})
    engine, page = shop["engine"], shop["app"].test_client().get(f"/orders/{key}")
    assert "<p>cancelled</p>" in page.text
    payment = engine.begin(order_key=key, amount_rials=2_500_000, payer_mobile="09121234567")
    shop["world"].pay(payment.redirect_url)
    engine.complete(payment.id, actor=Actor.WORKER)
    assert shop["world"].orders()[0]["state"] == "paid"  # and may_capture has left it there


# tables


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        database = create_engine(f"sqlite:///{tmp_path}/shop.sqlite3")
        yield database
    else:
        server = request.getfixturevalue("postgres_server")
        with empty_postgresql(server, tmp_path) as url:
            database = create_engine(url)
            yield database
            database.dispose()
    database.dispose()


def test_the_migration_makes_what_the_metadata_has_and_the_rules(database: Engine) -> None:
    metadata = MetaData()
    run(listing("tables = payment_tables(metadata)"), metadata=metadata)
    with database.begin() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            run(listing("def upgrade"))["upgrade"]()
        assert compare_metadata(context, metadata) == []
    rules = {
        "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal",
    }
    with database.begin() as connection:
        assert connection.scalar(text(rules[database.dialect.name])) == 4
        with Operations.context(MigrationContext.configure(connection)):
            run(listing("def upgrade"))["downgrade"]()
        assert compare_metadata(MigrationContext.configure(connection), MetaData()) == []


# recovery, review and tests


def test_the_cipher_encrypts_what_the_store_writes(database: Engine) -> None:
    key, other_key = Fernet.generate_key(), Fernet.generate_key()
    config = SimpleNamespace(config={"TOKEN_KEY": key})
    names = {"SqlAlchemyStore": SqlAlchemyStore, "db": SimpleNamespace(engine=database)}
    space = run(listing("class TokenCipher"), app=config, **names)
    store: SqlAlchemyStore = space["store"].create_tables()
    tokens, pair = store.tokens("account"), StoredTokens("access", "refresh", utc_now())
    assert tokens.write(pair, tokens.try_lease(60) or 0)
    assert tokens.read() == pair
    assert SqlAlchemyStore(database).tokens("account").read() != pair
    other = SqlAlchemyStore(database, token_cipher=space["TokenCipher"](other_key))
    assert other.tokens("account").read() is None


def test_the_scheduler_runs_what_there_is() -> None:
    jobs = []

    class BlockingScheduler:
        def add_job(self, function: Any, *_: Any, **__: Any) -> None:
            jobs.append(function)

    run(listing("BlockingScheduler"), BlockingScheduler=BlockingScheduler, engine=PaymentEngine)
    assert len(jobs) == 3


@pytest.fixture
def orders() -> dict[str, str]:
    return {"7": "open"}


@pytest.fixture
def make_engine(orders: dict[str, str], tmp_path: Path) -> Iterator[Any]:
    """A function that makes an engine on SQLite whose hooks write into ``orders``."""
    database = create_engine(f"sqlite:///{tmp_path}/payments.sqlite3")
    store = SqlAlchemyStore(database)
    store.create_tables()

    class Noting(Hooks):
        def on_paid(self, session: Any, payment: Any) -> None:  # noqa: ARG002 - the port's
            orders[payment.order_key] = "paid"

    def make_engine(gateway: Any, redirect_hosts: set[str]) -> PaymentEngine:
        policy = Policy(callback_url="https://x/{reference}", redirect_hosts=redirect_hosts)
        return PaymentEngine(gateways=[gateway], store=store, hooks=Noting(), policy=policy)

    yield make_engine
    database.dispose()


def test_the_test_with_a_scripted_gateway_passes(make_engine: Any, orders: dict[str, str]) -> None:
    names = run(listing("ScriptedGateway()"))
    tests = [each for name, each in names.items() if name.startswith("test_")]
    for test in tests:
        test(make_engine, orders)
    assert len(tests) == 1


def test_a_person_decides_about_a_payment(make_engine: Any, orders: dict[str, str]) -> None:
    gateway = ScriptedGateway()
    engine = make_engine(gateway, {gateway.host})
    begun = engine.begin(order_key="7", amount_rials=1000, payer_mobile="09121234567")
    gateway.answer("verify", Verification(VerificationStatus.SUCCESSFUL, "YES", amount_rials=999))
    engine.handle_callback(begun.reference, gateway.pay(begun.gateway_payment_id))
    (payment,) = engine.in_review()
    assert (payment.id, engine.state_of("7")) == (begun.id, "needs_review")
    run(listing("engine.resolve"), engine=engine, payment=payment, PaymentState=PaymentState)
    assert orders["7"] == "paid"
    assert engine.in_review() == []


def test_a_part_of_a_payment_goes_back(make_engine: Any) -> None:
    gateway = ScriptedGateway()
    gateway.can_refund = True
    engine = make_engine(gateway, {gateway.host})
    begun = engine.begin(order_key="7", amount_rials=1000, payer_mobile="09121234567")
    engine.handle_callback(begun.reference, gateway.pay(begun.gateway_payment_id))
    said = run(listing("engine.refund"), engine=engine, payment=begun)
    assert engine.refunds_of("7") == [said["refund"]]
    gateway.settle_refund(begun.gateway_payment_id, RefundStatus.DONE)
    with pytest.raises(NotRefundable, match="is done"):  # it asks the gateway first
        engine.cancel_refund(said["refund"].id, by="Sara")
    assert engine.state_of("7") == "partly_refunded"


# a gateway of one's own

EXAMPLE_PAY = run(listing("class ExamplePay(Gateway)"))


@pytest.fixture
def test_account() -> Iterator[ExamplePayServer]:
    with example_pay.serving() as server:
        yield server


TestExamplePay = run(
    textwrap.dedent(listing("class TestExamplePay")),
    GatewayContract=GatewayContract,
    pytest=pytest,
    ExamplePay=EXAMPLE_PAY["ExamplePay"],
)["TestExamplePay"]


def test_a_gateway_needs_about_sixty_lines() -> None:
    lines = [line for line in listing("class ExamplePay(Gateway)").splitlines() if line.strip()]
    assert len(lines) <= 75


# what the text says


@pytest.mark.parametrize("name", re.findall(r"`engine\.(\w+)", README))
def test_every_method_that_is_named_exists(name: str) -> None:
    assert hasattr(PaymentEngine, name)


def test_every_table_that_is_named_exists() -> None:
    metadata = MetaData()
    payment_tables(metadata)
    paragraph = README.split("## Tables and migrations")[1].split("No foreign key")[0]
    assert set(re.findall(r"`(\w+)`", paragraph)) == set(metadata.tables)


def test_the_examples_readme_sets_what_the_examples_read(running: SandboxWorld) -> None:
    readme = (ROOT / "examples" / "README.md").read_text()
    settings = dict(re.findall(r"(SHOP_\w+)='?([^\s']+)", readme))
    timeouts = {"SHOP_JIBIT_CONNECT_TIMEOUT", "SHOP_JIBIT_READ_TIMEOUT"}
    assert set(settings) == set(FLASK.settings) - timeouts
    assert {name.removeprefix("SHOP_") for name in settings} == set(DJANGO.settings)
    assert settings["SHOP_JIBIT_API_KEY"] == running.api_key
    assert settings["SHOP_JIBIT_SECRET_KEY"] == running.secret_key
