"""Where tests keep their files: in memory where the machine lends enough, for disks are slow.

Every test has a PostgreSQL database of its own, which is many files: making one took 0.5 s on a
slow disk and 0.04 s in memory. Benchmarks stay on the disk, whose syncs they measure.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - Linux's own; elsewhere, and in small containers, the disk
ENOUGH_BYTES = 2 << 30


def keep_in_memory() -> None:
    """Send all temporary files there, our processes' too, unless TMPDIR says where they go."""
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and _lends_enough():
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def _lends_enough() -> bool:
    return shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES
