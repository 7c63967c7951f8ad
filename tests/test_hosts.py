"""`make hosts` for a moment, and that it goes by what the documentation says."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drills.front import documented_upstream, front_command
from drills.host_report import broken
from drills.host_watch import OTHER, SAME, HostWatch
from drills.hosts import lacking, main
from testkit.cases import naming
from testkit.nginx import NO_NGINX, nginx_program

SHOPS = ("10.213.0.14:8000", "10.213.0.15:8000")
QUICK = {
    "CHAOS_SEED": "91",
    "CHAOS_SECONDS": "30",
    "CHAOS_SHOPPERS": "3",
    "CHAOS_KILL_EVERY": "10",
    "CHAOS_WINDOW": "36",
    "CHAOS_READ_TIMEOUT": "2",
}


@pytest.mark.long
def test_a_host_that_is_lost_takes_nothing_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    if lack := lacking():
        pytest.skip(lack)
    for name, value in QUICK.items():
        monkeypatch.setenv(name, value)
    assert main(QUICK) == 0


def test_a_wrong_variable_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main({"CHAOS_SECONDS": "long"}) == 2
    assert "CHAOS_SECONDS" in capsys.readouterr().out


@pytest.mark.skipif(nginx_program() is None, reason=NO_NGINX)
def test_nginx_takes_the_documented_upstream_and_sends_no_form_twice(tmp_path: Path) -> None:
    command = front_command(tmp_path / "front", "127.0.0.1:8", SHOPS)
    tried = subprocess.run([*command, "-t"], check=False, capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr
    upstream = documented_upstream(SHOPS)
    assert [f"server {shop} max_fails=1" in upstream for shop in SHOPS] == [True, True]
    settings = (tmp_path / "front" / "storefront.conf").read_text()
    assert upstream in settings
    assert "non_idempotent" not in settings


def test_a_host_that_shows_something_else_is_found() -> None:
    assert broken(_looked()) == []
    for changed, found in (
        ({"carts": {"shop 1": Counter({OTHER: 1, SAME: 9})}}, "a host had another cart"),
        ({"pictures": {"shop 1": Counter({OTHER: 1, SAME: 9})}}, "a host had another picture"),
        ({"pictures": {}}, "no host showed the picture"),
        (
            {"seconds": {second: Counter({second > 40: 1}) for second in range(1000)}},
            "nobody was shown a page for long",
        ),
        (
            {"seconds": {second: Counter({second % 3 > 0: 1}) for second in range(90)}},
            "too many looks were shown no page",
        ),
    ):
        with naming(found):
            assert broken(_looked(**changed)) == [found]


def _looked(**changed: Any) -> Any:
    system: Any = SimpleNamespace(shop_urls={"ppg": "http://10.213.0.11"})
    watch = HostWatch(system)
    same = {"shop 1": Counter({SAME: 9})}
    seconds = {second: Counter({True: 4}) for second in range(60)}
    for name, value in ({"carts": same, "pictures": same, "seconds": seconds} | changed).items():
        setattr(watch, name, value)
    return SimpleNamespace(watch=watch, faults=SimpleNamespace(lost_at=1))
