"""Wait until everything answers, then print the addresses and what to try."""

from __future__ import annotations

import http.client
import time
from typing import NamedTuple

from storefront.cli.first_start import FOR_THE_OWNER
from storefront.devserver.supervisor import say

SLOW_START_SECONDS = 20.0
WELCOME = """
  The shop is open, after {seconds:.1f} s                       فروشگاه باز است

    {shop}           Ctrl-C stops everything
"""
TEST_MODE = """\
    {bank}           the sandbox gateway: no real money
    {bank}/_sandbox/pages/sms    what the shop sends by SMS

  Try this: put something in the cart, check out, and at the bank page
    1. pay with the test card that the page shows, and read the receipt
    2. decline, then pay again for the same order
    3. "pay and vanish": the money is taken and the browser never comes back;
       open the order page from another tab and watch the worker find the payment

  خرید کنید و در صفحهٔ بانک پرداخت، رد یا «پرداخت و ناپدید شدن» را امتحان کنید.
  هیچ پول واقعی جابه‌جا نمی‌شود.
"""
KILL = """\
    {kill}           the kill button: kill the shop or the worker in the middle of a payment
"""
REAL_MODE = """\
    The sandbox is off: payments go to the gateway in your settings.
"""


class Address(NamedTuple):
    """Where a server is reached."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"http://{self.host}:{self.port}"

    def answers(self, path: str) -> bool:
        """Return whether it answers this path, and not with a failure of its own."""
        connection = http.client.HTTPConnection(self.host.strip("[]"), self.port, timeout=2)
        try:
            connection.request("GET", path)
            return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
        except (OSError, http.client.HTTPException):
            return False  # not listening yet
        finally:
            connection.close()

    def wait(self, seconds: float) -> None:
        """Wait until it answers, but no longer than this."""
        deadline = time.monotonic() + seconds
        while not self.answers("/") and time.monotonic() < deadline:
            time.sleep(0.05)


class Welcome(NamedTuple):
    """The addresses of shop, sandbox and kill button, and the owner's link."""

    shop: Address
    bank: Address | None
    kill: str | None
    owners_link: str | None


def print_welcome(welcome: Welcome, began: float) -> None:
    """Print the welcome as soon as it is true; ``began`` is on the monotonic clock."""
    shop, bank, kill, owners_link = welcome
    patient_until = began + SLOW_START_SECONDS
    while not (shop.answers("/readyz") and (bank is None or bank.answers("/"))):
        if time.monotonic() > patient_until:
            say("This takes longer than it should; the lines above may say why.")
            patient_until += SLOW_START_SECONDS
        time.sleep(0.05)
    say(WELCOME.format(shop=shop, seconds=time.monotonic() - began))
    if kill:
        say(KILL.format(kill=kill))
    say(TEST_MODE.format(bank=bank) if bank else REAL_MODE)
    if owners_link:
        say(FOR_THE_OWNER.format(link=owners_link))
