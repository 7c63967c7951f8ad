"""`make run` and what stands behind it: three processes, one terminal, a clean end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import psutil
import pytest
import requests

from storefront import create_app
from storefront.cli.first_start import compile_translations
from testkit.databases import PostgresServer
from testkit.processes import ROOT, Process, alive, answers, free_port, listening, wait_until
from testkit.settings import quiet_environment, quiet_settings

Start = Callable[..., Process]


@pytest.fixture
def ports() -> dict[str, int]:
    """Two free ports, by the names that `make run` takes."""
    return {"PORT": free_port(), "SANDBOX_PORT": free_port()}


@pytest.fixture
def start(tmp_path: Path, ports: dict[str, int]) -> Iterator[Start]:
    """Run `python -m storefront` as `make run` does, on data of its own."""
    started: list[Process] = []

    def run(*arguments: str, **settings: Any) -> Process:
        data = {
            "DATABASE_URL": f"sqlite:///{tmp_path}/shop.sqlite3",
            "SANDBOX_DATABASE": tmp_path / "sandbox.sqlite3",
        }
        environment = quiet_environment(**(data | settings))
        environment |= {name: str(port) for name, port in ports.items()}
        environment |= {"KILL_PORT": str(free_port())}
        log = tmp_path / f"log{len(started)}"
        process = Process([sys.executable, "-m", "storefront", *arguments], environment, log)
        process.start()
        started.append(process)
        return process

    yield run
    for process in started:
        _kill_with_children(process)


def _kill_with_children(process: Process) -> None:
    if process.ended():
        return
    family = psutil.Process(process.pid).children(recursive=True)
    for member in family:
        member.kill()
    process.kill()


def wait_for_welcome(process: Process) -> None:
    """Until the addresses are printed; what went wrong instead is shown."""
    wait_until(lambda: process.ended() or "Ctrl-C" in process.output, "the welcome is printed")
    assert "Ctrl-C" in process.output, process.output


@pytest.mark.one_case_in(2)
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_three_processes_start_say_where_they_are_and_stop_cleanly(
    start: Start, ports: dict[str, int], name: str
) -> None:
    process = start()
    wait_for_welcome(process)
    for port in ports.values():
        assert f"http://127.0.0.1:{port}" in process.output
        assert answers(port)
    assert "the kill button" in process.output
    assert len(services(process)) == 3
    family = psutil.Process(process.pid).children(recursive=True)

    process.signal(signal.Signals[name])

    assert process.wait() == 0
    assert not any(map(alive, family))
    assert not any(map(listening, ports.values()))
    assert "Traceback" not in process.output


def services(process: Process) -> list[psutil.Process]:
    """What it started, but for its watchdog."""
    children = psutil.Process(process.pid).children()
    return [child for child in children if "watchdog.py" not in " ".join(child.cmdline())]


def keeps_its_name(child: psutil.Process) -> bool:
    """Whether it is the worker or the sandbox; the shop's server writes its title over what it was
    told, and one just forked is still what its parent was."""
    return bool({"worker", "jibit_sandbox"} & set(child.cmdline()))


@pytest.mark.long
def test_both_gateways_are_looked_for_where_the_sandbox_is(
    start: Start, ports: dict[str, int]
) -> None:
    process = start(WALLET_BASE_URL="")
    wait_for_welcome(process)
    sandbox = f"http://127.0.0.1:{ports['SANDBOX_PORT']}"
    children = psutil.Process(process.pid).children()
    told_to = [child.environ() for child in children if keeps_its_name(child)]
    assert len(told_to) == 2
    for told in told_to:
        assert told["STOREFRONT_PPG_BASE_URL"] == f"{sandbox}/ppg/v2"
        assert told["STOREFRONT_WALLET_BASE_URL"] == f"{sandbox}/pg"


@pytest.mark.long
def test_without_any_gateway_here_no_sandbox_is_started(
    start: Start, ports: dict[str, int]
) -> None:
    process = start(
        "--no-worker",
        PPG_BASE_URL="off",
        WALLET_BASE_URL="https://pg.jibit.example",
        WALLET_USERNAME="7746",
        WALLET_PASSWORD="a-merchants-password",
        PUBLIC_URL="https://shop.example",
    )
    wait_for_welcome(process)
    assert "The sandbox is off" in process.output
    assert "the kill button" not in process.output
    assert "/admin/welcome/" not in process.output, "nobody gets in beside a real gateway"
    assert not listening(ports["SANDBOX_PORT"])


@pytest.mark.long
def test_a_second_start_keeps_what_the_first_one_stored(
    start: Start, ports: dict[str, int], tmp_path: Path
) -> None:
    first = start()
    wait_for_welcome(first)
    kept = (tmp_path / "shop.sqlite3").stat().st_ino
    first.signal(signal.SIGINT)
    assert first.wait() == 0
    second = start()
    wait_for_welcome(second)
    assert answers(ports["PORT"])
    assert (tmp_path / "shop.sqlite3").stat().st_ino == kept


@pytest.mark.long
def test_a_killed_shop_comes_back_at_the_same_address(start: Start, ports: dict[str, int]) -> None:
    process = start("--no-worker")
    wait_for_welcome(process)
    shop = next(
        child
        for child in psutil.Process(process.pid).children()
        if "granian" in " ".join(child.cmdline())
    )
    shop.kill()
    wait_until(lambda: "The shop ended (exit code -9)" in process.output, "the death is told")
    wait_until(lambda: answers(ports["PORT"], "/readyz"), "the shop answers again")


@pytest.mark.one_case_in(2)
@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
@pytest.mark.long
def test_an_occupied_port_is_named_before_anything_starts(
    start: Start, ports: dict[str, int], tmp_path: Path, variable: str
) -> None:
    with socket.socket() as other_program:
        other_program.bind(("127.0.0.1", ports[variable]))
        other_program.listen()
        process = start()
        assert process.wait() == 1
    assert f"port {ports[variable]} of 127.0.0.1 is taken" in process.output
    assert re.search(rf"\b{variable}=\d+ make run", process.output)
    assert "Traceback" not in process.output
    assert not (tmp_path / "shop.sqlite3").exists()


def checked_before_the_installation(**environment: str) -> subprocess.CompletedProcess[str]:
    """What `make run` does first: the script alone, with nothing installed."""
    command = [sys.executable, "-I", "-S", "storefront/devserver/ports.py"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_an_occupied_port_is_named_before_anything_is_installed(ports: dict[str, int]) -> None:
    asked = {name: str(port) for name, port in ports.items()}
    with socket.socket() as other_program:
        other_program.bind(("127.0.0.1", ports["SANDBOX_PORT"]))
        other_program.listen()
        told = checked_before_the_installation(**asked)
        elsewhere = checked_before_the_installation(
            **asked, STOREFRONT_PPG_BASE_URL="https://gateway.example/ppg/v2"
        )
    assert told.returncode == 1
    assert f"port {asked['SANDBOX_PORT']} of 127.0.0.1 is taken" in told.stderr
    assert elsewhere.returncode == 0, "the sandbox is not started beside a real gateway"
    assert checked_before_the_installation(**asked).returncode == 0
    assert "not 'eighty'" in checked_before_the_installation(PORT="eighty").stderr
    steps = ["make", "-n", "run"]
    said = subprocess.run(steps, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert 0 < said.index("devserver/ports.py") < said.index("-m storefront")


@pytest.mark.long
def test_the_shop_listens_at_an_ipv6_address_and_takes_it_for_its_own(
    start: Start, ports: dict[str, int]
) -> None:
    process = start("--host", "::1", "--no-sandbox", "--no-worker")
    wait_for_welcome(process)
    own = f"http://[::1]:{ports['PORT']}"
    assert own in process.output
    assert requests.get(own, timeout=10).status_code == 200
    pay = requests.get(f"{own}/robots.txt", timeout=10)
    assert f"Sitemap: {own}/" in pay.text


@pytest.mark.long
def test_shop_and_sandbox_on_one_port_are_refused(start: Start, ports: dict[str, int]) -> None:
    ports["SANDBOX_PORT"] = ports["PORT"]
    process = start()
    assert process.wait() == 1
    assert "need different ports" in process.output


@pytest.mark.long
def test_a_wrong_setting_is_named_and_nothing_starts(start: Start) -> None:
    process = start(PAYMENT_WINDOW_SECONDS="soon")
    assert process.wait() == 1
    assert "STOREFRONT_PAYMENT_WINDOW_SECONDS should be a whole number" in process.output
    assert "Traceback" not in process.output


@pytest.mark.long
def test_a_database_that_does_not_answer_is_named_without_its_password(start: Start) -> None:
    process = start(DATABASE_URL=f"postgresql://shop:hidden@127.0.0.1:{free_port()}/shop")
    assert process.wait() == 1
    assert "STOREFRONT_DATABASE_URL leads to no database" in process.output
    assert "hidden" not in process.output
    assert "Traceback" not in process.output


@pytest.mark.long
def test_a_database_that_cannot_be_written_is_named(
    start: Start, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    with postgres_server.fresh(tmp_path, stocked=False) as url:
        process = start(DATABASE_URL=f"{url}&options=-cdefault_transaction_read_only%3Don")
        assert process.wait() == 1
    assert "STOREFRONT_DATABASE_URL leads to no database that can be read and written" in (
        process.output
    )
    assert "read-only transaction" in process.output
    assert "Traceback" not in process.output


@pytest.mark.long
def test_without_the_sandbox_only_shop_and_worker_run(start: Start, ports: dict[str, int]) -> None:
    process = start("--no-sandbox")
    wait_for_welcome(process)
    assert not listening(ports["SANDBOX_PORT"])
    assert len(services(process)) == 2


def test_make_alone_lists_every_target_with_a_line_each() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for target in set(targets[0].split()) - {"help", "ports-are-free"}:
        assert re.search(rf"^  make {target} +\S", listed, re.MULTILINE), target


def test_a_python_that_is_too_old_is_told_so_in_one_sentence() -> None:
    pretend = (
        "import sys; sys.version_info = (3, 9, 2); exec(open('scripts/check_python.py').read())"
    )
    told = subprocess.run(
        [sys.executable, "-c", pretend], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.returncode == 1
    assert "needs Python 3.11 or newer" in told.stderr
    assert "is 3.9" in told.stderr


def test_flask_run_prepares_an_empty_shop_by_itself(tmp_path: Path) -> None:
    port, url = free_port(), f"sqlite:///{tmp_path}/shop.sqlite3"
    command = [sys.executable, "-m", "flask", "--app", "storefront", "run", "--port", str(port)]
    server = Process(command, quiet_environment(DATABASE_URL=url), tmp_path / "log")
    server.start()
    try:
        wait_until(lambda: answers(port), "the shop answers")
        page = requests.get(f"http://127.0.0.1:{port}/", timeout=20).text
        at_localhost = requests.get(
            f"http://localhost:{port}/cart", timeout=20, allow_redirects=False
        )
        invited = requests.get(link_of(server), timeout=20)
    finally:
        _kill_with_children(server)
    assert f'<link rel="canonical" href="http://127.0.0.1:{port}/"' in page
    assert at_localhost.headers["Location"] == f"http://127.0.0.1:{port}/cart"
    assert "turquoise-bowl" in page
    assert invited.status_code == 200
    assert "افزودن" in page or "سبد خرید" in page


def test_the_run_of_another_program_prepares_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite3"

    @click.command(name="run")
    def run_of_another_program() -> None:
        create_app(quiet_settings(DATABASE_URL=f"sqlite:///{path}"))

    run_of_another_program.main([], prog_name="run", standalone_mode=False)
    assert not path.exists()


def test_translations_are_compiled_when_they_are_missing_or_old(tmp_path: Path) -> None:
    folder = tmp_path / "fa" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source, compiled = folder / "messages.po", folder / "messages.mo"
    source.write_text('msgid "Cart"\nmsgstr "سبد"\n', encoding="utf-8")
    compile_translations(tmp_path)
    assert "سبد".encode() in compiled.read_bytes()
    source.write_text('msgid "Cart"\nmsgstr "زنبیل"\n', encoding="utf-8")
    os.utime(compiled, (0, 0))
    compile_translations(tmp_path)
    assert "زنبیل".encode() in compiled.read_bytes()
    assert sorted(file.name for file in folder.iterdir()) == ["messages.mo", "messages.po"]


def link_of(process: Process) -> str:
    """Where the first owner chooses a password, as the start has printed it."""
    wait_until(lambda: "/admin/welcome/" in process.output, "the link is printed")
    links: list[str] = re.findall(r"http://\S+/admin/welcome/[\w-]+", process.output)
    return links[-1]


@pytest.mark.long
def test_a_learner_gets_into_the_back_office_with_a_link_that_the_start_prints(
    start: Start, ports: dict[str, int]
) -> None:
    process = start("--no-worker", "--no-sandbox")
    wait_for_welcome(process)
    link = link_of(process)
    assert link.startswith(f"http://127.0.0.1:{ports['PORT']}/admin/")
    assert "مدیریت فروشگاه" in process.output
    assert requests.get(link, timeout=20).status_code == 200
