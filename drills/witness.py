"""Where the threads of a process stood when it was killed, so that it can be shown what was cut.

Just before the kill -9 the process is asked by a signal; Python's faulthandler writes every
thread's stack to the log, and the process goes on. The kill follows within milliseconds.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parent / "hook")}
PATIENCE = 0.05  # seconds; who has not answered by then is killed unasked
THREAD = re.compile(r"^(?:Current thread|Thread) 0x.*$", re.MULTILINE)
PARTS = "storefront|payment_engine|jibit_sandbox"
FRAME = re.compile(rf'^  File ".*[/\\]((?:{PARTS})[/\\].+)", line \d+ in (\w+)$', re.MULTILINE)
AWAITING = re.compile(r" in getresponse$", re.MULTILINE)  # the request has left

STEPS = {
    ("payment_engine/opening.py", "begin"): "checkout sent → order placed, payment initiated",
    ("payment_engine/opening.py", "_record_opened"): "create answered → recorded",
    ("payment_engine/opening.py", "_record_not_opened"): "create answered → recorded",
    ("payment_engine/opening.py", "_open"): "payment initiated → create sent",
    ("payment_engine/completion.py", "handle_callback"): "callback come → recorded",
    ("payment_engine/recovery.py", "_taken"): "payment due → taken by a worker",
    ("payment_engine/completion.py", "_inquire"): "payment found or taken → inquiry sent",
    ("payment_engine/completion.py", "_leave_to_worker"): "nothing asked → left to the worker",
    ("payment_engine/completion.py", "_claim"): "inquiry answered → claimed",
    ("payment_engine/completion.py", "_verify"): "claimed → verify sent",
    ("payment_engine/recording.py", "record"): "verify answered → recorded",
    ("payment_engine/recovery.py", "_adopt"): "list read → recorded",
    ("payment_engine/recovery.py", "_close"): "list read → recorded",
    ("payment_engine/recovery.py", "_postpone"): "list read → recorded",
    ("payment_engine/recovery.py", "_look_up"): "create lost → list asked",
    ("storefront/orders/expiry.py", "_expire_one"): "order stale → lapsed",
    ("jibit_sandbox/web/request_log.py", "log_arrival"): "gateway: call come → understood",
    ("jibit_sandbox/gateways/ppg_v2/api.py", "create"): "gateway: create understood → done",
    ("jibit_sandbox/gateways/ppg_v2/api.py", "inquiry"): "gateway: inquiry understood → done",
    ("jibit_sandbox/gateways/ppg_v2/api.py", "verify"): "gateway: verify understood → done",
    ("jibit_sandbox/gateways/wallet/api.py", "create"): "gateway: create understood → done",
    ("jibit_sandbox/gateways/wallet/api.py", "inquiry"): "gateway: inquiry understood → done",
    ("jibit_sandbox/gateways/wallet/api.py", "verify"): "gateway: verify understood → done",
    ("jibit_sandbox/web/request_log.py", "log_answer"): "gateway: done → answered",
}
CALLS = {
    "payment initiated → create sent": "create sent → answered",
    "payment found or taken → inquiry sent": "inquiry sent → answered",
    "claimed → verify sent": "verify sent → answered",
    "create lost → list asked": "list asked → read",
}
JOURNEY = tuple(
    dict.fromkeys(name for step in STEPS.values() for name in (step, CALLS.get(step, step)))
)

HELD_BY_ORDER = "jibit_sandbox/core/held_calls.py"


def where_they_stand(pids: Iterable[int], log: Path) -> list[str]:
    """Between which steps of a payment's journey the threads of these processes are now."""
    before = log.stat().st_size
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGUSR2)
    _wait_until_said(log, before)
    with log.open(errors="replace") as told:
        told.seek(before)
        return list(steps_in(told.read()))


def _wait_until_said(log: Path, before: int) -> None:
    deadline, seen = time.monotonic() + PATIENCE, before
    while time.monotonic() < deadline:
        time.sleep(0.002)
        size = log.stat().st_size
        if size == seen > before:
            return
        seen = size


def steps_in(dump: str) -> Iterator[str]:
    """The step in which each thread of a dump was, of those that were in any."""
    for stack in THREAD.split(dump)[1:]:
        frames = [(file.replace("\\", "/"), name) for file, name in FRAME.findall(stack)]
        step = next((STEPS[frame] for frame in frames if frame in STEPS), None)
        # A call that a behaviour holds stands nowhere.
        if step and not any(file == HELD_BY_ORDER for file, _ in frames):
            yield CALLS.get(step, step) if AWAITING.search(stack) else step
