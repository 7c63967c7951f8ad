"""The messages of the wires, and the values at which one of their fields might leave the bounds.

The limits are written out here, not imported: they are promises to whoever stores the values.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.client.documents import CREATED, LIST, order, page
from tests.client.scripted import Reply, says
from tests.client.wallet_documents import INITIATED, VERIFIED, result
from tests.client.wallet_documents import order as wallet_order
from tests.client.wires import PPG, WALLET, Wire

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
MOST_ODD_FIELDS = 20
LONGEST_FIELD_NAME = 31
MOST_CODES = 20
LONGEST_CODE = 100
LONGEST_FINGERPRINT = 100

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Message:
    """An answer of a gateway, and the fields that make it no answer when they are odd.

    ``call`` asks for it at ``at``, where the four operations that all gateways have do not.
    """

    name: str
    wire: Wire
    operation: str  # create, verify, inquiry or list
    document: Any
    strict: frozenset[Path]
    status: int = 200
    at: str = ""
    call: Callable[[Any], object] | None = None

    @property
    def route(self) -> str:
        """Where it is the answer of."""
        if self.at:
            return self.at
        return LIST if self.operation == "list" else str(getattr(self.wire, self.operation))

    def paths(self) -> list[Path]:
        """Where something stands in the document."""
        return list(_paths(self.document))

    def groups(self) -> list[list[Path]]:
        """The fields that decide something one by one, then all others together."""
        others = [path for path in self.paths() if not self._decides(path)]
        return [*([path] for path in self.paths() if path not in others), others]

    def _decides(self, path: Path) -> bool:
        holds_more = any(other[:-1] == path for other in self.paths())
        return holds_more or path in self.strict or path[-1:] in ORDER_STRICT

    def must_be_read(self, *changed: Path) -> bool:
        """Whether it counts all the same when these fields are odd."""
        return bool(self.status == 200 and self.strict and not self.strict & set(changed))

    def says(self, changed: dict[Path, object]) -> Reply:
        """The reply with other values in these places."""
        document = copy.deepcopy(self.document)
        for path, value in changed.items():
            place = document
            for name in path[:-1]:
                place = place[name]
            place[path[-1]] = value
        return says(document, self.status)


def _paths(document: object, above: Path = ()) -> Iterator[Path]:
    inside: Any = ()
    if isinstance(document, dict):
        inside = document.items()
    elif isinstance(document, list):
        inside = enumerate(document)
    for name, value in inside:
        yield (*above, name)
        yield from _paths(value, (*above, name))


def _strict(*paths: str) -> frozenset[Path]:
    return frozenset(tuple(path.split(".")) for path in paths)


ERRORS = {"fingerprint": "a1b2", "errors": [{"code": "a.b", "message": "پیام"}, {"code": "c.d"}]}
NO = {"errorCode": 1007, "message": "پیام", "result": None}
NOTHING = _strict()
ORDER_STRICT = _strict("id", "referenceNumber", "amount", "currency", "status")
PAGE_STRICT = _strict("pageNumber", "hasNext", "elements")
FLAT = _strict("statusV", "merchantOrderId", "amount")
ENVELOPE = _strict("errorCode", "result")
ENVELOPED = ENVELOPE | _strict("result.statusV", "result.merchantOrderId", "result.amount")
INITIATED_STRICT = ENVELOPE | _strict(
    "result.orderId", "result.merchantOrderId", "result.redirectUrl"
)
VERIFIED_STRICT = ENVELOPE | _strict("result.merchantOrderId", "result.amount")
BOTH_SHAPES = wallet_order() | result(wallet_order())

MESSAGES = [
    Message("create", PPG, "create", CREATED, _strict(*CREATED)),
    Message("verify", PPG, "verify", {"status": "Successful"}, _strict("status")),
    Message("inquiry", PPG, "inquiry", order(), ORDER_STRICT),
    Message("list", PPG, "list", page(order()), PAGE_STRICT),
    Message("refusal", PPG, "verify", ERRORS, NOTHING, status=400),
    Message("failure", PPG, "verify", ERRORS, NOTHING, status=500),
    Message("initiate", WALLET, "create", result(INITIATED), INITIATED_STRICT),
    Message("verify", WALLET, "verify", result(VERIFIED), VERIFIED_STRICT),
    Message("bare inquiry", WALLET, "inquiry", wallet_order(), FLAT),
    Message("inquiry", WALLET, "inquiry", result(wallet_order()), ENVELOPED),
    Message("inquiry of both shapes", WALLET, "inquiry", BOTH_SHAPES, FLAT | ENVELOPED),
    Message("no", WALLET, "create", NO, NOTHING),
    Message("no to a verification", WALLET, "verify", NO, NOTHING),
    Message("refusal", WALLET, "verify", NO, NOTHING, status=400),
]

LENGTHS = (1, 30, 31, 64, 65, 100, 101, 255, 256, 500, 501, 2000, 2001, 8192, 8193, 10_000)
TEXTS = [
    *("x" * length for length in LENGTHS),
    *("ک" * length for length in (64, 65, 2000, 2001)),
    *("9" * length for length in (16, 19, 64, 65, 255)),
    *("*" * length for length in (30, 31, 10_000)),
    *("", " ", "\n", "\x00", "\ud800", "a\udfff", "\u202e", "\U0010ffff"),
    *("\x1b[31m", "\x07", "\x7f", "\x9b2J", "a\r\nb", "می\u200cشود", "\u2066a", "\u200f", "\ufeff"),
    *("https://a.test/\r\nX: y", "https://[", "javascript:alert(1)"),
    *("..", "a/../b", "6037991234561234", "Bearer access-1 " * 100),
]
DATES = [
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999Z"),
    *("9999-12-31T23:59:59-23:59", "1999-12-31T23:59:59Z", "2000-01-01T00:00:00Z"),
    *("2100-01-01T00:00:00Z", "2100-01-01T00:00:00.000001Z", "2020-06-10T15:50:55"),
    *("2020-06-10", "2020-W24-3", "2020-02-30T00:00:00Z", "2020-06-10T24:00:00Z", "٢٠٢٠-٠٦-١٠"),
]
NUMBERS = [
    *(0, 1, -1, 10**15, 10**18, 2**31, 2**62, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**400),
    *(0.0, 0.5, -0.5, 1e308, 5e-324, 200000.0, 6037991234561234, 6037991234561234567),
]
OTHERS: list[object] = [
    *(None, True, False, [], {}, ["x"], [[[[1]]]], {"a": {"b": [1, "c"]}}, [None] * 1000),
    {"code": "a"},
]
BOUNDARIES: list[object] = [*TEXTS, *DATES, *NUMBERS, *OTHERS]


def is_printable(text: str) -> bool:
    """Whether any database, terminal and log takes this text: one line of letters to be seen."""
    return all(letter.isprintable() or letter == "\u200c" for letter in text)


def assert_moment_bounded(moment: datetime) -> None:
    """It is in UTC, and so far from the ends of time that days can be added."""
    assert moment.utcoffset() == timedelta(0)
    assert EARLIEST <= moment <= LATEST


def assert_names_bounded(names: tuple[str, ...]) -> None:
    """So few odd fields are named, and so shortly, that they fit into a line."""
    assert len(names) <= MOST_ODD_FIELDS
    assert all(len(name) <= LONGEST_FIELD_NAME and name.isascii() for name in names)


def assert_facts_bounded(error: Any) -> None:
    """Codes, fingerprint and text of an error can be stored."""
    assert len(error.codes) <= MOST_CODES
    assert all(len(code) <= LONGEST_CODE and is_printable(code) for code in error.codes)
    assert len(error.fingerprint or "") <= LONGEST_FINGERPRINT
    assert is_printable(str(error))
