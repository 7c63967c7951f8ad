"""The HTTP server below everything: connections that live on, odd requests, odd bodies."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from jibit_sandbox.testing import SandboxWorld
from jibit_sandbox.web.wsgi import LARGEST_BODY
from tests.sandbox.merchant import Merchant
from tests.sandbox.raw import read_all


@contextmanager
def connected(world: SandboxWorld) -> Iterator[socket.socket]:
    url = urlsplit(world.base_url)
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=10) as connection:
        yield connection


def read_answer(connection: socket.socket) -> tuple[bytes, bytes]:
    """Status line and body of one answer on a connection that stays open."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head.split(b"\r\n")[0], body


def test_a_connection_serves_one_call_after_another(merchant: Merchant) -> None:
    ask = (
        f"GET /ppg/v2/orders HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {merchant.access_token}\r\nContent-Length: 2\r\n\r\n[]"
    ).encode()
    with connected(merchant.world) as connection:
        for _ in range(3):
            connection.sendall(ask)
            assert read_answer(connection)[0] == b"HTTP/1.1 200 OK"


def test_calls_sent_before_the_answers_were_read_are_answered_in_order(
    merchant: Merchant,
) -> None:
    missing = b"GET /ppg/v2/nothing HTTP/1.1\r\nHost: x\r\n\r\n"
    clock = b"GET /_sandbox/clock HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with connected(merchant.world) as connection:
        connection.sendall(missing + clock)
        received = read_all(connection).received
    assert received.index(b"HTTP/1.1 404") < received.index(b"HTTP/1.1 200")


def test_a_chunked_body_is_understood(merchant: Merchant) -> None:
    order = (
        b'{"amount": 1000, "referenceNumber": "chunked", "userIdentifier": "u",'
        b' "callbackUrl": "https://shop.example/"}'
    )
    pieces = (order[:20], order[20:])
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    head = (
        f"POST /ppg/v2/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {merchant.access_token}\r\nTransfer-Encoding: chunked\r\n\r\n"
    ).encode()
    with connected(merchant.world) as connection:
        connection.sendall(head + chunked)
        assert read_answer(connection)[0] == b"HTTP/1.1 200 OK"
    assert merchant.world.orders()[0]["reference_number"] == "chunked"


@pytest.mark.parametrize(
    ("length", "status"),
    [(str(LARGEST_BODY + 1), b"413"), ("-1", b"400"), ("many", b"400")],
)
def test_a_body_that_cannot_be_taken_is_refused(
    world: SandboxWorld, length: str, status: bytes
) -> None:
    head = f"POST /ppg/v2/orders HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()
    with connected(world) as connection:
        connection.sendall(head)
        if status == b"413":
            connection.sendall(b"x" * (LARGEST_BODY + 1))
        answer = read_all(connection)
    assert answer.received.split(b" ")[1] == status


def test_a_client_that_leaves_in_the_middle_disturbs_nobody(merchant: Merchant) -> None:
    with connected(merchant.world) as connection:
        connection.sendall(b"POST /ppg/v2/orders HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
    assert merchant.list().ok
