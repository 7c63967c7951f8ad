"""One purchase is one trace: the checkout, the worker that finds the payment, and the letter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanContext

from jibit_sandbox.testing import SandboxWorld
from storefront.core import logs, spans
from storefront.core.log_context import known
from storefront.worker import jobs
from testkit.clock import MovingClock
from testkit.databases import SqliteFiles
from testkit.settings import at_gateways
from testkit.shopper import DETAILS, Shopper
from tests.conftest import open_shop


@pytest.fixture
def shop(
    sqlite_files: SqliteFiles, sandbox: SandboxWorld, clock: MovingClock, tmp_path: Path
) -> Iterator[Flask]:
    """A shop at PPG v2."""
    with (
        sqlite_files.fresh(tmp_path / "traces", stocked=True) as url,
        open_shop(url, sandbox, clock, **at_gateways(sandbox)) as app,
    ):
        yield app
    logs.set_format("text")  # the calls that go well are not told of any more


@pytest.fixture
def collected(shop: Flask) -> InMemorySpanExporter:
    """What the shop's spans are handed to."""
    exporter = InMemorySpanExporter()
    spans.begin(shop, SimpleSpanProcessor(exporter))
    return exporter


def test_a_lost_callback_is_found_in_the_trace_of_the_checkout(
    shop: Flask, collected: InMemorySpanExporter, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    shopper = Shopper(shop)
    shopper.put_in_cart()
    shopper.open("/checkout")
    collected.clear()
    shopper.press("Pay", **DETAILS, email="maryam@example.com", national_code="0499370899")
    assert shopper.sent_to
    sandbox.pay_and_vanish(shopper.sent_to)
    clock.advance(60)
    assert jobs.run_job(shop, "recover_payments") == {"paid": 1}
    assert jobs.run_job(shop, "send_emails") == {"delivered": 1}
    assert known() == {}

    found = {span.name: span for span in collected.get_finished_spans()}
    assert sorted(found) == sorted(
        [
            *("POST /checkout", "attend to a payment", "send order_paid"),
            *(f"gateway {call}" for call in ("generate", "create")),
            *(f"gateway {call}" for call in ("inquiry", "verify")),
        ]
    )
    assert len({trace_of(span) for span in found.values()}) == 1
    checkout, worked = found["POST /checkout"], found["attend to a payment"]
    assert checkout.parent is None
    assert parent_of(found["send order_paid"]) == id_of(checkout)
    assert parent_of(worked) == id_of(checkout)
    assert parent_of(found["gateway verify"]) == id_of(worked)
    told = attributes_of(found["gateway verify"])
    assert told["storefront.job"] == "recover_payments"
    assert (told["storefront.outcome"], told["storefront.gateway"]) == (200, "ppg")
    assert attributes_of(checkout)["storefront.status"] == 303
    assert_nothing_personal(found.values(), sandbox)


def test_a_browser_that_comes_back_goes_on_with_the_trace_of_its_order(
    shop: Flask, collected: InMemorySpanExporter, sandbox: SandboxWorld
) -> None:
    shopper = Shopper(shop)
    switching_url = shopper.goes_to_pay()
    (placed,) = [each for each in collected.get_finished_spans() if each.name == "POST /checkout"]
    collected.clear()
    shopper.client.environ_base["HTTP_TRACEPARENT"] = f"00-{'a' * 32}-{'b' * 16}-01"
    shopper.open(sandbox.pay(switching_url))
    found = collected.get_finished_spans()
    (worked,) = [span for span in found if span.name == "attend to a payment"]
    assert trace_of(worked) == trace_of(placed)
    returned = next(span for span in found if "callback" in span.name)
    assert [link.context.span_id for link in worked.links] == [id_of(returned)]
    assert "a" * 32 not in {f"{trace_of(span):032x}" for span in found}


def test_what_is_raised_is_named_by_its_class_alone(
    shop: Flask, collected: InMemorySpanExporter
) -> None:
    tracing = shop.extensions["traces"]
    with pytest.raises(ValueError, match="09121234567"), tracing.span("work", None, {}):
        raise ValueError("of 09121234567")
    (span,) = collected.get_finished_spans()
    assert (span.status.is_ok, span.status.description) == (False, "ValueError")
    assert "09121234567" not in span.to_json()


def assert_nothing_personal(found: Iterable[ReadableSpan], sandbox: SandboxWorld) -> None:
    written = json.dumps([json.loads(span.to_json()) for span in found], ensure_ascii=False)
    hidden = [
        "09121234567",
        "maryam",
        "0499370899",
        "مریم",
        "http://",
        "Bearer",
        sandbox.secret_key,
    ]
    assert [word for word in hidden if word in written] == []


def context_of(span: ReadableSpan) -> SpanContext:
    context = span.get_span_context()
    assert context is not None
    return context


def trace_of(span: ReadableSpan) -> int:
    return context_of(span).trace_id


def id_of(span: ReadableSpan) -> int:
    return context_of(span).span_id


def parent_of(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None


def attributes_of(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})
