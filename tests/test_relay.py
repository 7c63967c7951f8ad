"""What stands before the shop of `make run` takes no form of which it does not know the length."""

from __future__ import annotations

import http.client
from http import HTTPStatus

from storefront.devserver.relay import MOST_BYTES, Relay
from testkit.cases import naming

LENGTHS = ("-1", "ten", "1e3", "9" * 5_000, str(MOST_BYTES + 1))


def asked(relay: Relay, name: str, value: str) -> int:
    """Send a POST with this header and no form; return the status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", relay.server_address[1], timeout=10)
    connection.putrequest("POST", "/checkout")
    connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.will_close  # the form would be read as the next request
    connection.close()
    return answer.status


def test_a_form_of_unknown_or_too_great_length_is_refused_at_once() -> None:
    with Relay(("127.0.0.1", 0), ("127.0.0.1", 9)) as relay:  # nobody is behind it
        relay.start()
        for length in LENGTHS:
            with naming(length[:20]):
                assert asked(relay, "Content-Length", length) == HTTPStatus.LENGTH_REQUIRED
        assert asked(relay, "Transfer-Encoding", "chunked") == HTTPStatus.LENGTH_REQUIRED
        relay.shutdown()
