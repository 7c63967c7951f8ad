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

WRONG = [
    (
        "after the pause everybody calls the dead gateway",
        [(PROBE, PROBE.replace("            self.retry_at = now() + PAUSE\n", ""))],
    ),
    ("a refusal counts as silence", [(NO, "")]),
    ("who finds no slot waits for one", [(SLOT, "slots.acquire()")]),
]
