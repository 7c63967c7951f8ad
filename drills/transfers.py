"""What the banks do with the refunds of a storm: some fail, the others are done after an hour."""

from __future__ import annotations

import time
from contextlib import suppress
from random import Random
from threading import Event

import requests
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from drills.ledgers import rows
from jibit_sandbox.testing import SandboxWorld

EVERY = 4.0  # seconds from one failed transfer to the next
AN_HOUR = 3700  # seconds; then every transfer that no bank refuses is done
PATIENCE = 60.0  # seconds until the shop has asked; what takes longer is still on its way
UNDER_WAY = """
    SELECT gateway_payment_id AS identifier FROM refunds JOIN payments ON payments.id = payment_id
    WHERE refunds.state = 'in_progress' AND method = 'refund' ORDER BY refunds.id DESC LIMIT 20
"""
TO_REPEAT = """
    SELECT id FROM payments WHERE state = 'returned' AND id NOT IN (
        SELECT payment_id FROM refunds WHERE state NOT IN ('failed', 'cancelled')
    )
"""


def fail_some_transfers(seed: int, bank: SandboxWorld, engine: Engine, over: Event) -> None:
    """Let a bank refuse a transfer now and then, until it is over."""
    chance = Random(f"{seed}/transfers")  # noqa: S311 - repeatable is the point
    while not over.wait(EVERY):
        with suppress(OperationalError, requests.RequestException, ValueError):  # one is down
            if found := rows(engine, UNDER_WAY):
                bank.halt_refund(chance.choice(found)["identifier"], "FAILED", reason="storm")


def let_transfers_end(bank: SandboxWorld, engine: Engine) -> None:
    """Let an hour pass at the gateway, the shop ask about its refunds, the merchant repeat some."""
    bank.clock.advance(AN_HOUR)
    for waited_for in (UNDER_WAY, TO_REPEAT):
        deadline = time.monotonic() + PATIENCE
        while rows(engine, waited_for) and time.monotonic() < deadline:
            time.sleep(0.5)
