"""The conformance tables with every switch in each position, every two of which meet (pairwise)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from jibit_sandbox.testing import SandboxWorld, running_sandbox
from testkit.cases import naming
from tests.sandbox import test_conformance as v2_table
from tests.sandbox import test_wallet_conformance as wallet_table
from tests.sandbox import v3_sheet
from tests.sandbox.described import Reader
from tests.sandbox.merchant import Merchant, codes, joined
from tests.sandbox.pairwise import all_positions, covering_array
from tests.sandbox.ppg_rows import ROWS as V2_ROWS
from tests.sandbox.switched_answers import (
    GOOD,
    v2_codes,
    v3_codes,
    v3_statuses,
    wallet_numbers,
)
from tests.sandbox.test_v3_conformance import ROWS as V3_ROWS
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.v3_rows import USUAL, Facts, arm, request_of
from tests.sandbox.wallet_merchant import WalletMerchant
from tests.sandbox.wallet_rows import ROWS as WALLET_ROWS

POSITIONS = range(len(all_positions()))
FEW = 60  # `make test` sends one row in so many, at one set of positions


def test_every_two_values_of_two_parameters_meet() -> None:
    values = {"a": (1, 2, 3), "b": (True, False), "c": ("x", "y"), "d": (0,)}
    rows = covering_array(values)
    assert len(rows) <= 7
    for one, other in (("a", "b"), ("a", "c"), ("b", "c"), ("a", "d")):
        met = {(row[one], row[other]) for row in rows}
        assert len(met) == len(values[one]) * len(values[other])


class Standing:
    """How the switches of a world stand; they are set only where they differ."""

    def __init__(self, world: SandboxWorld) -> None:
        self.world = world
        self.now: dict[str, Any] = {}

    def stand(self, switches: dict[str, Any]) -> None:
        if switches != self.now:
            self.world.switch(**switches)
            self.now = switches


def first_code(answer: requests.Response, switches: dict[str, Any]) -> str:
    """The answer's first code in the form that the switches want; GOOD if it refuses nothing."""
    if answer.ok:
        return GOOD
    said = answer.json()
    assert len(said["fingerprint"]) == int(switches["fingerprint"])
    is_null = switches["error_message"] == "null"
    assert all((error["message"] is None) == is_null for error in said["errors"])
    return codes(answer)[0]


def check_v2(merchant: Merchant, reader: Reader, position: int, every: int) -> None:
    (order, _), now = merchant.opened(), Standing(merchant.world)
    for row in V2_ROWS[::every]:
        switches = all_positions()[position] | row.switches
        with naming(f"{row} with {switches}"):
            now.stand(switches)
            answer = v2_table.send(merchant, row, order, "en")
            if not row.method and not row.path:
                reader.check_operation(v2_table.OPERATIONS[row.section], answer)
            assert first_code(answer, switches) in v2_codes(row, switches)


def check_v3(merchant: V3Merchant, position: int, every: int) -> None:
    facts, now = Facts(merchant), Standing(merchant.world)
    rows = [row for row in V3_ROWS if not row.later][::every]
    requests_of_rows = [request_of(facts, row, "en") for row in rows]  # while all is usual
    for row, request in zip(rows, requests_of_rows, strict=True):
        switches = all_positions()[position] | row.switches
        with naming(f"{row} with {switches}"):
            now.stand(switches)
            if row.behaviour:
                arm(merchant, row.behaviour, row.code)
            answer = merchant.call(**request)
            said = first_code(answer, switches)
            assert said in v3_codes(row, switches, v3_sheet.CODES)
            assert answer.status_code in v3_statuses(row, switches)


def check_wallet(payee: WalletMerchant, reader: Reader, position: int, every: int) -> None:
    (order, _), now = payee.opened(), Standing(payee.world)
    for row in WALLET_ROWS[::every]:
        switches = all_positions()[position] | row.switches
        with naming(f"{row} with {switches}"):
            now.stand(switches)
            answer = wallet_table.send(payee, row, order, "en")
            if not row.method and not row.path:
                reader.check_operation(f"wallet_{row.call}", answer)
            assert answer.json().get("errorCode", 0) in wallet_numbers(row, switches)


def check(base_url: str, reader: Reader, position: int, every: int) -> None:
    """Send the rows in the default world, which answers also who has no good credentials."""
    world = SandboxWorld(base_url)
    world.control("POST", "reset")
    world.switch(**USUAL)
    with joined(Merchant(world)) as merchant:
        check_v2(merchant, reader, position, every)
    world.switch(**USUAL)
    with joined(V3Merchant(world)) as v3:
        check_v3(v3, position, every)
    world.switch(**USUAL)
    with joined(WalletMerchant(world)) as payee:
        check_wallet(payee, reader, position, every)


@pytest.fixture(scope="module")
def own_sandbox() -> Iterator[SandboxWorld]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.mark.long
@pytest.mark.parametrize("position", POSITIONS)
def test_the_whole_table_holds(own_sandbox: SandboxWorld, reader: Reader, position: int) -> None:
    check(own_sandbox.base_url, reader, position, 1)


def test_some_of_the_table_holds(own_sandbox: SandboxWorld, reader: Reader) -> None:
    check(own_sandbox.base_url, reader, 3, FEW)
