"""A learner's shop beside a gateway of its own: buy in it, break it, and compare both ledgers.

Checks look at what the shop does, never at its text: at its pages, at `/ledger`, and at the bank.
"""

from __future__ import annotations

import itertools
import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from jibit_sandbox.testing import SandboxWorld, browser
from learn.speaking import as_people_write

PATIENCE = 20.0  # seconds, for a shop to start and for a call to reach the gateway
LONGEST_RUN = 120  # seconds, for a program that is run to its end
MOST_REDIRECTS = 5
REFUSALS = {400, 403, 404, 409, 422}  # of the gateway: about what was asked, not about tokens
MOST_SHOWN = 200  # characters of an error
CLOCK = Path(__file__).with_name("clock.py")
LIBRARIES = Path(__file__).resolve().parents[1]  # payment_engine and jibit_client stand here
_FIELD = re.compile(r"<input\b[^>]*>")
_TRACEBACK = re.compile(
    r"^Traceback \(most recent call last\):\n((?:[ ].*\n)+)(\w.*)$", re.MULTILINE
)
_LINE = re.compile(r"shop\.py\", line ([0-9]+)")
_TO_THE_GATEWAY = r'<a\b[^>]*href="[^"]*/orders/\w+/payments[^>]*>.*?</a>'
_NOT_SHOWN = re.compile(rf"(?s){_TO_THE_GATEWAY}|<button.*?</button>|<[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


class NotYet(Exception):
    """What the shop does not do yet, in English and in Persian: what was seen, what is right."""

    def __init__(self, en: str, fa: str) -> None:
        self.said = {"en": as_people_write(en, "en"), "fa": as_people_write(fa, "fa")}
        super().__init__(self.said["en"])


def require(right: object, en: str, fa: str) -> None:
    """Raise NotYet with these sentences unless it is right."""
    if not right:
        raise NotYet(en, fa)


class Page:
    """An answer of the shop."""

    def __init__(self, response: requests.Response) -> None:
        self.url, self.status, self.text = response.url, response.status_code, response.text

    @property
    def fields(self) -> dict[str, str]:
        """The form's fields as they stand."""
        inputs = (dict(_ATTRIBUTE.findall(tag)) for tag in _FIELD.findall(self.text))
        return {one["name"]: unescape(one.get("value", "")) for one in inputs if "name" in one}

    @property
    def action(self) -> str:
        """Where the form is sent."""
        found = re.search(r'<form\b[^>]*action="([^"]*)"', self.text)
        return urljoin(self.url, unescape(found[1])) if found else self.url

    @property
    def words(self) -> set[str]:
        """The words it shows, without those of its buttons and of its link to the gateway."""
        return set(_NOT_SHOWN.sub(" ", self.text).split())


class Shopper:
    """A browser of its own in front of the shop."""

    def __init__(self, shop: Lab) -> None:
        self._shop, self._session = shop, browser()

    def open(self, path: str) -> Page:
        """Open a page of the shop, over its own redirects."""
        return Page(self._follow("GET", urljoin(self._shop.url, path)))

    def fill_in(self, **fields: str) -> tuple[str, dict[str, str]]:
        """Open the shop and fill in its form; return where it goes and what it sends."""
        page = self.open("/")
        return page.action, page.fields | fields

    def send(self, form: tuple[str, dict[str, str]]) -> str:
        """Send a filled-in form; return the address at which the browser ends."""
        return str(self._follow("POST", form[0], data=form[1]).url)

    def buy(self, **fields: str) -> str:
        """Buy; return the address of the gateway's page, or the shop's where it stays there."""
        return self.send(self.fill_in(**fields))

    def _follow(self, method: str, url: str, **more: Any) -> requests.Response:
        for _ in range(MOST_REDIRECTS):
            if urlsplit(url).netloc != urlsplit(self._shop.url).netloc:
                break
            answer = self._session.request(
                method, url, allow_redirects=False, timeout=PATIENCE, **more
            )
            if not answer.is_redirect:
                self._shop.last_page = Page(answer)
                return answer
            method, url, more = "GET", urljoin(url, answer.headers["Location"]), {}
        left = requests.Response()
        left.url, left.status_code = url, 303
        return left


class Lab:
    """The shop of a folder, run as a learner runs it, with a world of the sandbox for itself."""

    def __init__(
        self,
        program: Path,
        world: SandboxWorld,
        folder: Path,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.world, self._folder = world, folder
        self._settings = dict(settings or {})
        self.code = folder / "code"
        shutil.copytree(program, self.code, ignore=shutil.ignore_patterns("*.db*"))
        shutil.copy(CLOCK, self.code)
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self.last_page: Page | None = None  # that a shopper has seen in it

    # The shop's process

    def start(self) -> None:
        """Start it, and wait until it answers. Raises NotYet with the last line of its error."""
        command = [sys.executable, "-m", "flask", "--app", "shop", "run", "--port", str(self.port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.code,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(
            lambda: self._listens() or self._has_died(),
            "the shop starts",
            what_fa="فروشگاه بالا بیاید",
        )
        if self._has_died():
            # A traceback is a fact that is added to every sentence; see `open_lab`.
            last = "." if self.last_error()[0] else f": {self._last_line}"
            raise NotYet(f"The shop does not start{last}", f"فروشگاه بالا نمی‌آید{last}")

    def stop(self) -> None:
        """Stop the shop at once: it gets no chance to write anything (`kill -9`)."""
        if self._process and not self._has_died():
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process:
            self._process.wait()

    def restart(self, **settings: str) -> None:
        """Kill it and start it again, with these settings from now on."""
        self.stop()
        self._settings |= settings
        self.start()

    def work(self) -> str:
        """Run the shop's worker once, `python shop.py work`; return what it printed."""
        done = subprocess.run(
            [sys.executable, "shop.py", "work"],
            cwd=self.code,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_RUN,
            check=False,
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["?"])[-1]
            raise NotYet(
                f"`python shop.py work` fails: {last}", f"«python shop.py work» شکست: {last}"
            )
        return done.stdout + done.stderr

    def run(self, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the shop's folder to its end, as in `run("shop.py", "work")`."""
        return self.run_for(LONGEST_RUN, *command, **settings)

    def run_for(
        self, seconds: float, *command: str, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run Python as `run` does; raise subprocess.TimeoutExpired if it takes longer."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.code,
            env=self._environment | settings,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    @contextmanager
    def beside(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run Python beside the shop, as in `beside("shop.py", "worker")`, until the block ends."""
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=self.code,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @property
    def output(self) -> str:
        """All that the shop has printed."""
        return self._log.read_text(errors="replace")

    def last_error(self) -> tuple[str, str]:
        """What the shop raised last and nobody caught, in English and Persian; else nothing."""
        raised = _TRACEBACK.findall(self.output) if self._log.exists() else []
        if not raised:
            return "", ""
        frames, error = raised[-1]
        line = ["?", *_LINE.findall(frames)][-1]
        error = error.strip()[:MOST_SHOWN]
        return (
            f"The shop's last error: {error} (shop.py, line {line}).",
            f"آخرین خطای فروشگاه: {error} (shop.py، خط {as_people_write(line, 'fa')}).",
        )

    def last_refusal(self) -> tuple[str, str]:
        """What the gateway refused at the end, with its code, in both languages; else nothing."""
        calls = self.world.requests_seen()
        last = calls[-1] if calls else {}
        status, operation = last.get("status") or 0, last.get("operation")
        if not operation or status not in REFUSALS or last.get("behaviour"):
            return "", ""
        code = "".join(re.findall(r'"code": ?"([\w.]+)"', str(last.get("response_body", "")))[:1])
        return (
            f"The gateway's last answer, to {operation}: {status} {code}.",
            f"آخرین جواب درگاه، به {operation}: {status} {code}.",
        )

    # Time, the database, shoppers and ledgers

    def later(self, seconds: float) -> None:
        """Move the shop's clock and the gateway's."""
        clock = self._folder / "clock.txt"
        moved = float(clock.read_text()) if clock.exists() else 0.0
        clock.write_text(str(moved + seconds))
        self.world.clock.advance(seconds)

    @contextmanager
    def database(self, path: Path | None = None) -> Iterator[sqlite3.Connection]:
        """Open the shop's database, or another one; each statement is a transaction of its own."""
        path = path or self._folder / "shop.db"
        opened = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
        with closing(opened) as connection:
            yield connection

    @contextmanager
    def no_writing(self, path: Path | None = None) -> Iterator[None]:
        """Hold the database's only lock for writing: the shop can read, and waits to write."""
        with self.database(path) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")

    def shopper(self) -> Shopper:
        """Somebody with a browser of their own."""
        return Shopper(self)

    def ledger(self) -> list[dict[str, Any]]:
        """The shop's orders, the oldest first, as it shows them at `/ledger`."""
        answer = browser().get(f"{self.url}/ledger", timeout=PATIENCE)
        require(
            answer.ok and answer.headers["Content-Type"].startswith("application/json"),
            f"`/ledger` should answer a JSON list of orders; it answers {answer.status_code}.",
            f"«/ledger» باید فهرست سفارش‌ها را به شکل JSON بدهد؛ الان {answer.status_code} می‌دهد.",
        )
        return list(answer.json())

    def states(self) -> list[str]:
        """The states of the shop's orders, the oldest first."""
        return [str(order["state"]) for order in self.ledger()]

    def bank(self) -> list[str]:
        """The states of the gateway's orders: awaiting, paid, captured, returned, ..."""
        return [str(order["state"]) for order in self.world.orders()]

    def wait_until_held(self) -> None:
        """Wait until the gateway holds a call of the shop. Raises NotYet if none arrives."""
        try:
            self.world.wait_until_held()
        except AssertionError as error:
            raise NotYet(
                "The check waited for a call of your shop to the gateway, and none came.",
                "آزمون منتظر درخواستی از فروشگاه شما به درگاه ماند و هیچ درخواستی نیامد.",
            ) from error

    @property
    def _last_line(self) -> str:
        code = self._process.returncode if self._process else "?"
        return (self.output.strip().splitlines() or [f"exit code {code}"])[-1]

    @property
    def _log(self) -> Path:
        return self._folder / "shop.log"

    @property
    def _environment(self) -> dict[str, str]:
        own = {
            "GATEWAY_URL": self.world.ppg_base_url,
            "API_KEY": self.world.api_key,
            "SECRET_KEY": self.world.secret_key,
            "PPG_V3_URL": self.world.ppg_v3_base_url,
            "WALLET_URL": self.world.wallet_base_url,
            "WALLET_USERNAME": self.world.username,
            "WALLET_PASSWORD": self.world.password,
            "PUBLIC_URL": self.url,
            "DATABASE": str(self._folder / "shop.db"),
            "CLOCK": str(self._folder / "clock.txt"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join(
                filter(None, [str(LIBRARIES), os.environ.get("PYTHONPATH")])
            ),
            "NO_PROXY": "*",
        }
        return {**os.environ, **own, **self._settings}

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _has_died(self) -> bool:
        return self._process is not None and self._process.poll() is not None


def _with_facts(error: NotYet, lab: Lab) -> NotYet:
    """Add what the shop raised and what the gateway refused, if anything."""
    facts = [lab.last_error(), lab.last_refusal()]
    en, fa = (
        " ".join(filter(None, said)) for said in zip(error.said.values(), *facts, strict=True)
    )
    noted = NotYet(en, fa)
    noted.said = {"en": en, "fa": fa}  # an exception's own text stays as it is
    return noted


@contextmanager
def open_lab(
    program: Path,
    world: SandboxWorld,
    folder: Path,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Lab]:
    """Start the shop in this folder's program; it is killed at the end.

    ``settings`` are added to the shop's environment.
    """
    lab = Lab(program, world, folder, settings)
    try:
        lab.start()
        yield lab
    except NotYet as error:
        raise _with_facts(error, lab) from error
    except requests.HTTPError as error:  # of a page that a browser had to open
        page, seen = Page(error.response), lab.last_page
        if seen and seen.url == page.url:  # a form was sent there; the page itself may be none
            page = seen
        address = page.url.removeprefix(lab.url)
        sentence = NotYet(
            f"The browser could not go on: {address} answered {page.status}.",
            f"مرورگر نتوانست ادامه دهد: {address} جواب {page.status} داد.",
        )
        raise _with_facts(sentence, lab) from error
    except Exception as error:  # of a step that found no order, no page or no answer
        name = type(error).__name__
        sentence = NotYet(
            f"The shop did not do what this step of the check needs ({name}).",
            f"فروشگاه کاری را که این مرحلهٔ آزمون لازم دارد نکرد ({name}).",
        )
        raise _with_facts(sentence, lab) from error
    finally:
        lab.stop()
        world.forget_behaviours()


def wait_until(
    true: Any, what: str, patience: float = PATIENCE, *, what_fa: str | None = None
) -> None:
    """Look until it is true. Raises NotYet when it takes too long."""
    deadline = time.monotonic() + patience
    while not true():
        if time.monotonic() > deadline:
            raise NotYet(
                f"Waited {patience:g} seconds in vain: {what}.",
                f"{patience:g} ثانیه انتظار بی‌نتیجه بود: {what_fa or what}.",
            )
        time.sleep(0.05)


# Below those that the system gives out itself; and each once, since several shops start together.
_ports = itertools.count(secrets.randbelow(20_000))


def _free_port() -> int:
    for number in _ports:
        port = 10_000 + number % 20_000
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("the numbers never end")
