"""TLS, and how long a connection is trusted."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from jibit_client.connection import DeadlineHTTPConnection
from jibit_client.errors import NotConnected, TimedOut
from tests.client.conftest import Connect
from tests.client.documents import GENERATE, INQUIRY, ORDER, PAIR
from tests.client.scripted import ScriptedServer, drips, http, says

CERTIFICATE = Path(__file__).with_name("untrusted.pem")


@pytest.fixture
def tls_server() -> Iterator[ScriptedServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    server = ScriptedServer(tls=context)
    server.on(GENERATE, says(PAIR))
    server.on(INQUIRY, says(ORDER))
    yield server
    server.stop()


def test_a_certificate_that_nobody_vouches_for_ends_the_call_before_it_is_sent(
    tls_server: ScriptedServer, with_tokens: Connect
) -> None:
    with pytest.raises(NotConnected):
        with_tokens(base_url=f"{tls_server.url}/ppg/v2").inquire("1ObK7QrL")
    assert tls_server.heard == []


def test_the_environments_certificates_count_only_where_that_is_configured(
    tls_server: ScriptedServer, with_tokens: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    base_url = f"{tls_server.url}/ppg/v2"
    with pytest.raises(NotConnected):
        with_tokens(base_url=base_url).inquire("1ObK7QrL")
    client = with_tokens(base_url=base_url, trust_env=True)
    assert client.inquire("1ObK7QrL").said == "IN_PROGRESS"
    assert client.inquire("1ObK7QrL").said == "IN_PROGRESS"


def test_dripping_costs_no_more_over_tls(
    tls_server: ScriptedServer, impatient: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    tls_server.on(INQUIRY, drips(http(200, b"{}" + b" " * 400)))
    client = impatient(base_url=f"{tls_server.url}/ppg/v2", trust_env=True)
    with pytest.raises(TimedOut):
        client.inquire("1ObK7QrL")


@pytest.mark.parametrize(("max_idle_seconds", "usable"), [(30.0, True), (0.0, False)])
def test_a_connection_that_was_idle_for_too_long_is_not_used_again(
    server: ScriptedServer, max_idle_seconds: float, usable: bool
) -> None:
    server.on("GET /", says({}))
    connection = DeadlineHTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=5)
    connection.max_idle_seconds = max_idle_seconds
    connection.request("GET", "/")
    assert connection.getresponse().data == b"{}"
    assert connection.is_connected is usable
    connection.close()
