"""Chapter 12: typical wrong solutions."""

PROBE = """                return False
            self.retry_at = now() + PAUSE
            return True
"""
SLOT = "slots.acquire(timeout=SLOT_WAIT)"
NO = """    except (Refused, DeadToken):
        answered = True
        raise
"""
KEPT = "<p>The gateway does not answer now. Your order is kept: try again in a minute.</p>"
TIMEOUT = "timeout=timeouts"
WAITS = "    while time.monotonic() < g.give_up:\n"

WRONG = [
    (
        "after the pause everybody calls the dead gateway",
        [(PROBE, PROBE.replace("            self.retry_at = now() + PAUSE\n", ""))],
    ),
    ("a refusal counts as silence", [(NO, "")]),
    ("refused keys count as silence", [(NO, NO.replace("(Refused, DeadToken)", "Refused"))]),
    ("the page of an open order says nothing", [(KEPT, "")]),
    ("who finds no slot waits for one", [(SLOT, "slots.acquire()")]),
    (
        "inquiry and verify have no timeout",
        [(TIMEOUT, TIMEOUT.replace("timeouts", 'None if "/orders/" in path else timeouts'))],
    ),
    (
        "a call for a token has no timeout",
        [(TIMEOUT, TIMEOUT.replace("timeouts", 'timeouts if "headers" in more else None'))],
    ),
    (
        "the wait for another process's renewal has a time of its own",
        [
            (
                WAITS,
                """    give_up = time.monotonic() + LEASE
    while time.monotonic() < give_up:
""",
            )
        ],
    ),
]
