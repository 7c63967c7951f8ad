"""Callbacks that the sandbox itself delivers, as if another browser had: sent by GET and logged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import requests

from jibit_sandbox.core.context import sandbox
from jibit_sandbox.core.models import Order
from jibit_sandbox.web.request_log import log_delivery

PATIENCE = 10  # seconds a shop has for its answer
WHO = "storefront-sandbox (callback)"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One GET of a callback URL; without a status nobody answered, and ``fate`` says why."""

    url: str
    status: int | None
    body: str
    took_ms: float
    fate: str


def deliver(order: Order, url: str, times: int = 1) -> list[Delivery]:
    """Call the shop back ``times`` times at once, and wait for all its answers."""
    with ThreadPoolExecutor(times) as pool:
        deliveries = list(pool.map(fetch, [url] * times))
    with sandbox().store.writing() as session:
        for delivery in deliveries:
            log_delivery(session, order, delivery)
    return deliveries


def fetch(url: str) -> Delivery:
    began = perf_counter()
    try:
        with requests.Session() as browser:
            browser.trust_env = False
            headers = {"User-Agent": WHO, "Connection": "close"}
            answer = browser.get(url, timeout=PATIENCE, allow_redirects=False, headers=headers)
    except requests.RequestException as error:
        return Delivery(url, None, "", elapsed(began), f"not delivered: {type(error).__name__}")
    return Delivery(url, answer.status_code, answer.text[:2000], elapsed(began), "answered")


def elapsed(began: float) -> float:
    return round((perf_counter() - began) * 1000, 3)
