"""`jibit-client conform` sees by harmless calls what can be seen, and says what cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import jibit_client
from jibit_client import conform
from jibit_client.cli import main
from jibit_client.conform import CannotBeAsked, Report, Target, Verdict
from jibit_client.conform.ppg_v3_questions import UNKNOWN_ID
from jibit_sandbox.testing import SandboxWorld
from testkit.cases import naming
from tests.client.conform_lines import LINES, gateways_of, other_readings
from tests.client.scripted import ScriptedServer, refuses, resets, says

GATEWAYS = ("ppg", "ppg_v3", "wallet")
HARMLESS = {"generate", "refresh", "create", "verify", "inquiry", "list", None} | {
    *("histories", "balances", "terminals", "health"),
}


def address(world: SandboxWorld, gateway: str) -> str:
    at = {"ppg": world.ppg_base_url, "ppg_v3": world.ppg_v3_base_url}
    return at.get(gateway, world.wallet_base_url)


def target(world: SandboxWorld, gateway: str, **changed: Any) -> Target:
    """What a merchant of this world checks."""
    keys = {"apiKey": world.api_key, "secretKey": world.secret_key}
    if gateway == "wallet":
        keys = {"username": world.username, "password": world.password}
    return Target(gateway, address(world, gateway), keys, **changed)


def check(world: SandboxWorld, gateway: str, **changed: Any) -> Report:
    return conform.check(target(world, gateway, **changed))


def with_verdict(report: Report, verdict: Verdict) -> dict[str, str]:
    """The facts with a verdict, and the detail of each."""
    return {each.key: each.detail for each in report.findings if each.verdict is verdict}


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run the command; return its exit code and what it printed."""
    with pytest.raises(SystemExit) as ended:
        main(["conform", *words])
    printed = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, printed.out, printed.err


@pytest.fixture
def keys(sandbox: SandboxWorld, monkeypatch: pytest.MonkeyPatch) -> SandboxWorld:
    """A world whose keys are in the environment."""
    monkeypatch.setenv("JIBIT_API_KEY", sandbox.api_key)
    monkeypatch.setenv("JIBIT_SECRET_KEY", sandbox.secret_key)
    monkeypatch.setenv("JIBIT_USERNAME", sandbox.username)
    monkeypatch.setenv("JIBIT_PASSWORD", sandbox.password)
    return sandbox


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_all_that_is_seen_of_a_gateway_as_expected_agrees(
    sandbox: SandboxWorld, gateway: str
) -> None:
    report = check(sandbox, gateway)
    assert with_verdict(report, Verdict.DIFFERENT) == {}
    assert report.exit_code == 0
    assert all(with_verdict(report, Verdict.NOT_SEEN).values()), "each says why"
    assert len({each.key for each in report.findings}) == len(report.findings)


def test_every_switch_of_the_sandbox_has_a_line() -> None:
    assert {switch for switch, _ in other_readings()} == set(LINES)


@pytest.mark.one_case_in(16)
@pytest.mark.parametrize(("switch", "value"), [*other_readings()])
def test_the_other_reading_of_a_switch_is_seen_where_harmless_calls_can_see_it(
    sandbox: SandboxWorld, switch: str, value: object
) -> None:
    line = LINES[switch]
    sandbox.switch(**{switch: value})
    for gateway in gateways_of(switch):
        with naming(gateway):
            if code := line.no_token.get(gateway):
                with pytest.raises(CannotBeAsked, match=code):
                    check(sandbox, gateway)
                continue
            report = check(sandbox, gateway)
            differ = with_verdict(report, Verdict.DIFFERENT)
            assert set(differ) == line.differ.get(gateway, set())
            assert all(differ.values()), "each says what was seen"
            if unseen := line.unseen.get(gateway):
                assert unseen in with_verdict(report, Verdict.NOT_SEEN)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_only_harmless_calls_are_made_and_only_about_an_order_of_its_own(
    sandbox: SandboxWorld, gateway: str
) -> None:
    report = check(sandbox, gateway)
    calls = sandbox.requests_seen()
    assert {each["operation"] for each in calls} <= HARMLESS
    orders = sandbox.orders()
    assert {each["state"] for each in orders} == {"awaiting"}
    assert [*{each["reference_number"] for each in orders}] == [*report.left_behind]
    verified = {each["order_identifier"] for each in calls if each["operation"] == "verify"}
    assert verified <= {UNKNOWN_ID, *(each["identifier"] for each in orders)}


