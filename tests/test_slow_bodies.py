"""Bodies that come slowly, or never, do not keep the shop from anybody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

import psutil
import pytest
import requests

from storefront.devserver.main import shop_command
from testkit.databases import SqliteFiles
from testkit.documented import documented_command
from testkit.http_shopper import HttpShopper
from testkit.nginx import NO_NGINX, Nginx, nginx_program
from testkit.processes import Process, answers, free_port, wait_until
from testkit.settings import quiet_environment
from testkit.slow_sender import slow_senders

AT_ONCE = 5.0  # seconds: a frozen shop answers never, a loaded machine slowly


@contextmanager
def _shop(
    command: Sequence[str], port: int, folder: Path, files: SqliteFiles, **settings: object
) -> Iterator[Process]:
    with files.fresh(folder / "shop", stocked=True) as url:
        environment = quiet_environment(DATABASE_URL=url, **settings)
        process = Process(command, environment, folder / "shop.log")
        process.start()
        try:
            wait_until(lambda: answers(port, "/readyz"), "the shop is ready")
            yield process
        finally:
            process.kill()


def _run_command(port: int) -> list[str]:
    return shop_command("127.0.0.1", port)


@pytest.mark.parametrize(
    ("command", "senders"),
    [
        pytest.param(_run_command, 60, id="run", marks=pytest.mark.long),
        pytest.param(documented_command, 600, id="granian", marks=pytest.mark.long),
    ],
)
def test_slow_bodies_take_no_thread_that_a_shopper_needs(
    command: Callable[[int], list[str]], senders: int, tmp_path: Path, sqlite_files: SqliteFiles
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    shop = _shop(command(port), port, tmp_path, sqlite_files, PUBLIC_URL=url)
    with shop, slow_senders(senders, port) as slow:
        _fill_a_cart(HttpShopper(url))
        assert slow[0].status(0.1) is None  # it waits still, and holds its thread


@pytest.fixture(scope="module")
def nginx(
    tmp_path_factory: pytest.TempPathFactory, sqlite_files: SqliteFiles
) -> Iterator[tuple[Nginx, Process]]:
    """The shipped web server in front of the documented command, and that command's process."""
    if nginx_program() is None:
        pytest.skip(NO_NGINX)
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    front = Nginx(folder, port, body_seconds=1)
    settings = {"PUBLIC_URL": front.url, "TRUSTED_PROXIES": 1}
    behind = _shop(documented_command(port), port, folder, sqlite_files, **settings)
    with behind as shop, front.running():
        yield front, shop


def test_the_web_server_keeps_slow_bodies_to_itself(nginx: tuple[Nginx, Process]) -> None:
    front, shop = nginx
    with slow_senders(60, front.port, tls=front.trusting()) as slow:
        _fill_a_cart(_shopper(front, "127.0.0.2"))
        assert _threads(shop) < 60
        assert slow[-1].status(5) == 429  # that were too many from one client
        assert slow[0].cut_off(10)


def test_the_web_server_takes_no_more_than_the_shop(nginx: tuple[Nginx, Process]) -> None:
    front, _ = nginx
    assert _shopper(front, "127.0.0.3").post("/orders", "a" * 70_000).status_code == 413


def test_the_web_server_lets_the_staff_send_files(nginx: tuple[Nginx, Process]) -> None:
    front, _ = nginx
    sent = {address: _sent(front, address, 300_000) for address in UPLOADS}
    assert {answer.status_code for answer in sent.values()} == {401}  # the shop has heard of it
    too_large = _sent(front, UPLOADS[0], 42_000_000)
    assert too_large.status_code == 413
    assert "حداکثر ۳۲ مگابایت" in too_large.text


UPLOADS = ("/admin/products/1/pictures", "/admin/products/files")


def _sent(front: Nginx, address: str, size: int) -> requests.Response:
    return _shopper(front, "127.0.0.8").post(address, "a" * size)


@pytest.mark.long
def test_the_web_server_limits_the_pages_of_one_client(nginx: tuple[Nginx, Process]) -> None:
    front, _ = nginx
    with ThreadPoolExecutor(60) as pool:
        answers = list(pool.map(lambda _: _hasty_look(front, "127.0.0.4"), range(60)))
    refused = next(answer for answer in answers if answer is not None and not answer.ok)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    assert "سبد خرید شما محفوظ است" in refused.text
    assert _shopper(front, "127.0.0.5").get("/healthz").ok


def _hasty_look(front: Nginx, address: str) -> requests.Response | None:
    """Look at a page, and leave if it does not come soon: it may have to wait for its turn."""
    with suppress(requests.Timeout):
        return _shopper(front, address).get("/healthz", seconds=1.5)
    return None


def test_the_log_of_the_web_server_has_no_tokens(nginx: tuple[Nginx, Process]) -> None:
    front, _ = nginx
    shopper = _shopper(front, "127.0.0.6")
    order = "/orders/a-token"
    for address in (
        order,
        f"{order}/history?after=7",
        f"{order}/invoice/a-key",
        "/search?q=a-wish",
    ):
        shopper.get(address)
    log = front.log.read_text()
    assert "127.0.0.6 " in log
    assert "GET /orders/-/history " in log
    assert "GET /orders/-/invoice " in log
    assert "a-token" not in log
    assert "a-key" not in log
    assert "a-wish" not in log


def test_the_web_server_serves_files_that_may_be_kept(nginx: tuple[Nginx, Process]) -> None:
    front, _ = nginx
    shopper = _shopper(front, "127.0.0.7")
    assert "immutable" in shopper.get("/static/favicon.svg?v=1").headers["Cache-Control"]
    assert shopper.get("/static/favicon.svg").headers["Cache-Control"] == "no-cache"


def _threads(shop: Process) -> int:
    return sum(child.num_threads() for child in psutil.Process(shop.pid).children())


def _shopper(nginx: Nginx, address: str) -> HttpShopper:
    return HttpShopper(nginx.url, address=address, certificate=nginx.certificate)


def _fill_a_cart(shopper: HttpShopper) -> None:
    began = monotonic()
    shopper.put_in_cart()
    assert monotonic() - began < AT_ONCE
    assert shopper.page.ok
    assert "/cart" in shopper.page.url
