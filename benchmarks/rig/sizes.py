"""How much a measurement does: what its variable in the environment says, or enough to tell."""

from __future__ import annotations

import os


def whole_number(name: str, usual: int) -> int:
    """Return what the environment says, or what is usual."""
    return int(os.environ.get(name) or usual)
