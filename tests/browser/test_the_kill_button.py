"""`make run`, a shopper with a browser, and a real kill -9 at a named moment: the order is paid."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, expect

from testkit.axe import CONTRAST, EVERY_RULE, complaints
from testkit.browser import (
    DESKTOP,
    NARROW,
    NARROW_ENGLISH,
    Surface,
    is_too_wide,
    troubles_on_the_smallest_screens,
    watched_context,
)
from testkit.browsing import BANK_PAGE, Browsing
from testkit.databases import SqliteFiles
from testkit.processes import Process, answers, free_port, wait_until
from testkit.settings import quiet_environment

PATIENCE = 240.0  # seconds; a shop that was killed at its checkout waits for what may have left
# What leads to the bank, in the shop alone: the bank's page has a button to pay, too.
ON_THE_WAY = "#content form:is(#details, [action$='/pay']) [data-once]:not([aria-busy=true])"


@dataclass
class Run:
    """A shop, its worker, the sandbox and the kill button, as `make run` starts them."""

    process: Process
    shop: str
    sandbox: str
    kill: str


@contextmanager
def make_run(databases: SqliteFiles, folder: Path, card: str) -> Iterator[Run]:
    ports = {name: free_port() for name in ("PORT", "SANDBOX_PORT", "KILL_PORT")}
    shop, sandbox, kill = (f"http://127.0.0.1:{port}" for port in ports.values())
    with databases.fresh(folder / "data", stocked=True) as url:
        environment = quiet_environment(
            DATABASE_URL=url,
            SANDBOX_DATABASE=folder / "sandbox.sqlite3",
            UPLOADS_FOLDER=folder / "uploads",
            CARD_GATEWAY=card,
            PPG_V3_BASE_URL="",
            WALLET_BASE_URL="",
            GATEWAY_CONNECT_TIMEOUT=1,
            GATEWAY_READ_TIMEOUT=3,
            RECOVER_AFTER_SECONDS=1,
            WORKER_TICK_SECONDS=0.5,
            TRUSTED_PROXIES=1,  # every shopper has an address of its own
        ) | {name: str(port) for name, port in ports.items()}
        process = Process([sys.executable, "-m", "storefront"], environment, folder / "log")
        process.start()
        try:
            wait_until(lambda: answers(ports["PORT"], "/readyz"), "the shop is ready", PATIENCE)
            yield Run(process, shop, sandbox, kill)
        finally:
            process.signal(signal.SIGTERM)
            process.wait()
            process.kill()
    assert "Traceback" not in process.output, process.output


@pytest.fixture(scope="module")
def runs(
    sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Run]]:
    """Give what `make run` started with one version of the card gateway, one at a time."""
    started: dict[str, tuple[Run, Callable[..., object]]] = {}

    def end() -> None:
        for _, leave in started.values():
            leave(None, None, None)
        started.clear()

    def run(card: str) -> Run:
        if card not in started:
            end()
            running = make_run(sqlite_files, tmp_path_factory.mktemp("run"), card)
            started[card] = (running.__enter__(), running.__exit__)
        return started[card][0]

    yield run
    end()


@dataclass
class Buyer:
    """A shopper who has the page of the kill button in another tab."""

    browsing: Browsing
    run: Run

    def kill(self, victim: str, moment: str) -> None:
        """Press a button of the page, as a developer does."""
        shopping = self.browsing.page
        self.browsing.new_tab()
        page = self.browsing.page
        page.goto(f"{self.run.kill}/?lang={self.browsing.language}")
        page.locator(f"section[aria-labelledby={victim}] button[value={moment}]").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.close()
        self.browsing.page = shopping

    def has_seen_death(self) -> bool:
        """Whether nobody is left to be killed: whoever opens the order's page asks, too."""
        told = self.browsing.context.request.get(f"{self.run.kill}/?lang=en").text()
        return "To be killed:" not in told

    def go_to_bank(self) -> None:
        """Send the form; press what the shop offers until the bank's page is there."""
        with suppress(Error):  # the browser waits, and goes on by itself
            self.browsing.button("Pay %(amount)s").click()
        wait_until(self._is_there, "the bank's page is there", PATIENCE)

    def _is_there(self) -> bool:
        page = self.browsing.page
        with suppress(Error):  # a page that is being left
            page.wait_for_load_state()
            if not BANK_PAGE.search(page.url) and page.locator(ON_THE_WAY).count():
                page.locator(ON_THE_WAY).first.click(timeout=2000)
        return bool(BANK_PAGE.search(page.url))

    def expect_paid(self) -> None:
        """Touch nothing: the page becomes the receipt by itself."""
        heading = self.browsing.page.get_by_role("heading", level=1)
        words = self.browsing.word("Paid. Thank you!")
        expect(heading).to_contain_text(words, timeout=PATIENCE * 1000)
        assert self.browsing.status()["payment_state"] == "paid"

    def expect_gap(self, gateway_payment_id: str, victim: str) -> None:
        """The joined timeline shows the death, in the shop and at the dashboard."""
        page = self.browsing.page
        page.goto(f"{page.url.partition('?')[0]}/history")
        expect(page.locator(".side-kill")).not_to_have_count(0)
        expect(page.locator(".side-gateway").last).to_be_visible()
        assert not is_too_wide(page)
        page.goto(f"{self.run.sandbox}/_sandbox/pages/orders/{gateway_payment_id}?lang=en")
        killed = page.locator(".timeline .kill", has_text=f"The {victim} was killed")
        expect(killed).not_to_have_count(0)


