"""`doctor` finds each fault of an installation, and one fault hides no other."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from jibit_sandbox.testing import SandboxWorld
from storefront.core.backup_files import file_name
from storefront.core.database import db, transaction
from storefront.doctor import question
from storefront.doctor.checks import CHECKS
from storefront.doctor.findings import Check, Findings, Verdict, ok
from storefront.doctor.front import redirect_from
from storefront.doctor.proxies import CLAIMED, judged
from storefront.doctor.question import Seen
from storefront.doctor.running import examine
from storefront.staff import accounts
from storefront.staff.models import Role
from storefront.worker import jobs
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.kavenegar import running_kavenegar
from testkit.live import LiveShop
from testkit.mail_server import running_mail_server
from testkit.nginx import NO_NGINX, Nginx, nginx_program
from testkit.processes import ROOT, free_port
from testkit.settings import SECRET_KEY, at_gateways
from testkit.staff import PASSWORD

OpenShop = Callable[..., Flask]
# A real gateway's address; no test lets it be asked.
REAL = {
    "PPG_BASE_URL": "https://gateway.invalid/ppg/v2",
    "PPG_API_KEY": "a real key",
    "PPG_SECRET_KEY": "another real key",
    "PUBLIC_URL": "https://shop.invalid",
}


def found_in(app: Flask, *titles: str) -> dict[str, list[tuple[str, str]]]:
    """What these checks find, by check: verdict and sentence."""
    found: dict[str, list[tuple[str, str]]] = {}
    with app.app_context():
        for each in examine(check for check in CHECKS if check.title in titles):
            found.setdefault(each.check, []).append((each.verdict.value, each.sentence))
            assert each.todo or each.verdict in {Verdict.OK, Verdict.NOT_CHECKED}
    return found


def verdicts(app: Flask, title: str) -> set[str]:
    return {verdict for verdict, _ in found_in(app, title)[title]}


def doctor(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["doctor", *words])
    return result.exit_code, result.output


def test_a_shop_in_test_mode_has_nothing_wrong_but_what_a_new_one_lacks(
    app: Flask,
) -> None:
    code, printed = doctor(app)
    lines = [line for line in printed.splitlines() if line.startswith("wrong")]
    assert code == 1
    assert {" ".join(line.split()[1:2]) for line in lines} <= {"owner", "gateway", "database"}
    assert "run flask --app storefront staff add NAME --role owner" in printed
    assert SECRET_KEY not in printed
    titles = [each["check"] for each in json.loads(doctor(app, "--json")[1])["findings"]]
    expected = [check.title for check in CHECKS if "ppg_v3" not in check.title]
    assert list(dict.fromkeys(titles)) == expected


def test_a_check_that_fails_or_hangs_is_one_line_and_stops_no_other(app: Flask) -> None:
    def fails() -> Findings:
        yield ok("the first half")
        raise RuntimeError("the card 6037991234567893 is odd")

    def hangs() -> Findings:
        time.sleep(3)  # the check's own; what waits for it has gone on long before
        yield ok("late")

    checks = (
        Check("one", fails),
        Check("two", hangs, seconds=0.05),
        Check("three", lambda: iter([ok("well")])),
    )
    with app.app_context():
        found = [(each.check, each.verdict.value, each.sentence) for each in examine(checks)]
    assert found[0] == ("one", "ok", "the first half")
    assert found[1][:2] == ("one", "wrong")
    assert "RuntimeError" in found[1][2]
    assert "6037991234567893" not in found[1][2]
    assert found[2:] == [
        ("two", "wrong", "it had no answer within 0.05 s"),
        ("three", "ok", "well"),
    ]


def test_missing_and_old_files_of_the_shop_are_wrong_and_refused(
    another_shop: OpenShop, stocked_database_url: str, tmp_path: Path
) -> None:
    words, static = tmp_path / "words", tmp_path / "static"
    shutil.copytree(ROOT / "storefront" / "translations", words)
    for name in ("css/house.css", "fonts/regular.woff2", "fonts/semibold.woff2"):
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        (static / name).write_text("something")
    compiled = words / "fa" / "LC_MESSAGES" / "messages.mo"
    whole = compiled.read_bytes()

    def readiness() -> tuple[int, str]:
        ticks[0] += 10
        answer = app.test_client().get("/readyz")
        return answer.status_code, answer.get_json()["status"]

    ticks = [0.0]
    compiled.unlink()
    app = another_shop(
        DATABASE_URL=stocked_database_url,
        BABEL_TRANSLATION_DIRECTORIES=str(words),
        MONOTONIC_CLOCK=lambda: ticks[0],
    )
    app.static_folder = str(static)
    assert "سبد خرید" not in app.test_client().get("/?lang=fa").text
    assert "translations are not compiled" in readiness()[1]
    assert verdicts(app, "translations") == {"wrong"}
    compiled.write_bytes(b"damaged")
    assert "cannot be read" in readiness()[1]
    compiled.write_bytes(whole)
    texts = compiled.with_suffix(".po")
    with texts.open("a") as file:
        file.write('\nmsgid "A new text"\nmsgstr "متنی تازه"\n')
    newer = compiled.stat().st_mtime + 60
    _touch(texts, newer)
    assert "are older than their texts" in readiness()[1]
    _touch(compiled, newer + 60)
    font = static / "fonts" / "semibold.woff2"
    font.write_bytes(b"")
    assert readiness() == (
        503,
        "static/fonts/semibold.woff2 is empty: run python scripts/make_fonts.py",
    )
    assert verdicts(app, "styles and fonts") == {"wrong"}
    font.write_bytes(b"a font")
    assert readiness() == (200, "ok")
    assert "سبد خرید" in app.test_client().get("/?lang=fa").text
    assert found_in(app, "translations", "styles and fonts") == {
        "translations": [("ok", "compiled, and as new as their texts")],
        "styles and fonts": [("ok", "all there")],
    }
    font.unlink()  # it is looked for at a start, and again while something is missing
    assert readiness() == (200, "ok")


def _touch(file: Path, moment: float) -> None:
    os.utime(file, (moment, moment))


def test_a_database_that_lacks_migrations_or_is_newer_is_told_so(
    another_shop: OpenShop, database_url: str
) -> None:
    app = another_shop(DATABASE_URL=database_url)
    assert verdicts(app, "migrations") == {"ok"}
    set_migration(app, sorted(Path("migrations/versions").glob("0*.py"))[-2].name[:4])
    ((verdict, sentence),) = found_in(app, "migrations")["migrations"]
    assert (verdict, sentence[:38]) == ("wrong", "the database lacks 1, the first is 003")
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "run flask --app storefront db upgrade" in answer.get_json()["status"]
    set_migration(app, "9999")
    assert "newer than this version" in found_in(app, "migrations")["migrations"][0][1]
    assert another_shop(DATABASE_URL=database_url).test_client().get("/readyz").status_code == 200


def set_migration(app: Flask, number: str) -> None:
    with app.app_context(), transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = :n"), {"n": number})


def test_a_database_that_may_lose_payments_is_wrong(bare_app: Flask) -> None:
    found = found_in(bare_app, "database")["database"]
    assert found[0][1].endswith("can be read and written")
    if "PostgreSQL" in found[0][1]:  # the tests' server need not survive a power cut
        assert (
            "wrong",
            "fsync, synchronous_commit, full_page_writes: off; a power cut would lose"
            " confirmed payments",
        ) in found
    else:
        assert found[1] == ("ok", "its log is on (WAL)")


def test_what_does_not_answer_hides_nothing_else(another_shop: OpenShop) -> None:
    app = another_shop(
        DATABASE_URL="postgresql://me:secret@127.0.0.1:1/none",
        SMTP_URL=f"smtp://127.0.0.1:{free_port()}",
        WEBHOOK_URL=f"http://127.0.0.1:{free_port()}/path",
        WEBHOOK_SECRET="the key of the calls to the merchant's system",
        PUBLIC_URL=f"http://127.0.0.1:{free_port()}",
    )
    code, printed = doctor(app, "--json")
    found = {each["check"]: each for each in json.loads(printed)["findings"]}
    assert code == 1
    assert "secret@" not in printed
    for title in ("database", "e-mail", "webhook"):
        assert found[title]["verdict"] == "wrong", title
    for title in ("migrations", "owner", "worker", "web server", "gateway ppg"):
        assert found[title]["verdict"] == "not checked", title
    assert found["translations"]["verdict"] == "ok"


def test_folders_files_and_disks(app: Flask, tmp_path: Path) -> None:
    assert found_in(app, "folders")["folders"][0][0] == "ok"
    blocked = tmp_path / "a file"
    blocked.touch()
    app.config["UPLOADS_FOLDER"] = str(blocked)
    assert found_in(app, "folders")["folders"][0][0] == "wrong"
    app.config["UPLOADS_FOLDER"] = str(tmp_path)
    app.instance_path = str(tmp_path)
    blocked.chmod(0o640)
    tmp_path.chmod(0o700)
    ((verdict, sentence),) = found_in(app, "private files")["private files"]
    assert (verdict, sentence) == ("wrong", f"{blocked} can be read by others")
    blocked.chmod(0o600)
    assert verdicts(app, "private files") == {"ok"}


def test_keys_that_were_not_drawn_and_alarms_that_reach_nobody(another_shop: OpenShop) -> None:
    memory = {"DATABASE_URL": "sqlite:///:memory:"}
    shared = {"SECRET_KEY": SECRET_KEY, "METRICS_TOKEN": SECRET_KEY}
    for settings, title, expected in (
        ({"SECRET_KEY": "12345678" * 4}, "secret key", "wrong"),
        (shared, "secret key", "wrong"),
        ({"SECRET_KEY": "abcdefghabcdefgiabcdefghabcdefgh"}, "secret key", "warning"),
        ({}, "secret key", "ok"),
        ({"ALARM_EMAILS": "me@shop.example"}, "alarms", "wrong"),
        (REAL, "alarms", "warning"),
        (REAL, "metrics", "not checked"),
        (REAL, "e-mail", "warning"),
        ({}, "alarms", "not checked"),
        ({}, "https", "not checked"),
    ):
        with naming(title, settings):
            assert verdicts(another_shop(**memory | settings), title) == {expected}


def test_an_owner_and_a_worker_are_there_or_not(app: Flask, clock: MovingClock) -> None:
    assert verdicts(app, "owner") == {"wrong"}
    assert verdicts(app, "worker") == {"not checked"}
    with app.app_context():
        _, token = accounts.add("Sara", Role.OWNER, clock.now(), by="test")
    assert verdicts(app, "owner") == {"warning"}
    with app.app_context():
        accounts.set_password(token, PASSWORD, clock.now(), client="-")
    assert verdicts(app, "owner") == {"ok"}
    for job in ("refresh_tokens", "recover_payments"):
        jobs.run_job(app, job)
    ((verdict, sentence),) = found_in(app, "worker")["worker"]
    assert verdict == "wrong"
    assert "expire_orders" in sentence
    assert "recover_payments" not in sentence


def test_in_test_mode_no_sandbox_need_answer_for_text_messages(app: Flask) -> None:
    app.config["SMS_URL"] = f"http://127.0.0.1:{free_port()}/sms"
    assert verdicts(app, "SMS") == {"not checked"}


def test_the_age_of_the_last_backup_is_told_where_it_is_asked_for(
    app: Flask, clock: MovingClock, tmp_path: Path
) -> None:
    def told() -> str:
        return next(
            line
            for line in doctor(app, "--backups", str(tmp_path))[1].splitlines()
            if "backups " in line
        )

    assert f"there is no backup in {tmp_path}" in told()
    (tmp_path / file_name(clock.now() - timedelta(hours=3))).touch()
    assert told().startswith("ok ")
    clock.advance(24 * 3600)
    assert "27 hours old: more than 26" in told()


def test_mail_and_text_messages_are_tried_without_sending(another_shop: OpenShop) -> None:
    with running_mail_server() as mail, running_kavenegar() as account:
        app = another_shop(
            DATABASE_URL="sqlite:///:memory:",
            SMTP_URL=f"smtp://shop:password@127.0.0.1:{mail.port}",
            SMS_URL=account.url,
        )
        assert found_in(app, "e-mail", "SMS") == {
            "e-mail": [("ok", "127.0.0.1 lets the shop in")],
            "SMS": [("ok", "Kavenegar knows the key; the credit is 1,500,000 Rials")],
        }
        mail.lets_in, account.credit_rials = False, 1000
        assert found_in(app, "e-mail", "SMS") == {
            "e-mail": [
                ("wrong", "127.0.0.1 does not let the shop in: SMTP: SMTPAuthenticationError")
            ],
            "SMS": [("warning", "Kavenegar: the credit is 1,000 Rials")],
        }
        account.code = 403
        assert found_in(app, "SMS")["SMS"] == [("wrong", "no account: SMS: Kavenegar 403")]
        assert (mail.letters, account.sent) == ([], {})


def test_the_gateways_are_asked_for_tokens_and_their_clock_is_compared(
    another_shop: OpenShop, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    settings: dict[str, Any] = {"DATABASE_URL": "sqlite:///:memory:", **at_gateways(sandbox)}
    clock.advance(time.time() - clock.now().timestamp())
    app = another_shop(**settings)
    titles = ("gateway ppg", "gateway wallet", "gateway ppg_v3")
    found = found_in(app, *titles)
    assert set(found) == {"gateway ppg", "gateway wallet"}
    assert [verdict for each in found.values() for verdict, _ in each] == ["ok"] * 4
    clock.advance(-200)
    assert found_in(app, *titles)["gateway ppg"][1][0] == "wrong"
    app = another_shop(**settings | {"PPG_SECRET_KEY": "mistyped"})
    assert found_in(app, *titles)["gateway ppg"][0][0] == "wrong"
    assert sandbox.orders() == []


def test_a_question_of_the_doctor_is_answered_once_and_to_nobody_else(
    another_shop: OpenShop, stocked_database_url: str
) -> None:
    app = another_shop(DATABASE_URL=stocked_database_url, TRUSTED_PROXIES=1)
    visitor = app.test_client()
    number, asked = question.new_question(SECRET_KEY)
    headers = {"X-Forwarded-For": f"{CLAIMED}, 198.51.100.7", "Host": "other.example"}
    answer = visitor.get(f"/doctor?question={asked}", headers=headers)
    seen = question.read_answer(SECRET_KEY, number, answer.data)
    assert seen == Seen(
        number, "198.51.100.7", "http", "other.example", (CLAIMED, "198.51.100.7"), 1
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert question.read_answer(SECRET_KEY, "another number", answer.data) is None
    for refused in (asked, question.new_question("another key")[1], "", f"{asked}x"):
        again = visitor.get(f"/doctor?question={refused}")
        assert (again.status_code, again.data) == (404, b"Not found.\n")


@pytest.mark.parametrize(
    ("forwarded", "trusted", "expected"),
    [
        ([CLAIMED], 0, ["ok", "ok", "ok"]),  # nobody in between
        (["198.51.100.7"], 1, ["ok", "ok", "ok"]),  # nginx as shipped: it begins anew
        ([CLAIMED, "198.51.100.7"], 1, ["ok", "ok", "ok"]),  # one that adds
        ([CLAIMED, "198.51.100.7", "10.0.0.1"], 2, ["ok", "ok", "ok"]),
        (["198.51.100.7"], 0, ["wrong", "ok"]),
        (["198.51.100.7"], 2, ["wrong", "ok"]),
        ([CLAIMED], 1, ["wrong", "ok"]),
        ([], 1, ["wrong", "ok"]),
    ],
)
def test_how_many_web_servers_are_believed_is_judged_by_what_they_say(
    forwarded: list[str], trusted: int, expected: list[str]
) -> None:
    seen = Seen("1", "198.51.100.7", "https", "shop.example", tuple(forwarded), trusted)
    found = list(judged(seen, "https://shop.example"))
    assert [each.verdict.value for each in found] == expected


def test_a_scheme_or_a_name_that_is_not_passed_on_is_wrong() -> None:
    seen = Seen("1", "198.51.100.7", "http", "127.0.0.1:8000", ("198.51.100.7",), 1)
    found = [each.verdict.value for each in judged(seen, "https://shop.example")]
    assert found == ["ok", "wrong", "wrong"]


@pytest.mark.long
@pytest.mark.skipif(nginx_program() is None, reason=NO_NGINX)
def test_a_shop_behind_nginx_is_looked_at_from_its_front(
    stocked_database_url: str, running: SandboxWorld, tmp_path: Path
) -> None:
    live = LiveShop(stocked_database_url, running.world("doctor"), tmp_path)
    nginx = Nginx(tmp_path, live.port)
    live.environment |= {"STOREFRONT_PUBLIC_URL": nginx.url}
    titles = ("https", "web server", "static files")

    def examined(**changed: str) -> dict[str, list[str]]:
        trust = {"SSL_CERT_FILE": str(nginx.certificate)}
        asked = live.command("doctor", "--json", environment=trust | changed)
        asked.start()
        asked.wait()
        found = json.loads(asked.output.splitlines()[-1])["findings"]
        return {t: [f["verdict"] for f in found if f["check"] == t] for t in titles}

    with nginx.running():
        assert examined()["web server"] == ["wrong"]  # nginx answers, and no shop behind it
        live.start()
        try:
            assert examined() == {
                "https": ["warning"],  # it is valid for two days
                "web server": ["ok", "ok", "ok"],
                "static files": ["ok"],
            }
            assert examined(STOREFRONT_TRUSTED_PROXIES="2")["web server"][-1] == "warning"
            assert examined(SSL_CERT_FILE="")["https"] == ["wrong"]
            plain = f"http://127.0.0.1:{nginx.plain_port}/cart"
            assert redirect_from(plain, "https://127.0.0.1").verdict is Verdict.OK
            assert redirect_from(f"{live.url}/cart", nginx.url).verdict is Verdict.WRONG
        finally:
            live.stop()
