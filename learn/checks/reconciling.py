"""Run `python shop.py reconcile` and look at what it prints and how it ends."""

from __future__ import annotations

import subprocess
from typing import Any

import requests

from jibit_sandbox.testing import SandboxWorld, browser
from learn.lab import PATIENCE, Lab, NotYet, require

AGREE = "The ledgers agree."
LONGEST = 40  # seconds; comparing a page and one more order takes three, ten on a busy machine


class OtherProgram:
    """Somebody else who has the merchant's keys and calls the gateway without the shop."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world, self._session = world, browser()
        keys = {"apiKey": world.api_key, "secretKey": world.secret_key}
        token = self._call("POST", "/tokens/generate", json=keys).json()["accessToken"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def create(self, reference: str) -> str:
        """Create an order; return the gateway's identifier."""
        order = {
            "amount": 1_250_000,
            "referenceNumber": reference,
            "userIdentifier": "09121234567",
            "callbackUrl": "http://127.0.0.1:9/callback",
        }
        return str(self._call("POST", "/orders", json=order).json()["orderIdentifier"])

    def verify(self, identifier: str) -> None:
        """Capture an order's money."""
        self._call("GET", f"/orders/{identifier}/verify")

    def _call(self, method: str, path: str, **more: Any) -> requests.Response:
        url = f"{self._world.ppg_base_url}{path}"
        answer = self._session.request(method, url, timeout=PATIENCE, **more)
        answer.raise_for_status()
        return answer


def buy(shop: Lab) -> dict[str, Any]:
    """Let somebody buy and pay; return the gateway's order."""
    shopper = shop.shopper()
    shopper.open(shop.world.pay(shopper.buy()))
    require(
        shop.states()[-1:] == ["paid"],
        f"Somebody has paid, and the orders are {shop.states()}.",
        f"کسی پول داده، ولی سفارش‌ها {shop.states()} هستند.",
    )
    return shop.world.orders()[-1]


def names_of(shop: Lab, bank_order: dict[str, Any]) -> list[str]:
    """Return every name of an order: ours, and the gateway's."""
    named = [str(bank_order["identifier"]), str(bank_order["reference_number"])]
    for order in shop.ledger():
        if any(name in str(order) for name in named):
            named.append(str(order["number"]))
    return named


def run_to_its_end(shop: Lab) -> subprocess.CompletedProcess[str]:
    """Run `python shop.py reconcile`. Raises NotYet if it goes on and on."""
    try:
        return shop.run_for(LONGEST, "shop.py", "reconcile")
    except subprocess.TimeoutExpired as error:
        asked = pages_asked_for(shop)[-1:] or ["-"]
        raise NotYet(
            f"`python shop.py reconcile` has not ended after {LONGEST} seconds. It last asked for"
            f" the page `{asked[0]}`. Does each turn of the loop ask for the next page, with"
            " `page=`, until `hasNext` is false?",
            f"«python shop.py reconcile» بعد از {LONGEST} ثانیه تمام نشد. آخرین صفحه‌ای که خواست"
            f" «{asked[0]}» بود. هر دور حلقه صفحهٔ بعدی را با «page=» می‌خواهد، تا وقتی «hasNext»"
            " نادرست شود؟",
        ) from error


def pages_asked_for(shop: Lab) -> list[str]:
    """Return the address of every page of the gateway's list that the shop has asked for."""
    return [str(call["path"]) for call in shop.world.requests_seen(operation="list")]


def reconcile(shop: Lab) -> tuple[int, str]:
    """Run `python shop.py reconcile`; return its exit code and what it has printed."""
    done = run_to_its_end(shop)
    last = (done.stderr.strip().splitlines() or ["-"])[-1]
    require(
        "Traceback" not in done.stderr and done.returncode in (0, 1),
        f"`python shop.py reconcile` ends with {done.returncode}: {last}",
        f"«python shop.py reconcile» با کد {done.returncode} تمام می‌شود: {last}",
    )
    return done.returncode, done.stdout


def require_agreement(shop: Lab, en: str, fa: str) -> None:
    code, said = reconcile(shop)
    require(
        code == 0 and AGREE in said,
        f"{en} `reconcile` should print {AGREE!r} and exit with 0; it exits with {code} and prints:"
        f" {said.strip()}",
        f"{fa} «reconcile» باید «{AGREE}» چاپ کند و با کد ۰ تمام شود؛ با کد {code} تمام می‌شود و"
        f" این را چاپ می‌کند: {said.strip()}",
    )


def require_discrepancy(shop: Lab, names: list[str], en: str, fa: str) -> None:
    code, said = reconcile(shop)
    require(
        code == 1 and AGREE not in said,
        f"{en} `reconcile` should print it and exit with 1; it exits with {code} and prints:"
        f" {said.strip()}",
        f"{fa} «reconcile» باید آن را چاپ کند و با کد ۱ تمام شود؛ با کد {code} تمام می‌شود و این را"
        f" چاپ می‌کند: {said.strip()}",
    )
    lines = said.strip().splitlines()
    require(
        len(lines) == 1 and any(name in lines[0] for name in names),
        f"{en} Right is one line that names this order; `reconcile` prints: {said.strip()}",
        f"{fa} درستش یک خط است که همین سفارش را نام ببرد؛ «reconcile» این را چاپ می‌کند:"
        f" {said.strip()}",
    )


def require_silence(shop: Lab, en: str, fa: str) -> str:
    """Raise NotYet unless `reconcile` says that it was not answered; return what it prints."""
    done = run_to_its_end(shop)
    said = done.stdout.strip() or (done.stderr.strip().splitlines() or ["-"])[-1]
    require(
        done.returncode != 0 and AGREE not in said and "Traceback" not in done.stderr,
        f"{en} `reconcile` should say with a sentence that it was not answered, and not exit with"
        f" 0; it exits with {done.returncode} and prints: {said}",
        f"{fa} «reconcile» باید با یک جمله بگوید که جواب نگرفته و با کد ۰ تمام نشود؛ با کد"
        f" {done.returncode} تمام می‌شود و این را چاپ می‌کند: {said}",
    )
    return said