@contextmanager
def buyer(browser: Browser, run: Run, surface: Surface) -> Iterator[Buyer]:
    with watched_context(browser, surface, run.shop) as context:
        context.set_default_timeout(PATIENCE * 1000)  # a click waits for the shop to be back
        yield Buyer(Browsing(context, surface.language, context.new_page()), run)


def buys(buyer: Buyer, gateway: str, death: str, moment: str) -> None:
    """Buy, while the shop is killed at the checkout or the return, or the worker meanwhile."""
    browsing = buyer.browsing
    if death == "shop at checkout":
        browsing.put_in_cart()
        browsing.go_to_details()
        browsing.fill_in()
        browsing.choose(gateway)
        buyer.kill("shop", moment)
        buyer.go_to_bank()
    else:
        browsing.hurry_to_bank(gateway)
    (identifier,) = re.findall(r"/(\w+)/payments?\b", browsing.page.url)
    if death == "shop at return":
        buyer.kill("shop", moment)
        browsing.at_bank("pay")
    elif death == "worker":
        buyer.kill("worker", moment)
        browsing.at_bank("vanish")
        browsing.page.wait_for_load_state()
        wait_until(buyer.has_seen_death, "the worker has come to this moment", PATIENCE)
        browsing.open_waiting_order()
    else:
        browsing.at_bank("pay")
    buyer.expect_paid()
    buyer.expect_gap(identifier, death.partition(" ")[0])


@pytest.mark.long
def test_everybody_can_press_the_button(browser: Browser, runs: Callable[[str], Run]) -> None:
    for surface in (NARROW, NARROW_ENGLISH):
        with buyer(browser, runs("ppg"), surface) as buying:
            buying.kill("worker", "answer")
            buying.browsing.page.goto(f"{buying.run.kill}/?lang={surface.language}")
            expect(buying.browsing.page.get_by_role("status")).to_be_visible()
            assert complaints(buying.browsing, "light", EVERY_RULE) == []
            assert complaints(buying.browsing, "dark", CONTRAST) == []
            buying.kill("worker", "never")
            assert troubles_on_the_smallest_screens(buying.browsing.page) == []


@pytest.mark.long
@pytest.mark.parametrize("moment", ["now", "commit", "call", "answer"])
@pytest.mark.parametrize("death", ["shop at checkout", "shop at return", "worker"])
@pytest.mark.parametrize(
    ("card", "gateway"), [("ppg", "ppg"), ("ppg", "wallet"), ("ppg_v3", "ppg_v3")]
)
def test_whoever_dies_whenever_the_order_is_paid(
    browser: Browser, runs: Callable[[str], Run], card: str, gateway: str, death: str, moment: str
) -> None:
    with buyer(browser, runs(card), DESKTOP) as buying:
        buys(buying, gateway, death, moment)
