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
FRAME = re.compile(r'^  File ".*[/\\]storefront[/\\](.+)", line \d+ in (\w+)$', re.MULTILINE)
AWAITING = re.compile(r" in getresponse$", re.MULTILINE)  # the request has left

STEPS = {
    ("checkout.py", "_write_down"): "checkout sent → order placed, payment initiated",
    ("checkout.py", "begin_payment"): "paying again → payment initiated",
    ("checkout.py", "_open"): "payment initiated → create sent",
    ("checkout.py", "_note_opened"): "create answered → recorded",
    ("checkout.py", "_note_not_opened"): "create answered → recorded",
    ("completion.py", "receive_callback"): "callback come → payment found",
    ("reconciliation.py", "_taken"): "payment due → taken by a worker",
    ("completion.py", "_inquire"): "payment found or taken → inquiry sent",
    ("completion.py", "_put_off"): "callback come, nothing asked → noted",
    ("completion.py", "_claim"): "inquiry answered → claimed",
    ("completion.py", "_verify"): "claimed → verify sent",
    ("completion.py", "_record"): "verify answered → recorded",
    ("reconciliation.py", "_look_up"): "create lost → list asked",
    ("reconciliation.py", "_adopt"): "list read → recorded",
    ("reconciliation.py", "_close"): "list read → recorded",
    ("reconciliation.py", "_postpone"): "list read → recorded",
    ("reconciliation.py", "_lapse"): "order stale → lapsed",
    ("sandbox/traffic.py", "arrive"): "gateway: call come → understood",
    ("sandbox/ppg/api.py", "create"): "gateway: create understood → done",
    ("sandbox/ppg/api.py", "inquiry"): "gateway: inquiry understood → done",
    ("sandbox/ppg/api.py", "verify"): "gateway: verify understood → done",
    ("sandbox/traffic.py", "write_down"): "gateway: done → answered",
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
        # A call that hangs by order stands nowhere.
        if step and not any(file == "sandbox/holds.py" for file, _ in frames):
            yield CALLS.get(step, step) if AWAITING.search(stack) else step
