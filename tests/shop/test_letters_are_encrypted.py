"""Neither a password nor a letter leaves without TLS, and no receiver holds anybody up for ever."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db
from storefront.notifications.dispatcher import NotDelivered
from storefront.notifications.email import SmtpSender
from storefront.notifications.outbox import OutboxMessage
from storefront.notifications.webhook import WebhookSender
from testkit.clock import MovingClock
from testkit.databases import SqliteFiles
from testkit.mail_server import MailServer, running_mail_server
from testkit.scenario import SHOPPER, ScenarioDriver, unpaid_order
from tests.client.scripted import Connection, Reply, ScriptedServer, drips
from tests.conftest import open_shop

OTHER_MACHINE = "127.0.0.2"  # reached like another machine: none of the names of this one
NOW = datetime(2026, 11, 21, 18, 15, tzinfo=UTC)
LOGIN = "\0shop\0pass word"


@pytest.fixture
def message(
    sqlite_files: SqliteFiles, sandbox: SandboxWorld, clock: MovingClock, tmp_path: Path
) -> Iterator[OutboxMessage]:
    """The letter about a paid order."""
    shopper = replace(SHOPPER, email="maryam@example.com")
    with (
        sqlite_files.fresh(tmp_path / "shop", stocked=True) as url,
        open_shop(url, sandbox, clock) as app,
    ):
        driver = ScenarioDriver(app, "ppg")
        with driver.in_the_shop() as services:
            order_id = unpaid_order(services, {1: 1}, shopper, "a key").id
        driver.come_back(sandbox.pay(str(driver.begin(order_id).redirect_url)))
        with app.app_context():
            yield db.session.scalars(select(OutboxMessage)).one()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """The other machine's certificate with its key, which nobody trusts yet."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, OTHER_MACHINE)])
    now = datetime.now(UTC)
    host = x509.SubjectAlternativeName([x509.IPAddress(ip_address(OTHER_MACHINE))])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(host, critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    path = tmp_path / "mail.pem"
    path.write_bytes(private + signed.public_bytes(encoding))
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def send(message: OutboxMessage, server: MailServer, login: str = "", scheme: str = "smtp") -> None:
    url = f"{scheme}://{login}{server.host}:{server.port}"
    sender = SmtpSender(url, "Shop <shop@shop.example>", "https://shop.example", lambda: NOW)
    sender.deliver(message)


@pytest.mark.parametrize("login", ["", "shop:pass%20word@"], ids=["no login", "login"])
def test_another_machine_without_tls_gets_neither_the_password_nor_the_letter(
    message: OutboxMessage, login: str
) -> None:
    with running_mail_server(OTHER_MACHINE) as server:
        with pytest.raises(NotDelivered, match="offers no STARTTLS, and it is another machine"):
            send(message, server, login)
        assert (server.logins, server.letters) == ([], [])


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_that_nobody_vouches_for_ends_it_before_anything_is_sent(
    message: OutboxMessage, tls: ssl.SSLContext, scheme: str
) -> None:
    with running_mail_server(OTHER_MACHINE, tls, implicit=scheme == "smtps") as server:
        with pytest.raises(NotDelivered, match="SMTP: SSLCertVerificationError"):
            send(message, server, "shop:pass%20word@", scheme)
        assert (server.logins, server.letters) == ([], [])


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_trusted_server_gets_both_by_tls(
    message: OutboxMessage,
    tls: ssl.SSLContext,
    scheme: str,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with running_mail_server(OTHER_MACHINE, tls, implicit=scheme == "smtps") as server:
        send(message, server, "shop:pass%20word@", scheme)
        assert server.logins == [LOGIN]
        assert len(server.letters) == 1


def test_a_server_on_this_machine_needs_no_tls(message: OutboxMessage) -> None:
    with running_mail_server() as server:
        send(message, server, "shop:pass%20word@")
        assert server.logins == [LOGIN]
        assert len(server.letters) == 1


class Drip(socketserver.ThreadingTCPServer):
    """Greets with a byte every 20 ms, and never ends its line."""

    daemon_threads = True

    def __init__(self) -> None:
        self.stopping = threading.Event()
        super().__init__(("127.0.0.1", 0), DripSession)


class DripSession(socketserver.BaseRequestHandler):
    server: Drip

    def handle(self) -> None:
        with suppress(OSError):
            while not self.server.stopping.wait(0.02):
                self.request.sendall(b"2")


@pytest.fixture
def drip() -> Iterator[Drip]:
    with Drip() as server:
        threading.Thread(target=server.serve_forever, args=[0.05]).start()
        yield server
        server.stopping.set()
        server.shutdown()


def test_a_mail_server_that_drips_is_given_up(
    message: OutboxMessage, drip: Drip, clock: MovingClock
) -> None:
    url = f"smtp://127.0.0.1:{drip.server_address[1]}"
    sender = SmtpSender(url, "shop@shop.example", "https://shop.example", clock.now, seconds=0.2)
    with pytest.raises(NotDelivered, match="SMTP: SMTP"):
        sender.deliver(message)


@pytest.fixture
def receiver() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.stop()


def test_a_webhook_that_drips_is_given_up_and_its_words_are_not_read(
    message: OutboxMessage, clock: MovingClock, receiver: ScriptedServer
) -> None:
    receiver.on("POST /slow", drips(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000))
    receiver.on("POST /long", drips_the_body(b"HTTP/1.1 200 OK\r\n\r\n"))
    slow, long = (
        WebhookSender(f"{receiver.url}/{path}", ["s" * 32], clock.now, timeout=(1.0, 0.2))
        for path in ("slow", "long")
    )
    with pytest.raises(NotDelivered, match="webhook: ReadTimeout"):
        slow.deliver(message)
    long.deliver(message)


def drips_the_body(head: bytes) -> Reply:
    def reply(connection: Connection) -> bool:
        connection.send(head)
        with suppress(OSError):
            drips(b"x" * 1000)(connection)
        return False

    return reply
