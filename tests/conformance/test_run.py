"""A table of the documents, held against the sandbox and against a gateway that is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jibit_client.conform import Target
from jibit_sandbox.testing import SandboxWorld
from testkit.cases import naming
from tests.client.conform_lines import LINES, gateways_of, other_readings
from tests.conformance.foreign import Heard, Said, foreign
from tests.conformance.judging import Line, Verdict
from tests.conformance.run import Outcome, run
from tests.conformance.sheets import SHEETS

NEVER = {"reverse", "refund", "refund_verify", "refund_retry", "refund_cancel", "refund_start"}
INQUIRIES = [each for each in SHEETS["ppg"].questions if each.section == "Inquiry Order"]
CREATES = [each for each in SHEETS["ppg"].questions if each.section == "Create Order"]


def target(world: SandboxWorld, gateway: str, **changed: Any) -> Target:
    keys = {"apiKey": world.api_key, "secretKey": world.secret_key}
    urls = {"ppg": world.ppg_base_url, "ppg_v3": world.ppg_v3_base_url}
    if gateway == "wallet":
        keys = {"username": world.username, "password": world.password}
    said: dict[str, Any] = {
        "base_url": urls.get(gateway, world.wallet_base_url),
        "may_order": False,
    } | changed
    return Target(gateway, credentials=keys, **said)


def found(outcome: Outcome) -> dict[tuple[str, str], tuple[Verdict, str]]:
    """What became of each row."""
    return {(each.section, each.row): (each.verdict, each.detail) for each in outcome.lines}


def with_verdict(outcome: Outcome, verdict: Verdict) -> list[Line]:
    return [each for each in outcome.lines if each.verdict is verdict]


@pytest.mark.long
@pytest.mark.parametrize("gateway", [*SHEETS])
def test_the_sandbox_agrees_with_its_documents_by_harmless_calls(
    sandbox: SandboxWorld, gateway: str
) -> None:
    outcome = run(target(sandbox, gateway))
    assert with_verdict(outcome, Verdict.DIFFERENT) == []
    assert all(each.usual for each in with_verdict(outcome, Verdict.READS))
    assert sandbox.orders() == []
    assert outcome.created == []
    seen = sandbox.requests_seen()
    assert not NEVER & {each["operation"] for each in seen if each["status"] != 405}
    assert len(seen) <= outcome.calls, "some calls have no merchant"


@pytest.mark.parametrize(
    ("gateway", "switch", "value", "rows"),
    [
        ("wallet", "old_access", "lives", {"After a refresh the old access token is dead"}),
        pytest.param(*("ppg", "first_page", 0, {"Pages count from 1"}), marks=pytest.mark.long),
        pytest.param(
            *("ppg_v3", "v3_bad_credentials", 401),
            {
                'generate: secretKey "x"',
                *('refresh: refreshToken "{access}"', 'refresh: refreshToken "x"'),
                "Wrong keys are security.bad_credentials, HTTP 400",
                "A used refresh token is security.bad_credentials, HTTP 400",
            },
            marks=pytest.mark.long,
        ),
    ],
)
def test_a_switch_is_told_in_its_own_rows_as_a_reading(
    sandbox: SandboxWorld, gateway: str, switch: str, value: object, rows: set[str]
) -> None:
    before = found(run(target(sandbox, gateway)))
    sandbox.switch(**{switch: value})
    after = found(run(target(sandbox, gateway)))
    changed = {each for each in before if before[each] != after[each]}
    assert {row for _, row in changed} == rows
    assert {after[each][0] for each in changed} == {Verdict.READS}


@pytest.mark.long
@pytest.mark.parametrize(("switch", "value"), [*other_readings()])
def test_no_position_of_a_switch_is_a_difference(
    sandbox: SandboxWorld, switch: str, value: object
) -> None:
    sandbox.switch(**{switch: value})
    for gateway in gateways_of(switch):
        if gateway in LINES[switch].no_token:
            continue
        with naming(gateway):
            outcome = run(target(sandbox, gateway, may_order=True))
            assert with_verdict(outcome, Verdict.DIFFERENT) == []


def test_with_leave_the_orders_are_small_and_unpaid_and_listed(sandbox: SandboxWorld) -> None:
    rows = [each for each in SHEETS["ppg_v3"].questions if each.whole and each.call == "create"]
    outcome = run(target(sandbox, "ppg_v3", may_order=True), rows)
    (order,) = sandbox.orders()
    assert (order["state"], order["amount_rials"]) == ("awaiting", 115_000)
    assert outcome.created == [order["reference_number"]]
    assert outcome.created[0].startswith("conform-")
    assert {each.verdict for each in outcome.lines} == {
        *(Verdict.AGREED, Verdict.READS, Verdict.NOT_SENT),
    }


def test_a_strangers_mistakes_are_told_each_in_its_row(sandbox: SandboxWorld) -> None:
    waits: list[float] = []
    refused = iter([Said(429, headers=(("Retry-After", "7"),))])
    script = {
        "text/html": Said(200),
        "application/xml": Said(406, "<h1>406</h1>", "text/html"),
        "application/json;q=0": Said(hangs=True),
    }

    def says(heard: Heard) -> Said | None:
        if heard.headers.get("Authorization") == "Bearer wrong":
            return next(refused, None)
        return script.get(heard.headers.get("Accept", ""))

    with foreign(sandbox.base_url, says) as url:
        asked = target(
            *(sandbox, "ppg"), base_url=f"{url}/ppg/v2", read_timeout=1.0, sleep=waits.append,
            patience_seconds=60.0,
        )  # fmt: skip
        lines = found(run(asked, INQUIRIES))
    inquiries = {row: told for (section, row), told in lines.items() if section == "Inquiry Order"}
    assert inquiries["inquiry: Accept: text/html"] == (Verdict.DIFFERENT, "HTTP 200")
    xml = inquiries["inquiry: Accept: application/xml"]
    assert xml == (Verdict.DIFFERENT, "HTTP 406, an HTML page")
    slow = inquiries["inquiry: Accept: application/json;q=0"]
    assert slow == (Verdict.NOT_SEEN, "no answer: no whole answer in time")
    assert inquiries["inquiry: Authorization: Bearer wrong"][0] is Verdict.READS
    assert waits == [7.0]
    others = [told for told, _ in inquiries.values() if told is Verdict.DIFFERENT]
    assert len(others) == 2


def test_one_order_that_should_have_been_refused_is_the_last_one(sandbox: SandboxWorld) -> None:
    def says(heard: Heard) -> Said | None:
        is_create = (heard.method, heard.path) == ("POST", "/ppg/v2/orders")
        return Said(body=json.dumps({"orderIdentifier": "AbCd1234"})) if is_create else None

    with foreign(sandbox.base_url, says) as url:
        outcome = run(target(sandbox, "ppg", base_url=f"{url}/ppg/v2"), CREATES[:4])
    assert len(outcome.created) == 1
    told = [each.detail for each in outcome.lines if each.section == "Create Order"]
    assert sum("no create is sent any more" in each for each in told) == 3


def test_a_run_that_is_interrupted_says_what_it_had_found(sandbox: SandboxWorld) -> None:
    def stop_at_the_lists(section: str) -> None:
        if section == "Orders List":
            raise KeyboardInterrupt

    lists = next(each for each in SHEETS["ppg"].questions if each.section == "Orders List")
    outcome = run(target(sandbox, "ppg"), [INQUIRIES[0], lists], stop_at_the_lists)
    assert [each.verdict for each in outcome.lines] == [Verdict.READS, Verdict.NOT_SENT]
    assert outcome.lines[1].detail == outcome.stopped == "It was interrupted."
