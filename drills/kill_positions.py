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

GATEWAYS = tuple(f"payment_engine/gateways/jibit_{name}.py" for name in ("ppg", "ppg_v3", "wallet"))
V3 = GATEWAYS[1]
SANDBOX = tuple(f"jibit_sandbox/gateways/{name}/api.py" for name in ("ppg_v2", "ppg_v3", "wallet"))

# By the innermost public function that a thread was in; no private name stands here.
STEPS = {
    ("payment_engine/opening.py", "begin"): "checkout: saving order, intent or outcome",
    **{(file, "open"): "create: about to be sent" for file in GATEWAYS},
    ("payment_engine/callbacks.py", "handle_callback"): "callback: recording it, or claiming",
    ("payment_engine/recovery.py", "ask_due"): "worker: taking a due payment",
    ("payment_engine/completion.py", "complete"): "worker: reading a payment, or claiming",
    **{(file, "inquire"): "inquiry: about to be sent" for file in GATEWAYS},
    **{(file, "verify"): "verification: about to be sent" for file in GATEWAYS},
    ("payment_engine/recording.py", "record"): "answer: recording it",
    ("payment_engine/recovery.py", "look_up_due"): "lost create: taking it, or recording it",
    **{(file, "find"): "list: about to be read" for file in GATEWAYS[:2]},
    ("payment_engine/refund_requests.py", "request"): "refund: saving the intent",
    ("payment_engine/refunding.py", "advance"): "refund: claiming it, or recording",
    (V3, "refund"): "refund: about to be sent",
    (V3, "reverse"): "reversal: about to be sent",
    (V3, "refunds_of"): "refund inquiry: about to be sent",
    ("storefront/orders/expiry.py", "expire_once"): "order: expiring it",
    ("jibit_sandbox/web/request_log.py", "log_arrival"): "gateway: a call has come",
    **{(file, "create"): "gateway: opening a payment" for file in SANDBOX},
    **{(file, "inquiry"): "gateway: answering an inquiry" for file in SANDBOX},
    **{(file, "verify"): "gateway: capturing" for file in SANDBOX},
    (SANDBOX[1], "reverse"): "gateway: reversing",
    ("jibit_sandbox/gateways/ppg_v3/refunds_api.py", "refund"): "gateway: taking a refund",
    ("jibit_sandbox/web/request_log.py", "log_answer"): "gateway: about to answer",
}
CALLS = {  # the same steps, once the request has left
    "create: about to be sent": "create: sent, not answered",
    "inquiry: about to be sent": "inquiry: sent, not answered",
    "verification: about to be sent": "verification: sent, not answered",
    "list: about to be read": "list: asked, not read",
    "refund: about to be sent": "refund: sent, not answered",
    "reversal: about to be sent": "reversal: sent, not answered",
    "refund inquiry: about to be sent": "refund inquiry: sent, not answered",
}
JOURNEY = tuple(
    dict.fromkeys(name for step in STEPS.values() for name in (step, CALLS.get(step, step)))
)

HELD_BY_ORDER = "jibit_sandbox/core/held_calls.py"


def where_they_stand(pids: Iterable[int], log: Path) -> list[str]:
    """Return in which steps of a payment's journey the threads of these processes are now."""
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
    """Yield the step in which each thread of a dump was, of those that were in any."""
    for stack in THREAD.split(dump)[1:]:
        frames = [(file.replace("\\", "/"), name) for file, name in FRAME.findall(stack)]
        step = next((STEPS[frame] for frame in frames if frame in STEPS), None)
        # A call that a behaviour holds stands nowhere.
        if step and not any(file == HELD_BY_ORDER for file, _ in frames):
            yield CALLS.get(step, step) if AWAITING.search(stack) else step
