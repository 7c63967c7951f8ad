"""Callbacks that the sandbox itself sends by GET and logs, like a second browser."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from jibit_sandbox.core.context import sandbox
from jibit_sandbox.core.models import Order
from jibit_sandbox.core.settings import Settings
from jibit_sandbox.web.request_log import log_delivery

TIMEOUT_SECONDS = 10  # seconds a shop has for its answer
USER_AGENT = "jibit-sandbox (callback)"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One GET of a callback URL; without an answer ``status`` is None and ``fate`` says why."""

    url: str
    status: int | None
    body: str
    took_ms: float
    fate: str


def deliver(order: Order, url: str, times: int = 1) -> list[Delivery]:
    """Send the callback ``times`` times at once, wait for all answers and log them."""
    from concurrent.futures import ThreadPoolExecutor  # a sandbox that sends none starts faster

    settings = sandbox().settings
    with ThreadPoolExecutor(times) as pool:
        deliveries = list(pool.map(lambda _: fetch(url, settings), range(times)))
    with sandbox().store.writing() as session:
        for delivery in deliveries:
            log_delivery(session, order, delivery)
    return deliveries


def fetch(url: str, settings: Settings) -> Delivery:
    import requests  # as above

    from jibit_sandbox.behaviours.callback_targets import adapter_for

    began = perf_counter()
    headers = {"User-Agent": USER_AGENT, "Connection": "close"}
    try:
        with requests.Session() as browser:
            browser.trust_env = False
            adapter = adapter_for(url, settings)
            for scheme in ("http://", "https://"):
                browser.mount(scheme, adapter)
            answer = browser.get(
                url, timeout=TIMEOUT_SECONDS, allow_redirects=False, headers=headers
            )
    except requests.RequestException as error:
        return Delivery(url, None, "", elapsed(began), f"not delivered: {type(error).__name__}")
    return Delivery(url, answer.status_code, answer.text[:2000], elapsed(began), "answered")


def elapsed(began: float) -> float:
    return round((perf_counter() - began) * 1000, 3)