@pytest.mark.long
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_what_is_not_asked_before_the_time_is_up_is_not_seen(
    sandbox: SandboxWorld, gateway: str
) -> None:
    with pytest.raises(CannotBeAsked, match="the time for the check was up"):
        check(sandbox, gateway, total_seconds=0.0)
    assert sandbox.requests_seen() == []
    sandbox.behave("delay", operation="inquiry", times=None, seconds=3)
    report = check(sandbox, gateway, total_seconds=2.0)
    unseen = with_verdict(report, Verdict.NOT_SEEN)
    assert "the time for the check was up" in unseen.values()
    assert with_verdict(report, Verdict.DIFFERENT) == {}


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_no_secret_is_shown_by_text_or_json(sandbox: SandboxWorld, gateway: str) -> None:
    wanted = target(sandbox, gateway)
    secrets = list(wanted.credentials.values())
    echoed = {"field": "statusV" if gateway == "wallet" else "status", "value": secrets[1]}
    sandbox.behave("set_field", times=None, **echoed)
    report = conform.check(wanted)
    shown = report.as_text() + json.dumps(report.as_object()) + repr(report) + repr(wanted)
    assert "***" in shown, "what the gateway echoes is shown without the secret"
    assert not [each for each in (*secrets, "eyJ") if each in shown]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.stop()


def test_what_a_gateway_echoes_of_keys_and_tokens_is_hidden(server: ScriptedServer) -> None:
    secrets = ("our-api-key", "our-secret-key", "access-one", "refresh-one")
    server.on("POST /tokens", says({"accessToken": secrets[2], "refreshToken": secrets[3]}))
    server.on("GET /app/health", refuses(400, f"bad.{'.'.join(secrets)}"))
    keys = {"apiKey": secrets[0], "secretKey": secrets[1]}
    report = conform.check(Target("ppg_v3", server.url, keys))
    assert "bad.***.***.***.***" in report.as_text()
    assert not [each for each in secrets if each in report.as_text() + repr(report.as_object())]


def test_questions_without_an_answer_are_facts_that_were_not_seen(server: ScriptedServer) -> None:
    server.on("POST /tokens", says({"accessToken": "a-token", "refreshToken": "another"}))
    report = conform.check(Target("ppg_v3", server.url, {"apiKey": "k", "secretKey": "s"}))
    not_seen = with_verdict(report, Verdict.NOT_SEEN)
    assert not_seen["health"] == "the gateway answered HTTP 599, no JSON object"
    assert not_seen["verify_unpaid"] == "no purchase could be created"


def test_a_token_that_fits_into_no_header_line_is_none(server: ScriptedServer) -> None:
    server.on("POST /tokens", says({"accessToken": "نشانه", "refreshToken": "another"}))
    with pytest.raises(CannotBeAsked, match="issues no token for these keys: HTTP 200"):
        conform.check(Target("ppg_v3", server.url, {"apiKey": "k", "secretKey": "s"}))


def test_a_gateway_that_stops_answering_ends_the_check(server: ScriptedServer) -> None:
    tokens = says({"accessToken": "a-token", "refreshToken": "another"})
    server.on("POST /tokens", tokens, resets())
    for method in ("GET", "POST", "DELETE"):
        server.on(f"{method} /app/health", resets())
    with pytest.raises(CannotBeAsked, match="stopped answering: the connection broke"):
        conform.check(Target("ppg_v3", server.url, {"apiKey": "k", "secretKey": "s"}))
    assert len(server.heard) < 10


