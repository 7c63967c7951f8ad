"""Ask the system whether its clock is synchronised; only systemd's machines can tell."""

from __future__ import annotations

import shutil
import subprocess

from storefront.doctor.findings import Findings, not_checked, ok, warning

QUESTION = ("show", "--property=NTPSynchronized", "--value")
SECONDS = 5.0


def synchronised() -> Findings:
    """Check that NTP keeps the clock of this machine."""
    program = shutil.which("timedatectl")
    said = _asked(program) if program else ""
    if said == "yes":
        yield ok("this machine's clock is synchronised by NTP")
    elif said == "no":
        todo = "run timedatectl set-ntp true, or install chrony"
        yield warning("this machine's clock is not synchronised", todo)
    else:
        yield not_checked("timedatectl cannot tell here", "see that NTP runs on this machine")


def _asked(program: str) -> str:
    command = (program, *QUESTION)
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    return done.stdout.strip()
