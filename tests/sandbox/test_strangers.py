"""Pages of other sites, and other names for this machine."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from jibit_sandbox.behaviours.callback_targets import PinnedAdapter
from jibit_sandbox.testing import SandboxWorld, running_sandbox
from testkit.cases import naming
from testkit.processes import Process, wait_until
from tests.sandbox.load_generator import COMMAND
from tests.sandbox.merchant import Merchant
from tests.sandbox.shop import listening_shop

EVERYWHERE = "0.0.0.0"  # noqa: S104 - where a sandbox for others listens
OTHER_PAGES = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


def under(world: SandboxWorld, host: str, method: str, path: str, **headers: str) -> int:
    """The status of a request under another name; "*" in it is the sandbox's own port."""
    port = urlsplit(world.base_url).port
    answer = requests.request(
        method,
        f"{world.base_url}{path}",
        headers={"Host": host.replace("*", str(port)), **headers},
        timeout=10,
        allow_redirects=False,
    )
    return answer.status_code


def test_a_name_of_somebody_else_opens_neither_dashboard_nor_control(world: SandboxWorld) -> None:
    for host in (
        "evil.example:*",
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
    ):
        for method, path in (
            ("GET", "/"),
            ("GET", "/_sandbox/requests"),
            ("GET", "/_sandbox/orders"),
            ("POST", "/_sandbox/reset"),
            ("POST", "/_sandbox/pages/reset"),
            ("GET", "/no-such-page"),
        ):
            with naming(host, method, path):
                assert under(world, host, method, path) == 403


def test_its_own_names_open_them(world: SandboxWorld) -> None:
    for host in ("localhost:*", "127.0.0.1:*", "[::1]:*", "sandbox.localhost", "192.168.1.5:*"):
        with naming(host):
            assert under(world, host, "GET", "/") == 200
            assert under(world, host, "POST", "/_sandbox/behaviours/release") == 200


def test_a_name_from_the_settings_opens_them(tmp_path: Path) -> None:
    with running_sandbox(tmp_path / "named.sqlite3", hosts=("sandbox",)) as named:
        assert under(named, "sandbox:8001", "GET", "/_sandbox/orders") == 200
        assert under(named, "other:8001", "GET", "/_sandbox/orders") == 403
        origin = {"Origin": "http://sandbox:8001"}
        assert under(named, "sandbox:8001", "POST", "/_sandbox/reset", **origin) == 200


def test_no_page_of_another_site_changes_anything(merchant: Merchant) -> None:
    identifier, switching_url = merchant.opened()
    page = urlsplit(switching_url).path
    for headers in OTHER_PAGES:
        for path in ("/_sandbox/reset", "/_sandbox/pages/reset"):
            with naming(headers, path):
                assert under(merchant.world, "127.0.0.1:*", "POST", path, **headers) == 403
        if "Origin" in headers:
            assert under(merchant.world, "127.0.0.1:*", "POST", page, **headers) == 403
    rebound = {"Origin": "http://evil.example"}
    assert under(merchant.world, "evil.example", "POST", page, **rebound) == 403
    assert merchant.world.order(identifier)["state"] == "awaiting"


def test_the_sandboxs_own_pages_may(world: SandboxWorld) -> None:
    own = {"Origin": world.base_url, "Sec-Fetch-Site": "same-origin"}
    host = urlsplit(world.base_url).netloc
    assert under(world, host, "POST", "/_sandbox/pages/reset", **own) == 303
    assert requests.get(world.base_url, timeout=10).headers["Referrer-Policy"] == "same-origin"


def test_a_gateways_api_and_its_page_are_open_to_programs_under_any_name(
    merchant: Merchant,
) -> None:
    _, switching_url = merchant.opened()
    page = urlsplit(switching_url).path
    token = {"Authorization": f"Bearer {merchant.access_token}"}
    for host in ("sandbox:8001", "jibit.internal", "127.0.0.1:*"):
        with naming(host):
            assert under(merchant.world, host, "GET", "/ppg/v2/orders", **token) == 200
            assert under(merchant.world, host, "GET", "/pg/nothing") == 404
            assert under(merchant.world, host, "GET", page) == 200
            assert under(merchant.world, host, "GET", "/_sandbox/static/bank.css") == 200
            assert under(merchant.world, host, "GET", "/openapi.json") == 200
    assert under(merchant.world, "sandbox:8001", "POST", page) == 422  # an empty form


def test_a_sandbox_that_others_reach_calls_no_private_address(tmp_path: Path) -> None:
    with (
        listening_shop() as shop,
        running_sandbox(tmp_path / "exposed.sqlite3", listens_on=EVERYWHERE) as exposed,
    ):
        merchant = Merchant(exposed)
        merchant.generate()
        port = urlsplit(shop.callback_url).port
        for host in ("127.0.0.1", "localhost", "[::1]", EVERYWHERE, "127.1", "169.254.169.254"):
            with naming(host):
                _, switching_url = merchant.opened(callbackUrl=f"http://{host}:{port}/callback")
                exposed.behave("callback_twice")
                exposed.pay(switching_url)
                fates = [each["fate"] for each in exposed.requests_seen(operation="callback")]
                assert fates[-1] == "not delivered: PrivateTarget"
        merchant.session.close()
        assert not shop.callbacks


def test_it_calls_the_hosts_that_it_was_told(tmp_path: Path) -> None:
    told = ("127.0.0.1",)
    with (
        listening_shop() as shop,
        running_sandbox(
            tmp_path / "exposed.sqlite3", listens_on=EVERYWHERE, callback_hosts=told
        ) as exposed,
    ):
        merchant = Merchant(exposed)
        merchant.generate()
        _, switching_url = merchant.opened(callbackUrl=shop.callback_url)
        exposed.behave("callback_twice")
        exposed.pay(switching_url)
        merchant.session.close()
        assert len(shop.callbacks) == 1


def test_what_was_checked_is_where_it_goes() -> None:
    """A name may lead to another address by the time it is called."""
    with listening_shop() as shop, requests.Session() as browser:
        browser.trust_env = False
        browser.mount("http://", PinnedAdapter("127.0.0.1"))
        port = urlsplit(shop.callback_url).port
        assert browser.get(f"http://shop.invalid:{port}/callback", timeout=10).ok
        assert len(shop.callbacks) == 1


@pytest.mark.long
@pytest.mark.one_case_in(2)
@pytest.mark.parametrize(("host", "warns"), [("127.0.0.1", False), (EVERYWHERE, True)])
def test_a_sandbox_that_others_reach_warns_loudly(tmp_path: Path, host: str, warns: bool) -> None:
    where = ("--host", host, "--port", "0", "--database", str(tmp_path / "sandbox.sqlite3"))
    running = Process([*COMMAND, *where], {}, tmp_path / "log")
    running.start()
    try:
        wait_until(lambda: "Sandbox on" in running.output, "the sandbox listens")
    finally:
        running.kill()
    assert (f"WARNING: this sandbox listens on {EVERYWHERE}" in running.output) is warns
