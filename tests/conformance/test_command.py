"""``make conformance``: its keys, its sentences, its two files and its exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from jibit_sandbox.testing import SandboxWorld
from testkit.cases import naming
from tests.client.scripted import ScriptedServer, http, raw
from tests.conformance.__main__ import main
from tests.conformance.report import plain

ENVIRONMENT = {"JIBIT_API_KEY": "the-api-key", "JIBIT_SECRET_KEY": "the-secret-key"}


class Ended(NamedTuple):
    code: int
    out: str
    err: str


class Command:
    """The command, and what it prints."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self._capsys = capsys
        self.stem = folder / "report"

    def __call__(self, target: str, *words: str, **environment: str) -> Ended:
        said = ["--target", target, "--pause", "0", "--report", str(self.stem), *words]
        code = main(said, environment)
        return Ended(code, *self._capsys.readouterr())

    def files(self) -> str:
        """Both files of the report."""
        return "".join(
            self.stem.with_suffix(ending).read_text("utf-8") for ending in (".md", ".json")
        )


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    return Command(capsys, tmp_path)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.stop()


def test_the_report_has_every_row_and_no_key(
    sandbox: SandboxWorld, command: Command, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.env"
    keys.write_text(
        f"JIBIT_USERNAME={sandbox.username}\nexport JIBIT_PASSWORD='{sandbox.password}'"
    )
    keys.chmod(0o600)
    ended = command(sandbox.wallet_base_url, "--gateway", "wallet", "--keys", str(keys))
    assert (ended.code, ended.err) == (0, "")
    assert "no order will be made" in ended.out
    assert "No order was made." in ended.out
    report = json.loads(command.stem.with_suffix(".json").read_text("utf-8"))
    assert len(report["rows"]) == sum(report["counts"].values())
    assert report["created"] == []
    shown = ended.out + command.files()
    assert not [each for each in (sandbox.password, "eyJ") if each in shown]


def test_wrong_keys_are_a_sentence_without_the_keys(
    sandbox: SandboxWorld, command: Command
) -> None:
    wrong = {"LIVE_API_KEY": sandbox.api_key, "LIVE_SECRET_KEY": "mistyped-by-hand"}
    ended = command(sandbox.ppg_base_url, "--keys", "LIVE", **wrong)
    assert ended.code == 2
    assert ended.err.startswith("The gateway issues no token for these keys: HTTP 401")
    assert "mistyped" not in ended.out + ended.err


def test_keys_that_cannot_be_used_are_a_sentence(command: Command, tmp_path: Path) -> None:
    readable = tmp_path / "keys.env"
    readable.write_text("JIBIT_API_KEY=a\nJIBIT_SECRET_KEY=b\n")
    readable.chmod(0o644)
    for keys, sentence in (
        (str(readable), "run chmod 600 on it first"),
        ("a-key:a-secret", "it is never a key itself"),
        ("LIVE", "Put LIVE_API_KEY and LIVE_SECRET_KEY into the environment."),
        ("", "Put JIBIT_API_KEY and JIBIT_SECRET_KEY into the environment."),
    ):
        with naming(keys):
            ended = command("http://127.0.0.1:1", "--keys", keys)
            assert ended.code == 2
            assert sentence in ended.err
            assert "a-secret" not in ended.err


def test_a_target_that_is_no_gateway_is_a_sentence(
    command: Command, server: ScriptedServer
) -> None:
    page = http(200, b"<html>Welcome</html>", "Content-Type: text/html")
    moved = http(301, b"", "Location: https://user:pw@elsewhere.example/ppg/v2?token=secret")
    for target, answer, sentence in (
        (
            server.url,
            raw(page),
            "does not answer as the gateway's API does: HTTP 200, an HTML page",
        ),
        (
            server.url,
            raw(moved),
            "HTTP 301, a redirect to https://elsewhere.example/ppg/v2. Nothing",
        ),
        ("http://127.0.0.1:1", None, "could not be asked: no answer: no connection could be made"),
        ("http://pay.example/ppg/v2", None, "Keys travel by https only"),
        ("pay.example", None, "the gateway's base URL must be http(s)://host/..."),
        ("https://me:pw@pay.example", None, "must have no user, query or fragment"),
    ):
        with naming(target, sentence):
            if answer:
                server.on("POST /tokens/generate", answer)
            ended = command(target, **ENVIRONMENT)
            assert ended.code == 2
            assert sentence in ended.err
            assert not command.stem.with_suffix(".md").exists()


def test_what_a_gateway_writes_stays_text_in_the_report() -> None:
    assert plain("a|b\n[x](http://y) <img>") == r"a\|b \[x\](http://y) \<img\>"