def test_an_order_that_was_not_meant_to_be_made_is_named(sandbox: SandboxWorld) -> None:
    sandbox.switch(v3_wage_of_15_percent="refused")
    report = check(sandbox, "ppg_v3")
    (order,) = sandbox.orders()
    assert report.left_behind == (order["reference_number"],)
    assert report.as_text().endswith(f"unpaid orders that will expire: {report.left_behind[0]}")


def test_a_callback_outside_the_whitelist_is_named_and_one_inside_is_not(
    sandbox: SandboxWorld,
) -> None:
    sandbox.switch(v3_callback_whitelist=True)
    differ = with_verdict(check(sandbox, "ppg_v3"), Verdict.DIFFERENT)
    assert differ == {"callback_domain": "HTTP 400, callbackUrl.domain_not_in_whitelist"}
    inside = check(sandbox, "ppg_v3", callback_url="http://localhost/callback")
    assert with_verdict(inside, Verdict.DIFFERENT) == {}


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_the_command_prints_a_line_for_each_fact_and_ends_with_0(
    keys: SandboxWorld, gateway: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "--gateway", gateway, "--base-url", address(keys, gateway))
    first, *lines = out.splitlines()
    facts = [line for line in lines if " - " in line]
    assert (code, err) == (0, "")
    assert first == f"{gateway} at {address(keys, gateway)}"
    assert len(facts) == len(conform.GATEWAYS[gateway].facts)
    assert "agreed, 0 different" in lines[-2]


def test_the_command_ends_with_1_when_something_differs_and_prints_json(
    keys: SandboxWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    keys.switch(v3_bad_credentials=401, v3_callback_whitelist=True)
    where = ["--gateway", "ppg_v3", "--base-url", keys.ppg_v3_base_url]
    code, out, _ = run(capsys, *where, "--json", "--callback-url", "http://localhost/")
    said = json.loads(out)
    (found,) = [each for each in said["facts"] if each["key"] == "bad_credentials"]
    assert (code, said["counts"]["different"]) == (1, 2)
    assert (found["section"], found["confidence"], found["verdict"], found["detail"]) == (
        *("Errors", "M", "different"),
        "HTTP 401, security.bad_credentials",
    )


@pytest.mark.parametrize(
    ("language", "message"), [("en", "The credentials are wrong"), ("fa", "نادرست")]
)
def test_refused_keys_end_with_2_and_the_gateways_own_message(
    keys: SandboxWorld,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
    message: str,
) -> None:
    monkeypatch.setenv("JIBIT_SECRET_KEY", "mistyped")
    where = ["--gateway", "ppg_v3", "--base-url", keys.ppg_v3_base_url, "--language", language]
    code, out, err = run(capsys, *where)
    assert (code, out) == (2, "")
    assert err.startswith("The gateway issues no token for these keys: HTTP 400, security.bad")
    assert message in err
    assert "mistyped" not in err


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://127.0.0.1:1/ppg/v3", "could not be asked: no answer: no connection could be made"),
        ("napi.jibit.ir/ppg/v3", "the gateway's base URL must be http(s)://host/..."),
    ],
)
def test_a_gateway_that_cannot_be_reached_ends_with_2(
    keys: SandboxWorld, capsys: pytest.CaptureFixture[str], url: str, sentence: str
) -> None:
    assert keys.api_key
    code, out, err = run(capsys, "--gateway", "ppg_v3", "--base-url", url)
    assert (code, out) == (2, "")
    assert sentence in err


@pytest.mark.parametrize(
    ("gateway", "names"),
    [
        ("ppg", "JIBIT_API_KEY and JIBIT_SECRET_KEY"),
        ("wallet", "JIBIT_USERNAME and JIBIT_PASSWORD"),
    ],
)
def test_without_keys_the_command_names_the_variables(
    keys: SandboxWorld,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    gateway: str,
    names: str,
) -> None:
    monkeypatch.delenv(names.split()[-1])
    code, _, err = run(capsys, "--gateway", gateway, "--base-url", address(keys, gateway))
    assert (code, err) == (2, f"Set {names} in the environment.\n")


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jibit_client", "--version"],
        cwd=Path(jibit_client.__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"jibit-client {jibit_client.__version__}\n"
