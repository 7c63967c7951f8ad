"""A backup is one file that is known to be good; what it does not know is found after it."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from jibit_sandbox.testing import SandboxWorld
from payment_engine import Actor
from payment_engine.discrepancies import Kind
from storefront.core.backup_files import file_name, last_backup
from storefront.core.database import db
from storefront.monitoring.runs import WorkerRun, keep
from storefront.orders import privacy
from storefront.orders.models import by_number
from storefront.orders.payments import open_discrepancies
from storefront.worker import jobs, wanted
from testkit.backups import Operator
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.databases import SqliteFiles
from testkit.money import paid_order
from testkit.scenario import SHOPPER, ScenarioDriver
from testkit.settings import at_gateways

PICTURE = f"{'0f' * 16}-200.webp"
OLDER = "0032"
TO_BE_JUDGED = 2 * 3600  # seconds; younger payments are left to the next reconciliation


@pytest.fixture
def driver(app: Flask) -> ScenarioDriver:
    return ScenarioDriver(app)


@pytest.fixture
def operator(app: Flask, tmp_path: Path) -> Operator:
    return Operator(app, tmp_path / "backups")


def numbers(driver: ScenarioDriver) -> list[str]:
    return [driver.number(order_id) for order_id in driver.orders()]


@pytest.mark.both_databases
def test_what_was_paid_after_the_backup_is_found_when_it_was_brought_back(
    driver: ScenarioDriver, operator: Operator, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    uploads = Path(operator.app.config["UPLOADS_FOLDER"])
    uploads.mkdir()
    (uploads / PICTURE).write_bytes(b"a picture")
    known = driver.number(paid_order(driver, sandbox))
    clock.advance(1)
    backup = operator.backs_up()
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    clock.advance(60)
    later_id = paid_order(driver, sandbox)
    (later,) = driver.payments(later_id)
    with driver.in_the_shop() as services:
        privacy.erase(services, known, actor=Actor.WORKER)
    (uploads / PICTURE).unlink()

    assert "not empty: --yes" in operator.is_refused("restore", backup)
    assert len(driver.orders()) == 2
    said = operator.restores(backup)
    assert "1 orders, 1 payments" in said
    assert "1 pictures added" in said
    assert "The worker reconciles at its next tick" in said or "Run it yourself" in said
    assert "wallet: this gateway has no list of its payments" in said
    assert f"personal data again erased: {known}" in said
    assert "is kept in" in said or "are kept in" in said
    assert numbers(driver) == [known]
    assert (uploads / PICTURE).read_bytes() == b"a picture"
    with driver.in_the_shop():
        order = by_number(known)
        assert order is not None
        assert order.mobile != SHOPPER.mobile

    clock.advance(TO_BE_JUDGED)
    jobs.run_job(driver.app, "reconcile")
    with driver.in_the_shop():
        assert wanted.asked_for("reconcile") is None
        (unknown,) = open_discrepancies()
        assert (unknown.kind, unknown.reference) == (Kind.UNKNOWN_HERE, later.reference)
    (theirs,) = [row for row in sandbox.orders() if row["reference_number"] == later.reference]
    assert theirs["state"] == "captured"
    paid_order(driver, sandbox)  # the shop goes on


@pytest.fixture
def edited(operator: Operator) -> Callable[[Callable[[dict[str, object]], None]], Path]:
    """Takes a backup and changes something in its manifest."""

    def edit(change: Callable[[dict[str, object]], None]) -> Path:
        backup = operator.backs_up()
        changed = backup.with_name("changed.zip")
        with zipfile.ZipFile(backup) as old, zipfile.ZipFile(changed, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                if name == "manifest.json":
                    manifest = json.loads(content)
                    change(manifest)
                    content = json.dumps(manifest).encode()
                new.writestr(name, content)
        backup.unlink()
        return changed

    return edit


REFUSALS: dict[str, Callable[[dict], None]] = {  # type: ignore[type-arg]  # what JSON has
    "is of another, and this shop runs on": lambda m: m.update(kind="another"),
    "migration 9999, which this code does not know": lambda m: m["facts"].update(migration="9999"),
    "database is not what its manifest says": lambda m: m["parts"]["database"].update(size=3),
    "this code reads format 1": lambda m: m.update(format=2),
    "../evil is not what": lambda m: m["parts"].update({"../evil": m["parts"]["database"]}),
    "manifest cannot be read": lambda m: m.pop("facts"),
}


def test_a_file_that_does_not_fit_changes_nothing(
    driver: ScenarioDriver,
    operator: Operator,
    edited: Callable[[Callable[[dict[str, object]], None]], Path],
) -> None:
    driver.place()
    for sentence, change in REFUSALS.items():
        with naming(sentence):
            assert sentence in operator.is_refused("restore", edited(change), "--yes")
    backup = operator.backs_up()
    whole = backup.read_bytes()
    for sentence, content in {
        "is damaged": whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:],
        "or no backup": whole[: len(whole) // 2],
    }.items():
        with naming(sentence):
            backup.write_bytes(content)
            assert sentence in operator.is_refused("restore", backup, "--yes")
    assert "No such file" in operator.is_refused("restore", backup.with_name("none.zip"), "--yes")
    assert len(driver.orders()) == 1


@pytest.mark.both_databases
def test_an_older_backup_is_migrated_and_nothing_is_replaced_while_somebody_is_at_work(
    driver: ScenarioDriver, operator: Operator, clock: MovingClock, stocked_database_url: str
) -> None:
    driver.place()
    with driver.in_the_shop() as services:
        flask_migrate.downgrade(revision=OLDER)
        backup = operator.backs_up("--verify")
        flask_migrate.upgrade()
        keep(WorkerRun(job="reconcile", started_at=services.clock(), counts={}), services.clock())
    assert "a worker was at work 0 seconds ago" in operator.is_refused("restore", backup, "--yes")
    clock.advance(60)
    with another_connection(stocked_database_url):
        assert "stop the shop" in operator.is_refused("restore", backup, "--yes")
    for _ in range(2):
        clock.advance(1)
        operator.restores(backup)
        assert len(driver.orders()) == 1
        with driver.in_the_shop():
            flask_migrate.check()


@contextmanager
def another_connection(url: str) -> Iterator[None]:
    """Somebody else who has read something and is still there."""
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM orders")).scalar_one()
        yield
    engine.dispose()


def test_a_damaged_database_is_kept_aside_and_replaced(
    sqlite_files: SqliteFiles,
    tmp_path: Path,
    sandbox: SandboxWorld,
    another_shop: Callable[..., Flask],
) -> None:
    with sqlite_files.fresh(tmp_path / "shop", stocked=True) as url:
        places = {"DATABASE_URL": url, "UPLOADS_FOLDER": str(tmp_path / "uploads")}
        driver = ScenarioDriver(another_shop(**places, **at_gateways(sandbox)))
        operator = Operator(driver.app, tmp_path / "backups")
        driver.place()
        backup = operator.backs_up()
        with driver.in_the_shop():
            db.engine.dispose()
        path = Path(url.removeprefix("sqlite:///"))
        path.write_bytes(path.read_bytes()[:20_000] + b"no database" * 9000)
        assert "repeat privacy erase" in operator.restores(backup)
        assert len(driver.orders()) == 1
        assert list(path.parent.glob("*.before-restore-*Z"))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_so_many_backups_are_kept_and_the_doctor_knows_how_old_the_last_is(
    operator: Operator, clock: MovingClock
) -> None:
    assert last_backup(operator.folder, clock.now())[0] is False
    for _ in range(3):
        clock.advance(3600)
        operator.backs_up("--keep", 2, "--no-verify")
    assert len(list(operator.folder.iterdir())) == 2
    later = clock.now() + timedelta(hours=25)
    assert last_backup(operator.folder, later) == (
        True,
        f"the last backup in {operator.folder} is 25 hours old",
    )
    assert last_backup(operator.folder, later, hours=24)[0] is False
    (operator.folder / file_name(clock.now())).unlink()
