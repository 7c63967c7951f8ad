"""Whatever a program sends to the sandbox, on any route: an answer, and no fault of its own."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from werkzeug.routing import Rule

from jibit_sandbox.app import create_app
from jibit_sandbox.core.settings import Settings
from jibit_sandbox.testing import SandboxWorld
from testkit.cases import naming
from testkit.hostile import (
    HEADER_LINES,
    HOST_LINES,
    METHODS,
    VALUES,
    Stranger,
    filled,
    in_thirds,
    queries,
)
from tests.sandbox.raw import read_all

ASKED = (
    *("world", "lang", "gateway", "q", "order", "operation", "id", "page", "size", "card"),
    *("older_orders", "newer_orders", "older_calls", "newer_calls", "after", "api"),
)
FIELDS = ("action", "seconds", "times", "id", "balance", "mobile", "seed", "name", "card")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """A sandbox in this process, without a server that would straighten what it is sent."""
    app = create_app(Settings(database=tmp_path / "sandbox.sqlite3"))
    yield app
    app.extensions["sandbox"].store.close()


@pytest.fixture
def token(app: Flask) -> dict[str, str]:
    """The header of a merchant who is known."""
    keys = {"apiKey": "sandbox-api-key", "secretKey": "sandbox-secret-key"}
    answer = app.test_client().post("/ppg/v2/tokens/generate", json=keys)
    return {"HTTP_AUTHORIZATION": f"Bearer {answer.get_json()['accessToken']}"}


def rules(app: Flask) -> list[Rule]:
    """All routes but those that wait, which is what they are for."""
    waiting = (".held", ".stream")
    return [rule for rule in app.url_map.iter_rules() if not rule.endpoint.endswith(waiting)]


@in_thirds
def test_no_address_is_a_fault(app: Flask, token: dict[str, str], third: slice) -> None:
    stranger = Stranger(app, **token)
    for number, rule in enumerate(rule for rule in rules(app) if rule.arguments):
        for method in (rule.methods or set()) & {"GET", "POST"}:
            for value in VALUES[number % 4 :: 4][third]:
                with naming(method, rule.rule, value[:80]):
                    assert stranger.sends(method, filled(rule, value)) < 500


@in_thirds
def test_no_question_is_a_fault(app: Flask, token: dict[str, str], third: slice) -> None:
    stranger = Stranger(app, **token)
    for path in ("/", "/_sandbox/pages/news", "/_sandbox/requests", "/ppg/v2/orders"):
        for quoted in (False, True):
            for query in list(queries(ASKED, quoted=quoted))[::2][third]:
                with naming(path, query[:80]):
                    assert stranger.sends("GET", path, query) < 500
    for value in VALUES[third]:
        with naming(value[:80]):
            query = urlencode({"count": 0, "seconds": value})
            assert stranger.sends("GET", "/_sandbox/behaviours/held", query) < 500


@pytest.mark.long
@in_thirds
def test_no_method_is_a_fault(app: Flask, token: dict[str, str], third: slice) -> None:
    stranger = Stranger(app, **token)
    for rule in rules(app)[third]:
        for method in METHODS:
            with naming(method, rule.rule):
                assert stranger.sends(method, filled(rule, "x"), body=b"\xff=1") < 500


@in_thirds
def test_no_form_and_no_document_is_a_fault(
    app: Flask, token: dict[str, str], third: slice
) -> None:
    stranger = Stranger(app, **token)
    for rule in rules(app):
        for method in (rule.methods or set()) & {"POST", "PUT"}:
            for value in VALUES[::11][third]:
                with naming(method, rule.rule, value[:80]):
                    form = {**dict.fromkeys(FIELDS, value), "action": "advance"}
                    path = filled(rule, "x")
                    assert stranger.sends(method, path, body=urlencode(form).encode()) < 500
                    kind = {"CONTENT_TYPE": "application/json"}
                    body = json.dumps(dict.fromkeys(FIELDS, value)).encode()
                    assert stranger.sends(method, path, body=body, headers=kind) < 500


@in_thirds
def test_no_header_and_no_host_is_a_fault(app: Flask, third: slice) -> None:
    stranger = Stranger(app)
    for path in ("/ppg/v2/orders", "/_sandbox/clock"):
        for header, value in (*HEADER_LINES, *HOST_LINES)[third]:
            with naming(path, header, value[:80]):
                assert stranger.sends("GET", path, headers={header: value}) < 500
                assert stranger.sends("POST", path, headers={header: value}) < 500


@pytest.mark.parametrize("target", ["[", "http://[", "//[", "/ \xff"])
def test_an_address_that_is_none_is_refused_on_the_wire(world: SandboxWorld, target: str) -> None:
    url = urlsplit(world.base_url)
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=10) as connection:
        connection.sendall(f"GET {target} HTTP/1.0\r\n\r\n".encode("latin-1"))
        assert 400 <= read_all(connection).status < 500
