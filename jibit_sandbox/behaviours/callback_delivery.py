"""Callbacks that the sandbox itself sends and logs, like a second browser."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from jibit_sandbox.core.callback import Callback
from jibit_sandbox.core.context import sandbox
from jibit_sandbox.core.models import Order
from jibit_sandbox.core.settings import Settings
from jibit_sandbox.web.request_log import log_delivery

TIMEOUT_SECONDS = 10  # seconds a shop has for its answer
USER_AGENT = "jibit-sandbox (callback)"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One callback; without an answer ``status`` is None and ``fate`` says why."""

    sent: Callback
    status: int | None
    body: str
    took_ms: float
    fate: str


def deliver(order: Order, callback: Callback, times: int = 1) -> list[Delivery]:
    """Send the callback ``times`` times at once, wait for all answers and log them."""
    from concurrent.futures import ThreadPoolExecutor  # a sandbox that sends none starts faster

    settings = sandbox().settings
    with ThreadPoolExecutor(times) as pool:
        deliveries = list(pool.map(lambda _: fetch(callback, settings), range(times)))
    with sandbox().store.writing() as session:
        for delivery in deliveries:
            log_delivery(session, order, delivery)
    return deliveries


def fetch(callback: Callback, settings: Settings) -> Delivery:
    """Open the callback's URL, or post its form there; follow no redirect."""
    import requests  # as above

    from jibit_sandbox.behaviours.callback_targets import adapter_for

    began = perf_counter()
    headers = {"User-Agent": USER_AGENT, "Connection": "close"}
    try:
        with requests.Session() as browser:
            browser.trust_env = False
            adapter = adapter_for(callback.url, settings)
            for scheme in ("http://", "https://"):
                browser.mount(scheme, adapter)
            answer = browser.request(
                "GET" if callback.form is None else "POST",
                callback.url,
                data=callback.form,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
                headers=headers,
            )
    except requests.RequestException as error:
        return Delivery(
            callback, None, "", elapsed(began), f"not delivered: {type(error).__name__}"
        )
    return Delivery(callback, answer.status_code, answer.text[:2000], elapsed(began), "answered")


def elapsed(began: float) -> float:
    return round((perf_counter() - began) * 1000, 3)
