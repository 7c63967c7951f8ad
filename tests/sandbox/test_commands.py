"""The commands that talk to a running sandbox, and what they write."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import requests

from jibit_sandbox.cli import main
from jibit_sandbox.commands.arguments import run
from jibit_sandbox.testing import SandboxWorld
from tests.sandbox.har_schema import HAR
from tests.sandbox.load_generator import COMMAND
from tests.sandbox.merchant import Merchant
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.wallet_merchant import WalletMerchant


def command(world: SandboxWorld, name: str, *more: object) -> int:
    """Run a command about that world in this process."""
    return run([name, "--url", world.base_url, "--world", world.name, *map(str, more)])


def test_a_world_is_exported_and_imported(
    world: SandboxWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.make_order(state="paid")
    file = tmp_path / "world.json"
    assert command(world, "export", file) == 0
    world.reset()
    assert command(world, "import", file) == 0
    assert capsys.readouterr().out == f"World {world.name}: 1 orders\n"
    assert [order["state"] for order in world.orders()] == ["paid"]
    file.write_text('{\n  "orders": [\n  {"state": }]}', "utf-8")
    with pytest.raises(ValueError, match="line 3, column 13"):
        command(world, "import", file)
    file.write_text('{"orders": [{"stat": 1}]}', "utf-8")
    with pytest.raises(ValueError, match=r"world.json: orders\[0\].stat: there is no such field"):
        command(world, "import", file)


def test_tail_prints_each_call_as_a_line_of_json(
    merchant: Merchant, capsys: pytest.CaptureFixture[str]
) -> None:
    merchant.verify(merchant.paid())
    assert command(merchant.world, "tail") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == merchant.world.requests_seen()


@pytest.mark.long
def test_tail_follows_what_comes(merchant: Merchant) -> None:
    world = merchant.world
    arguments = ["tail", "--follow", "--url", world.base_url, "--world", world.name]
    following = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        assert following.stdout
        assert json.loads(following.stdout.readline())["operation"] == "generate"
        merchant.list()
        assert json.loads(following.stdout.readline())["operation"] == "list"
    finally:
        following.kill()
        following.communicate()


@pytest.fixture
def purchases(merchant: Merchant, v3: V3Merchant, payee: WalletMerchant) -> list[Any]:
    """The log of a purchase at each gateway, and of a refused one."""
    for each in (merchant, v3, payee):
        identifier = each.paid()
        each.verify(identifier)
        each.inquiry(identifier)
    merchant.create(amount=0)
    return merchant.world.requests_seen()


def test_har_is_valid_and_without_secrets(
    merchant: Merchant, purchases: list[Any], tmp_path: Path
) -> None:
    file = tmp_path / "calls.har"
    merchant.world.behave("reset_after_commit", operation="list")
    with pytest.raises(requests.ConnectionError):
        merchant.list()
    assert command(merchant.world, "har", file) == 0
    text = file.read_text("utf-8")
    jsonschema_rs.validate(HAR, json.loads(text))
    assert len(json.loads(text)["log"]["entries"]) == len(purchases) + 1
    for secret in (merchant.access_token, merchant.world.secret_key, "6037990000000014"):
        assert secret not in text
    assert json.loads(text) == merchant.world.control("GET", "har")


@pytest.mark.long
def test_recorded_calls_are_answered_in_another_world_as_they_were(
    merchant: Merchant, purchases: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, lines = tmp_path / "calls.har", tmp_path / "calls.jsonl"
    command(merchant.world, "har", file)
    lines.write_text("\n".join(map(json.dumps, purchases)), "utf-8")
    for number, recorded in enumerate((file, lines)):
        neighbour = merchant.world.world(f"{merchant.world.name}-{number}")
        assert command(neighbour, "replay", recorded) == 0
        assert [order["state"] for order in neighbour.orders()] == ["captured"] * 3
    said = capsys.readouterr().out
    assert said.count("as recorded\n") == 2 * len(purchases) + 2
    neighbour.switch(channel="disabled")
    with pytest.raises(ValueError, match="gives no token"):
        command(neighbour, "replay", lines)


def test_recorded_calls_go_to_this_machine_only_unless_allowed(
    world: SandboxWorld, tmp_path: Path
) -> None:
    file = tmp_path / "calls.har"
    file.write_text("{}", "utf-8")
    with pytest.raises(ValueError, match="is not this machine: to send calls there, add"):
        run(["replay", str(file), "--url", "https://napi.jibit.ir"])
    with pytest.raises(ValueError, match="is not a HAR file, or lines of jibit-sandbox tail"):
        command(world, "replay", file)


def test_wait_returns_when_the_sandbox_is_ready(shared_sandbox: SandboxWorld) -> None:
    assert run(["wait", "--url", shared_sandbox.base_url]) == 0
    assert shared_sandbox.control("GET", "health")["status"] == "ok"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
    with pytest.raises(OSError, match="No sandbox is ready at"):
        run(["wait", "--url", f"http://127.0.0.1:{port}", "--seconds", "0"])


def test_wait_knows_the_sandbox_that_was_started_from_another(
    shared_sandbox: SandboxWorld,
) -> None:
    url = shared_sandbox.base_url
    for pid in (os.getpid(), os.getppid()):  # uvx starts the sandbox as a child of its own
        assert run(["wait", "--url", url, "--pid", str(pid)]) == 0
    with pytest.raises(OSError, match="answers another sandbox"):
        run(["wait", "--url", url, "--pid", "1"])
    ended = subprocess.Popen([sys.executable, "-S", "-c", ""])
    ended.wait()
    with pytest.raises(OSError, match=f"Process {ended.pid} has ended"):
        run(["wait", "--url", "http://127.0.0.1:1", "--pid", str(ended.pid)])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--port", "99999"], "--port must be a whole number from 0 to 65535, not '99999'"),
        (["--https-port", "-1"], "--https-port must be a whole number from 0 to 65535, not '-1'"),
        (["SANDBOX_PORT=99999"], "SANDBOX_PORT must be a whole number from 0 to 65535"),
        (["SANDBOX_PORT=abc", "wait"], "SANDBOX_PORT must be a whole number from 0 to 65535"),
        (["SANDBOX_HOSTS=ü b,,"], "SANDBOX_HOSTS must be host names like shop,ci.example"),
        (["start"], "there is no command 'start'; there are wait, export, import, tail, replay"),
        (["wait", "--url", "http://localhost:1/ppg/v3"], "name the address without a path"),
        (["import", "nowhere.json"], "there is no such file or folder"),
        (["import", "."], ". is a folder: name a file"),
    ],
)
def test_what_is_wrong_says_what_to_do(
    arguments: list[str],
    sentence: str,
    world: SandboxWorld,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SANDBOX_URL", world.base_url)
    for name, value in (each.split("=") for each in arguments if each.startswith("SANDBOX_")):
        monkeypatch.delenv("SANDBOX_URL")
        monkeypatch.setenv(name, value)
    given = [each for each in arguments if not each.startswith("SANDBOX_")]
    monkeypatch.setattr(sys, "argv", ["jibit-sandbox", *given])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_files_of_windows_are_read_and_others_are_named(
    world: SandboxWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "world.json"
    for encoding in ("utf-8-sig", "utf-16"):
        file.write_text('{"orders": [{"reference_number": "سفارش"}]}', encoding)
        assert command(world, "import", file) == 0
        assert [order["reference_number"] for order in world.orders()] == ["سفارش"]
    with pytest.raises(ValueError, match=r"jibit-sandbox import reads a world"):
        command(world, "replay", file)
    with pytest.raises(ValueError, match=r"^a world's name is"):
        run(["import", str(file), "--url", world.base_url, "--world", "a b"])
    file.write_bytes(b"\x00\xff\xfe binary")
    for name in ("import", "replay"):
        with pytest.raises(ValueError, match=r"world.json is no text in UTF-8 or UTF-16"):
            command(world, name, file)
    capsys.readouterr()


def test_an_address_without_a_call_is_named(world: SandboxWorld) -> None:
    with pytest.raises(ValueError, match=r"there is nothing at /_sandbox/nix; /openapi.json lists"):
        world.control("GET", "nix")


@pytest.mark.long
def test_what_is_wrong_is_one_sentence_and_an_exit_code() -> None:
    arguments = [*COMMAND, "wait", "--url", "http://127.0.0.1:1", "--seconds", "0"]
    refused = subprocess.run(arguments, capture_output=True, text=True, timeout=20, check=False)
    sentence = "No sandbox is ready at http://127.0.0.1:1 after 0 seconds\n"
    assert (refused.returncode, refused.stderr) == (1, sentence)
