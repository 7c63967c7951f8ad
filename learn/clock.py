"""The shop's time, in seconds since 1970: the course can move it, so that nobody has to wait."""

import os
import time
from pathlib import Path

CLOCK = Path(os.environ.get("CLOCK", "clock.txt"))


def now() -> float:
    """Return the time; `python -m learn later 900` moves it by fifteen minutes."""
    return time.time() + (float(CLOCK.read_text()) if CLOCK.exists() else 0)
