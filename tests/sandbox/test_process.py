"""The sandbox as a process: it starts, stops at once, survives a kill, and says what is wrong."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

import jibit_sandbox
from jibit_sandbox.testing import SandboxWorld
from tests.sandbox.load_generator import COMMAND, process
from tests.sandbox.merchant import Merchant


def test_a_killed_sandbox_knows_every_order_and_token_when_it_is_started_again(
    tmp_path: Path,
) -> None:
    database = tmp_path / "sandbox.sqlite3"
    with process(database) as (running, world):
        merchant = Merchant(world)
        merchant.generate()
        identifier = merchant.paid()
        world.behave("verify_unknown", times=2)
        merchant.verify(identifier)
        world.clock.freeze()
        frozen = world.clock.now()
        running.send_signal(signal.SIGKILL)
    with process(database) as (_, world):
        merchant.world = world
        assert world.clock.now() == frozen
        assert [merchant.verify(identifier).json()["status"] for _ in range(2)] == [
            "Unknown",
            "Successful",
        ]
        assert merchant.status(identifier) == "SUCCESS"
    merchant.session.close()


@pytest.mark.one_case_in(2)
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_at_once_also_while_a_call_hangs(tmp_path: Path, sign: int) -> None:
    with process(tmp_path / "sandbox.sqlite3") as (running, world):
        host, port = world.base_url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(
                b"GET /ppg/v2/orders HTTP/1.1\r\nHost: x\r\nX-Sandbox-Behaviour: hang\r\n\r\n"
            )
            world.wait_until_held()
            running.send_signal(sign)
            assert running.wait(20) == 0  # a blink on a quiet machine; the call would hang for 60 s


@pytest.mark.long
def test_an_occupied_port_gets_one_clear_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        arguments = [*COMMAND, "--port", str(port), "--database", str(tmp_path / "x.sqlite3")]
        refused = subprocess.run(arguments, capture_output=True, text=True, timeout=20, check=False)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in refused.stderr
    assert not (tmp_path / "x.sqlite3").exists()


def test_a_database_that_cannot_be_used_gets_one_clear_sentence(tmp_path: Path) -> None:
    arguments = [*COMMAND, "--port", "0", "--database", str(tmp_path)]
    refused = subprocess.run(arguments, capture_output=True, text=True, timeout=20, check=False)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert f"The database {tmp_path} cannot be used: " in refused.stderr


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    name = "SANDBOX_ORDER_SECONDS"
    refused = subprocess.run(
        COMMAND,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        env=os.environ | {name: "many", "SANDBOX_DATABASE": str(tmp_path / "x.sqlite3")},
    )
    assert refused.returncode == 1
    assert refused.stderr == f"{name} must be a whole number above zero, not 'many'\n"


@pytest.mark.long
def test_the_environment_names_file_window_and_port(tmp_path: Path) -> None:
    database = tmp_path / "named.sqlite3"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "SANDBOX_DATABASE": str(database),
        "SANDBOX_ORDER_SECONDS": "60",
        "SANDBOX_PORT": str(port),
    }
    running = subprocess.Popen(
        COMMAND, stdout=subprocess.PIPE, text=True, env=os.environ | settings
    )
    try:
        assert running.stdout
        world = SandboxWorld(running.stdout.readline().split()[2])
        assert world.base_url == f"http://127.0.0.1:{port}"
        assert database.exists()
        merchant = Merchant(world)
        merchant.generate()
        identifier, _ = merchant.opened()
        world.clock.advance(61)
        assert merchant.status(identifier) == "EXPIRED"
        merchant.session.close()
    finally:
        running.kill()
        running.communicate()


@pytest.mark.one_case_in(2)
@pytest.mark.parametrize("module", ["jibit_sandbox", "storefront.sandbox"])
def test_both_modules_run_the_sandbox(module: str, tmp_path: Path) -> None:
    database = tmp_path / "sandbox.sqlite3"
    with process(database, command=[sys.executable, "-m", module]) as (_, world):
        assert world.orders() == []


def test_it_knows_its_version() -> None:
    said = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=True)
    assert said.stdout == f"jibit-sandbox {jibit_sandbox.__version__}\n"


@pytest.mark.long
def test_a_quiet_sandbox_prints_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = ["--quiet", "--chaos", "7", "--port", str(port)]
    running = subprocess.Popen(
        [*COMMAND, *arguments, "--database", str(tmp_path / "sandbox.sqlite3")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        with requests.Session() as patient:
            patient.mount("http://", HTTPAdapter(max_retries=Retry(connect=60, backoff_factor=0.1)))
            assert patient.get(f"http://127.0.0.1:{port}/", timeout=20).ok
        SandboxWorld(f"http://127.0.0.1:{port}").end_chaos()
        running.send_signal(signal.SIGTERM)
        assert running.communicate(timeout=20) == ("", "")
    finally:
        running.kill()
